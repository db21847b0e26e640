/** RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2), verification only and synchronous: logs and authorities of some instances sign with RSA. */
import { AppError } from '../errors.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { DER_INTEGER, DER_SEQUENCE, derElements, derOne } from './der.ts';

export interface RsaKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
  /** Bytes of the modulus, and of a signature. */
  readonly size: number;
}

/** Bits of a modulus: fewer are broken, more only cost time. */
const BITS_MIN = 2048;
const BITS_MAX = 8192;

/** DigestInfo up to the digest (RFC 8017 section 9.2, note 1). */
const PREFIX: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

/** @param der RSAPublicKey (RFC 8017 appendix A.1.1) @throws AppError ATTEST_DER, ATTEST_KEY */
export function parseRsaKey(der: Uint8Array): RsaKey {
  const [modulus, exponent, ...rest] = derElements(derOne(der, DER_SEQUENCE));
  if (modulus?.tag !== DER_INTEGER || exponent?.tag !== DER_INTEGER || rest.length > 0) {
    throw new AppError('ATTEST_KEY', { why: 'structure' });
  }
  const n = positive(modulus.value);
  const e = positive(exponent.value);
  const bits = n.toString(2).length;
  if (bits < BITS_MIN || bits > BITS_MAX || e < 3n || e > 0xffffffffn || e % 2n === 0n) {
    throw new AppError('ATTEST_KEY', { why: 'RSA key of unusual size' });
  }
  return { modulus: n, exponent: e, size: Math.ceil(bits / 8) };
}

/** The whole encoded message is made again and compared: nothing in a signature is parsed, so nothing can hide in it. */
export function verifyRsa(key: RsaKey, hash: string, digest: Uint8Array, signature: Uint8Array): boolean {
  const prefix = PREFIX[hash];
  if (prefix === undefined || signature.length !== key.size) return false;
  const s = BigInt(`0x${toHex(signature)}`);
  if (s >= key.modulus) return false;
  const info = prefix + toHex(digest);
  const padding = key.size - info.length / 2 - 3;
  if (padding < 8) return false;
  return power(s, key.exponent, key.modulus) === BigInt(`0x0001${'ff'.repeat(padding)}00${info}`);
}

/**
 * The encoded message a signature stands for (RFC 8017 section 5.2.2), as many bytes as the modulus has.
 *
 * @returns null when the signature is not of the key's size
 */
export function rsaMessage(key: RsaKey, signature: Uint8Array): Uint8Array | null {
  if (signature.length !== key.size) return null;
  const s = BigInt(`0x${toHex(signature)}`);
  if (s >= key.modulus) return null;
  return fromHex(
    power(s, key.exponent, key.modulus)
      .toString(16)
      .padStart(key.size * 2, '0'),
  );
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function positive(bytes: Uint8Array): bigint {
  const [first, second] = bytes;
  const padded = first === 0 && (second ?? 0) < 0x80;
  if (first === undefined || first >= 0x80 || padded) throw new AppError('ATTEST_DER', { why: 'integer', offset: 0 });
  return BigInt(`0x${toHex(bytes)}`);
}
