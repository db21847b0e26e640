/** Changes of bytes: blind ones, and ones that know where numbers, fields and words stand. */
import type { Random } from './random.ts';
import { structureOf, type Seed } from './seed.ts';
import type { ProtoField } from './structure.ts';

/** Longer mutants are cut: what matters breaks early, and a run is about many inputs. */
export const MUTANT_MAX = 512 * 1024;

const KiB = 1024;
/** Values at which counters, lengths and signs turn. */
const EDGES: readonly bigint[] = [
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
const TEXT_NUMBERS = [
  '0',
  '-0',
  '-1',
  '1',
  '4.0',
  '1e400',
  '-1e9',
  '0x10',
  '00',
  '2147483648',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '18446744073709551615',
  '18446744073709551616',
  '1'.repeat(400),
  'NaN',
  'Infinity',
  'null',
  'true',
  '""',
  '[]',
  '{}',
];
const TEXT_WORDS = [
  '{', '}', '[', ']', '"', "'", ',', ':', '\\', '\n', '\r\n', '\0', '\u{feff}', '\\ud800', '\\u0000', '../', '/', '%2e',
  '{{', '}}', '{%', '%}', '{#', '|', '.__class__', "['__globals__']", '__proto__', 'constructor', '*', '(', ')', '#',
  '---', '- ', '!!python/object', '&a *a', '\u202e', '\u{1f600}', ' ', '\t', '=', '  ', 'sha256:', 'http://', ';',
]; // prettier-ignore

type Change = (
  random: Random,
  bytes: Uint8Array,
  seed: Seed,
  others: readonly Seed[],
  words: readonly Uint8Array[],
) => Uint8Array;

const encoder = new TextEncoder();
const TEXT_WORD_BYTES = TEXT_WORDS.map((word) => encoder.encode(word));
const TEXT_NUMBER_BYTES = TEXT_NUMBERS.map((word) => encoder.encode(word));

const BLIND: readonly Change[] = [flip, setByte, noise, cut, drop, repeat, move, splice, edgeNumber, zero, nudge];
const BINARY: readonly Change[] = [field, field, field, protoValue, protoLength, protoWrap, protoRepeat, word];
const TEXT: readonly Change[] = [textNumber, textNumber, textWord, textWord, nest, line, word, splice];

/** One to eight changes, more of the kind that fits the seed. */
export function mutate(random: Random, seed: Seed, others: readonly Seed[], words: readonly Uint8Array[]): Uint8Array {
  const { text } = structureOf(seed);
  const fitting = text ? TEXT : BINARY;
  let bytes = seed.bytes.slice();
  let changes = 1 + (random.chance(0.5) ? random.below(3) : 0) + (random.chance(0.1) ? random.below(6) : 0);
  for (; changes > 0; changes -= 1) {
    const change = random.chance(0.6) ? random.pick(fitting) : random.pick(BLIND);
    bytes = change(random, bytes, seed, others, words) as typeof bytes;
    if (bytes.length > MUTANT_MAX) bytes = bytes.subarray(0, MUTANT_MAX);
  }
  return bytes;
}

function flip(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  return bytes;
}

function setByte(random: Random, bytes: Uint8Array): Uint8Array {
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
function repeat(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  const piece = bytes.slice(at, at + random.length(512));
  if (piece.length === 0) return bytes;
  const times = random.pick([1, 1, 1, 2, 8, 64, 1000, 5000]);
  const most = Math.floor(Math.min(64 * KiB, MUTANT_MAX - bytes.length) / piece.length);
  return insertAt(bytes, at, tile(piece, Math.max(0, Math.min(times, most))));
}

function move(random: Random, bytes: Uint8Array): Uint8Array {
  const from = random.below(bytes.length);
  const piece = bytes.slice(from, from + random.length(256));
  const to = random.below(bytes.length);
  bytes.set(piece.subarray(0, bytes.length - to), to);
  return bytes;
}

/** The head of this with the tail of another, or a piece of another in the middle. */
function splice(random: Random, bytes: Uint8Array, _seed: Seed, others: readonly Seed[]): Uint8Array {
  const other = random.pick(others).bytes;
  const at = random.below(bytes.length + 1);
  const from = random.below(other.length + 1);
  if (random.chance(0.5)) return concat(bytes.subarray(0, at), other.subarray(from));
  return insertAt(bytes, at, other.subarray(from, from + random.length(4096)));
}

function edgeNumber(random: Random, bytes: Uint8Array): Uint8Array {
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
  for (let depth = random.pick([1, 2, 99, 101, 300]); depth > 0 && body.length < 32 * KiB; depth -= 1) {
    body = concat(tag, varintBytes(random, BigInt(body.length)), body);
  }
  return concat(bytes.subarray(0, one.at), body, bytes.subarray(one.end));
}

function protoRepeat(random: Random, bytes: Uint8Array, seed: Seed): Uint8Array {
  const one = protoField(random, bytes, seed, () => true);
  if (one === null) return repeat(random, bytes);
  const piece = bytes.slice(one.at, one.end);
  const most = Math.floor((64 * KiB) / Math.max(1, piece.length));
  return insertAt(bytes, one.at, tile(piece, Math.min(most, random.pick([1, 1, 2, 50, 2000]))));
}

function word(
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

function textWord(random: Random, bytes: Uint8Array): Uint8Array {
  return word(random, bytes, NONE, [], TEXT_WORD_BYTES);
}

function textNumber(random: Random, bytes: Uint8Array): Uint8Array {
  let at = random.below(bytes.length);
  while (at < bytes.length && !isDigit(bytes[at]!)) at += 1;
  let end = at;
  while (end < bytes.length && isDigit(bytes[end]!)) end += 1;
  return concat(bytes.subarray(0, at), random.pick(TEXT_NUMBER_BYTES), bytes.subarray(end));
}

/** An opening word hundreds or thousands of times, with or without the closing one. */
function nest(random: Random, bytes: Uint8Array): Uint8Array {
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['(', ')'],
    ['{{', '}}'],
    ['{% if a %}', '{% endif %}'],
    ['(?:', ')*'],
    ['"', ''],
    ['\\', ''],
    ['- ', ''],
    ['  ', ''],
    ['*', ''],
  ] as const);
  const times = random.pick([10, 126, 129, 1000, 20_000]);
  const at = random.below(bytes.length + 1);
  const opened = insertAt(bytes, at, encoder.encode(open.repeat(times).slice(0, 64 * KiB)));
  if (close === '' || random.chance(0.4)) return opened;
  return insertAt(opened, opened.length - (bytes.length - at), encoder.encode(close.repeat(times).slice(0, 64 * KiB)));
}

function line(random: Random, bytes: Uint8Array): Uint8Array {
  const start = bytes.lastIndexOf(10, random.below(bytes.length)) + 1;
  const stop = bytes.indexOf(10, start);
  const end = stop < 0 ? bytes.length : stop + 1;
  if (random.chance(0.5)) return without(bytes, start, end);
  const piece = bytes.slice(start, end);
  const most = Math.max(1, Math.floor((64 * KiB) / Math.max(1, piece.length)));
  return insertAt(bytes, start, tile(piece, Math.min(most, random.pick([1, 1, 3, 100, 5000]))));
}

const NONE: Seed = { name: '', bytes: new Uint8Array(0) };

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function readNumber(bytes: Uint8Array, at: number, width: number, big: boolean): bigint {
  let value = 0n;
  for (let i = 0; i < width; i += 1) value = value * 256n + BigInt(bytes[big ? at + i : at + width - 1 - i] ?? 0);
  return value;
}

function putNumber(bytes: Uint8Array, at: number, width: number, big: boolean, value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, value);
  for (let i = 0; i < width; i += 1) {
    const place = big ? at + width - 1 - i : at + i;
    if (place < bytes.length) bytes[place] = Number(rest % 256n);
    rest /= 256n;
  }
  return bytes;
}

/** A varint, sometimes longer than it has to be. */
function varintBytes(random: Random, value: bigint): Uint8Array {
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

function tile(piece: Uint8Array, times: number): Uint8Array {
  const out = new Uint8Array(piece.length * times);
  for (let i = 0; i < times; i += 1) out.set(piece, i * piece.length);
  return out;
}

function insertAt(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, at), piece, bytes.subarray(at));
}

function without(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return concat(bytes.subarray(0, start), bytes.subarray(end));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    out.set(part, filled);
    filled += part.length;
  }
  return out;
}
