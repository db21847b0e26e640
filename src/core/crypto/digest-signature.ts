/** Signatures over a digest that was made elsewhere, so that files of any size need not be in memory. */
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import type { Curve } from './public-key.ts';
import { rsaMessage, type RsaKey } from './rsa.ts';

const GROUPS = { 'P-256': p256, 'P-384': p384, 'P-521': p521 } as const;
const HASHES = { sha256, sha384, sha512 } as const;

interface EcKey {
  readonly curve: Curve;
  readonly point: Uint8Array;
}

/** Whether a key's point is on its curve: with another one nothing can be said. */
export function ecdsaIsPoint({ curve, point }: EcKey): boolean {
  try {
    GROUPS[curve].Point.fromBytes(point);
    return true;
  } catch {
    return false;
  }
}

/**
 * ECDSA (FIPS 186-5) over a digest.
 *
 * @param key whose point is on its curve
 * @param raw r ‖ s, each of the curve's size
 */
export function ecdsaHolds({ curve, point }: EcKey, digest: Uint8Array, raw: Uint8Array): boolean {
  return GROUPS[curve].verify(raw, digest, point, { prehash: false, format: 'compact', lowS: false });
}

/**
 * RSASSA-PSS (RFC 8017 section 9.1.2) over a digest, mask generation with the same hash, salt of any length: OpenSSL makes
 * it as long as fits unless told otherwise, others as long as the digest.
 */
export function rsaPssHolds(
  key: RsaKey,
  name: keyof typeof HASHES,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const message = rsaMessage(key, signature);
  if (message === null) return false;
  const hash = HASHES[name];
  const bits = key.modulus.toString(2).length - 1;
  // One bit less than the modulus: with 8k + 1 bits that is a byte less, which must then be zero.
  const encoded = message.subarray(message.length - Math.ceil(bits / 8));
  if (encoded.length < message.length && message[0] !== 0) return false;
  if (encoded.length < hash.outputLen + 2) return false;
  const masked = encoded.slice(0, encoded.length - hash.outputLen - 1);
  const h = encoded.subarray(masked.length, encoded.length - 1);
  const spare = 8 * encoded.length - bits;
  if (encoded.at(-1) !== 0xbc || masked[0]! >> (8 - spare) !== 0) return false;
  const mask = maskOf(h, masked.length, hash);
  const block = masked.map((byte, i) => byte ^ mask[i]!);
  block[0]! &= 0xff >> spare;
  const one = block.findIndex((byte) => byte !== 0);
  if (one === -1 || block[one] !== 1) return false;
  const salt = block.subarray(one + 1);
  const expected = hash.create().update(new Uint8Array(8)).update(digest).update(salt).digest();
  return expected.every((byte, i) => byte === h[i]);
}

/** MGF1 (RFC 8017 appendix B.2.1). */
function maskOf(seed: Uint8Array, length: number, hash: (typeof HASHES)[keyof typeof HASHES]): Uint8Array {
  const mask = new Uint8Array(length);
  for (let at = 0, counter = 0; at < length; at += hash.outputLen, counter++) {
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, counter);
    const part = hash.create().update(seed).update(number).digest();
    mask.set(part.subarray(0, length - at), at);
  }
  return mask;
}
