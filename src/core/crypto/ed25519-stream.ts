/**
 * Ed25519 (RFC 8032 section 5.1.7) over a message of any length, in one pass and flat memory: k = SHA-512(R ‖ A ‖ M) is
 * taken from a stream. The rule is the strict one of libsodium's `crypto_sign_verify_detached`, which minisign and signify
 * use or match: S below the group's order, A and R in their one encoding and not of small order, and [S]B − [k]A must
 * encode to the very bytes of R (no cofactor).
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { fromHex } from '../bytes/hex.ts';

/** Where SHA-512 over a stream comes from: any provider of hashers. */
interface StreamedSha512 {
  create(algorithm: 'sha512', size: number): Promise<{ update(bytes: Uint8Array): void; digest(): string }>;
}

type Point = ReturnType<typeof ed25519.Point.fromBytes>;

/** @param key 32 bytes @returns whether a signature by it can mean anything: canonical, on the curve, not of small order */
export function isEd25519Key(key: Uint8Array): boolean {
  return pointOf(key) !== null;
}

/**
 * @param key 32 bytes
 * @param signature R ‖ S; anything but 64 bytes does not hold
 * @param message its bytes in order, not asked for when key or signature alone rule it out
 * @param size bytes of the message
 * @throws whatever reading the message throws
 */
export async function ed25519Holds(
  key: Uint8Array,
  signature: Uint8Array,
  message: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
  hashes: StreamedSha512,
): Promise<boolean> {
  if (signature.length !== 64) return false;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const a = pointOf(key);
  if (a === null || s >= ed25519.Point.Fn.ORDER || pointOf(r) === null) return false;
  const hasher = await hashes.create('sha512', 64 + size);
  hasher.update(r.slice());
  hasher.update(key.slice());
  for await (const chunk of message()) hasher.update(chunk);
  const k = littleEndian(fromHex(hasher.digest())) % ed25519.Point.Fn.ORDER;
  const expected = ed25519.Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes();
  return expected.every((byte, i) => byte === r[i]);
}

function pointOf(bytes: Uint8Array): Point | null {
  try {
    const point = ed25519.Point.fromBytes(bytes);
    return point.isSmallOrder() ? null : point;
  } catch {
    return null;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[i]!);
  return value;
}
