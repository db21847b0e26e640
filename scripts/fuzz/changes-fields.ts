/** Changes of numbers, lengths and fields where these seem to be, and of words. */
import { concat, insertAt, repeated, REPEATED_MAX } from './bytes.ts';
import type { Change } from './change.ts';
import { edgeNumber, repeat, setByte } from './changes-blind.ts';
import { EDGES, putNumber, readNumber, varintBytes } from './numbers.ts';
import type { Random } from './random.ts';
import { structureOf, type Seed } from './seed.ts';
import type { ProtoField } from './structure.ts';

export const BINARY: readonly Change[] = [field, field, field, protoValue, protoLength, protoWrap, protoRepeat, word];

/** A number that may be a length, a count or an offset gets an edge value, its neighbour, or one about the file. */
function field(random: Random, bytes: Uint8Array, seed: Seed): Uint8Array {
  const { numbers } = structureOf(seed);
  if (numbers.length === 0) return edgeNumber(random, bytes);
  const { at, width, big } = random.pick(numbers);
  const now = readNumber(bytes, at, width, big);
  const size = BigInt(bytes.length);
  const about = [now + 1n, now - 1n, now * 2n, now + 8n, size, size - BigInt(at), size + 1n, -now, now * 1024n];
  return putNumber(bytes, at, width, big, random.chance(0.5) ? random.pick(EDGES) : random.pick(about));
}

function protoField(
  random: Random,
  bytes: Uint8Array,
  seed: Seed,
  wanted: (one: ProtoField) => boolean,
): ProtoField | null {
  const { proto } = structureOf(seed);
  for (let tries = 0; tries < 8 && proto.length > 0; tries += 1) {
    const one = random.pick(proto);
    if (wanted(one) && one.end <= bytes.length) return one;
  }
  return null;
}

function protoValue(random: Random, bytes: Uint8Array, seed: Seed): Uint8Array {
  const one = protoField(random, bytes, seed, ({ wire }) => wire === 0);
  if (one === null) return field(random, bytes, seed);
  return concat(bytes.subarray(0, one.value), varintBytes(random, random.pick(EDGES)), bytes.subarray(one.end));
}

function protoLength(random: Random, bytes: Uint8Array, seed: Seed): Uint8Array {
  const one = protoField(random, bytes, seed, ({ wire }) => wire === 2);
  if (one === null) return field(random, bytes, seed);
  return concat(bytes.subarray(0, one.value), varintBytes(random, random.pick(EDGES)), bytes.subarray(one.content));
}

/** A message inside itself, many times. */
function protoWrap(random: Random, bytes: Uint8Array, seed: Seed): Uint8Array {
  const one = protoField(random, bytes, seed, ({ wire }) => wire === 2);
  if (one === null) return repeat(random, bytes);
  const tag = bytes.slice(one.at, one.value);
  let body = bytes.slice(one.at, one.end);
  for (let depth = random.pick([1, 2, 99, 101, 300]); depth > 0 && body.length < REPEATED_MAX / 2; depth -= 1) {
    body = concat(tag, varintBytes(random, BigInt(body.length)), body);
  }
  return concat(bytes.subarray(0, one.at), body, bytes.subarray(one.end));
}

function protoRepeat(random: Random, bytes: Uint8Array, seed: Seed): Uint8Array {
  const one = protoField(random, bytes, seed, () => true);
  if (one === null) return repeat(random, bytes);
  const piece = bytes.slice(one.at, one.end);
  return insertAt(bytes, one.at, repeated(piece, random.pick([1, 1, 2, 50, 2000])));
}

export function word(
  random: Random,
  bytes: Uint8Array,
  _seed: Seed,
  _others: readonly Seed[],
  words: readonly Uint8Array[],
): Uint8Array {
  if (words.length === 0) return setByte(random, bytes);
  const at = random.below(bytes.length + 1);
  const one = random.pick(words);
  if (random.chance(0.5)) return insertAt(bytes, at, one);
  return concat(bytes.subarray(0, at), one, bytes.subarray(Math.min(bytes.length, at + one.length)));
}
