/** Public keys (SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7) and signatures by them. */
import { AppError } from '../errors.ts';
import { DER_BIT_STRING, DER_OID, DER_SEQUENCE, derElements, derOid, derOne, ecdsaRaw } from './der.ts';
import { parseRsaKey, type RsaKey } from './rsa.ts';

export type Curve = 'P-256' | 'P-384' | 'P-521';

export type PublicKey =
  | { readonly type: 'ec'; readonly curve: Curve; readonly spki: Uint8Array; readonly point: Uint8Array }
  | { readonly type: 'ed25519'; readonly spki: Uint8Array; readonly point: Uint8Array }
  | { readonly type: 'rsa'; readonly spki: Uint8Array; readonly rsa: RsaKey };

export type Hash = 'SHA-256' | 'SHA-384' | 'SHA-512';

const EC = '1.2.840.10045.2.1';
const RSA = '1.2.840.113549.1.1.1';
const ED25519 = '1.3.101.112';
const CURVES: Readonly<Record<string, Curve>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

/** Bytes of one coordinate, and of r and s. */
export const CURVE_BYTES: Readonly<Record<Curve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

/** The hash a curve is used with unless something else is stated. */
export const CURVE_HASH: Readonly<Record<Curve, Hash>> = { 'P-256': 'SHA-256', 'P-384': 'SHA-384', 'P-521': 'SHA-512' };

/** @param spki DER @throws AppError ATTEST_DER, ATTEST_KEY {why} */
export function parsePublicKey(spki: Uint8Array): PublicKey {
  const [algorithm, bits] = derElements(derOne(spki, DER_SEQUENCE));
  if (algorithm?.tag !== DER_SEQUENCE || bits?.tag !== DER_BIT_STRING || bits.value[0] !== 0) {
    throw new AppError('ATTEST_KEY', { why: 'structure' });
  }
  const [oid, parameters] = derElements(algorithm.value);
  if (oid?.tag !== DER_OID) throw new AppError('ATTEST_KEY', { why: 'structure' });
  const point = bits.value.subarray(1);
  const name = derOid(oid.value);
  switch (name) {
    case RSA:
      return { type: 'rsa', spki, rsa: parseRsaKey(point) };
    case ED25519:
      if (point.length !== 32) throw new AppError('ATTEST_KEY', { why: 'point' });
      return { type: 'ed25519', spki, point };
    case EC: {
      const curve = parameters?.tag === DER_OID ? CURVES[derOid(parameters.value)] : undefined;
      if (curve === undefined) throw new AppError('ATTEST_KEY', { why: 'curve' });
      if (point[0] !== 4 || point.length !== 1 + 2 * CURVE_BYTES[curve])
        throw new AppError('ATTEST_KEY', { why: 'point' });
      return { type: 'ec', curve, spki, point };
    }
    default:
      throw new AppError('ATTEST_KEY', { why: 'algorithm', algorithm: name });
  }
}

/**
 * Whether `signature` is by `key` over `data`. ECDSA signatures are DER; where `raw` is allowed, 2 × size bytes that are
 * no DER are taken as r ‖ s. RSA is PKCS #1 v1.5.
 *
 * @throws AppError ATTEST_KEY when the platform does not take the key
 */
export async function verifySignature(
  key: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
  { hash, raw = false }: { readonly hash?: Hash; readonly raw?: boolean } = {},
): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  const spki = key.spki.slice();
  const bytes = data.slice();
  if (key.type === 'rsa') {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: hash ?? 'SHA-256' };
    const imported = await imports(() => subtle.importKey('spki', spki, algorithm, false, ['verify']));
    return subtle.verify(algorithm, imported, signature.slice(), bytes);
  }
  if (key.type === 'ed25519') {
    const { ed25519 } = await import('@noble/curves/ed25519.js');
    return signature.length === 64 && ed25519.verify(signature, data, key.point, { zip215: false });
  }
  const size = CURVE_BYTES[key.curve];
  const p1363 = asRaw(signature, size, raw);
  if (p1363 === null) return false;
  const algorithm = { name: 'ECDSA', hash: hash ?? CURVE_HASH[key.curve] };
  const imported = await subtle
    .importKey('spki', spki, { name: 'ECDSA', namedCurve: key.curve }, false, ['verify'])
    .catch(() => null);
  if (imported !== null) return subtle.verify(algorithm, imported, p1363, bytes);
  // Not every platform knows P-521, and all refuse points that are not on the curve: noble tells which of both it is.
  return nobleVerify(key.curve, key.point, await subtle.digest(algorithm.hash, bytes), p1363);
}

function asRaw(signature: Uint8Array, size: number, allowed: boolean): Uint8Array<ArrayBuffer> | null {
  try {
    return ecdsaRaw(signature, size);
  } catch {
    return allowed && signature.length === 2 * size ? signature.slice() : null;
  }
}

async function nobleVerify(curve: Curve, point: Uint8Array, digest: ArrayBuffer, raw: Uint8Array): Promise<boolean> {
  const nist = await import('@noble/curves/nist.js');
  const group = { 'P-256': nist.p256, 'P-384': nist.p384, 'P-521': nist.p521 }[curve];
  try {
    group.Point.fromBytes(point);
  } catch (error) {
    throw new AppError('ATTEST_KEY', { why: 'point' }, error);
  }
  return group.verify(raw, new Uint8Array(digest), point, { prehash: false, format: 'compact', lowS: false });
}

async function imports(work: () => Promise<CryptoKey>): Promise<CryptoKey> {
  try {
    return await work();
  } catch (error) {
    throw new AppError('ATTEST_KEY', { why: 'refused' }, error);
  }
}
