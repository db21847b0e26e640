/** RSASSA-PSS (RFC 8017 section 8.1) with the salt as long as the hash, by WebCrypto. */
import { fromHex } from '../bytes/hex.ts';
import { AppError } from '../errors.ts';
import { DER_BIT_STRING, DER_OID, DER_SEQUENCE, derElements, derOid, derOne } from './der.ts';
import type { Hash } from './public-key.ts';
import { parseRsaKey } from './rsa.ts';

const RSA = '1.2.840.113549.1.1.1';
/** A key that is for PSS alone (RFC 4055 section 1.2). WebCrypto does not take this name of it. */
const RSA_PSS = '1.2.840.113549.1.1.10';
/** AlgorithmIdentifier of rsaEncryption, parameters NULL. */
const RSA_ALGORITHM = '300d06092a864886f70d0101010500';
const SALT: Readonly<Record<Hash, number>> = { 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };

/** @param spki DER @throws AppError ATTEST_DER, ATTEST_KEY {why} */
export async function verifyPss(
  spki: Uint8Array,
  hash: Hash,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const algorithm = { name: 'RSA-PSS', hash };
  const { subtle } = globalThis.crypto;
  const plain = plainRsa(spki);
  try {
    const key = await subtle.importKey('spki', plain, algorithm, false, ['verify']);
    return await subtle.verify({ name: 'RSA-PSS', saltLength: SALT[hash] }, key, signature.slice(), data.slice());
  } catch (error) {
    throw new AppError('ATTEST_KEY', { why: 'refused' }, error);
  }
}

/** The same key under the name that every platform takes. */
function plainRsa(spki: Uint8Array): Uint8Array<ArrayBuffer> {
  const [algorithm, bits] = derElements(derOne(spki, DER_SEQUENCE));
  if (algorithm?.tag !== DER_SEQUENCE || bits?.tag !== DER_BIT_STRING || bits.value[0] !== 0)
    throw new AppError('ATTEST_KEY', { why: 'structure' });
  const [oid] = derElements(algorithm.value);
  const name = oid?.tag === DER_OID ? derOid(oid.value) : '';
  if (name !== RSA && name !== RSA_PSS) throw new AppError('ATTEST_KEY', { why: 'algorithm', algorithm: name });
  // Its size is looked at there.
  parseRsaKey(bits.value.subarray(1));
  const head = fromHex(RSA_ALGORITHM);
  const length = head.length + bits.whole.length;
  // A modulus of 2,048 bits or more takes two bytes of length, and 8,192 no more.
  const out = new Uint8Array(4 + length);
  out.set([0x30, 0x82, Math.floor(length / 256), length % 256]);
  out.set(head, 4);
  out.set(bits.whole, 4 + head.length);
  return out;
}
