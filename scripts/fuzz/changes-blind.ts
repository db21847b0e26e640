/** Changes that know nothing of what they change. */
import { concat, insertAt, repeated, without } from './bytes.ts';
import type { Change } from './change.ts';
import { EDGES, putNumber } from './numbers.ts';
import type { Random } from './random.ts';
import type { Seed } from './seed.ts';

export const BLIND: readonly Change[] = [
  flip,
  setByte,
  noise,
  cut,
  drop,
  repeat,
  move,
  splice,
  edgeNumber,
  zero,
  nudge,
];

function flip(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  return bytes;
}

export function setByte(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  return bytes;
}

function noise(random: Random, bytes: Uint8Array): Uint8Array {
  const insert = Uint8Array.from({ length: random.length(64) }, () => random.below(256));
  return insertAt(bytes, random.below(bytes.length + 1), insert);
}

function cut(random: Random, bytes: Uint8Array): Uint8Array {
  return random.chance(0.5) ? bytes.slice(0, random.below(bytes.length + 1)) : bytes.slice(0, -random.length(64));
}

function drop(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  return without(bytes, at, at + random.length(bytes.length));
}

/** The same piece again and again: long lists, deep nests. */
export function repeat(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  const piece = bytes.slice(at, at + random.length(512));
  if (piece.length === 0) return bytes;
  const times = random.pick([1, 1, 1, 2, 8, 64, 1000, 5000]);
  return insertAt(bytes, at, repeated(piece, times));
}

function move(random: Random, bytes: Uint8Array): Uint8Array {
  const from = random.below(bytes.length);
  const piece = bytes.slice(from, from + random.length(256));
  const to = random.below(bytes.length);
  bytes.set(piece.subarray(0, bytes.length - to), to);
  return bytes;
}

/** The head of this with the tail of another, or a piece of another in the middle. */
export function splice(random: Random, bytes: Uint8Array, _seed: Seed, others: readonly Seed[]): Uint8Array {
  const other = random.pick(others).bytes;
  const at = random.below(bytes.length + 1);
  const from = random.below(other.length + 1);
  if (random.chance(0.5)) return concat(bytes.subarray(0, at), other.subarray(from));
  return insertAt(bytes, at, other.subarray(from, from + random.length(4096)));
}

export function edgeNumber(random: Random, bytes: Uint8Array): Uint8Array {
  return putNumber(
    bytes,
    random.below(bytes.length),
    random.pick([1, 2, 4, 8]),
    random.chance(0.3),
    random.pick(EDGES),
  );
}

function zero(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  return bytes.fill(random.chance(0.7) ? 0 : 0xff, at, at + random.length(256));
}

function nudge(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0) bytes[random.below(bytes.length)]! += random.pick([1, -1, 2, -2, 8, -8]);
  return bytes;
}
