/** Numbers in bytes, and the values at which readers stumble. */
import type { Random } from './random.ts';

/** Values at which counters, lengths and signs turn. */
export const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  7n,
  8n,
  127n,
  128n,
  255n,
  256n,
  65_535n,
  65_536n,
  (1n << 24n) - 1n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 8n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 40n) + 1n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 61n) + 1n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 8n,
  (1n << 64n) - 1n,
];

export function readNumber(bytes: Uint8Array, at: number, width: number, big: boolean): bigint {
  let value = 0n;
  for (let i = 0; i < width; i += 1) value = value * 256n + BigInt(bytes[big ? at + i : at + width - 1 - i] ?? 0);
  return value;
}

export function putNumber(bytes: Uint8Array, at: number, width: number, big: boolean, value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, value);
  for (let i = 0; i < width; i += 1) {
    const place = big ? at + width - 1 - i : at + i;
    if (place < bytes.length) bytes[place] = Number(rest % 256n);
    rest /= 256n;
  }
  return bytes;
}

/** A varint, sometimes longer than it has to be. */
export function varintBytes(random: Random, value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    out.push(Number(rest % 128n) + 128);
    rest /= 128n;
  } while (rest > 0n);
  if (random.chance(0.05)) for (let more = random.below(12); more > 0; more -= 1) out.push(0x80);
  out[out.length - 1]! -= random.chance(0.03) ? 0 : 128;
  return Uint8Array.from(out);
}
