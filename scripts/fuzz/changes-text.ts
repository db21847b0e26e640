/** Changes of text: numbers, words, lines, nesting. */
import { concat, insertAt, repeated, REPEATED_MAX, without } from './bytes.ts';
import type { Change } from './change.ts';
import { splice } from './changes-blind.ts';
import { word } from './changes-fields.ts';
import type { Random } from './random.ts';
import type { Seed } from './seed.ts';

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

const encoder = new TextEncoder();
const TEXT_WORD_BYTES = TEXT_WORDS.map((word) => encoder.encode(word));
const TEXT_NUMBER_BYTES = TEXT_NUMBERS.map((word) => encoder.encode(word));
const NONE: Seed = { name: '', bytes: new Uint8Array(0) };

export const TEXT: readonly Change[] = [textNumber, textNumber, textWord, textWord, nest, line, word, splice];

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
  const opened = insertAt(bytes, at, encoder.encode(open.repeat(times).slice(0, REPEATED_MAX)));
  if (close === '' || random.chance(0.4)) return opened;
  return insertAt(
    opened,
    opened.length - (bytes.length - at),
    encoder.encode(close.repeat(times).slice(0, REPEATED_MAX)),
  );
}

function line(random: Random, bytes: Uint8Array): Uint8Array {
  const start = bytes.lastIndexOf(10, random.below(bytes.length)) + 1;
  const stop = bytes.indexOf(10, start);
  const end = stop < 0 ? bytes.length : stop + 1;
  if (random.chance(0.5)) return without(bytes, start, end);
  const piece = bytes.slice(start, end);
  return insertAt(bytes, start, repeated(piece, random.pick([1, 1, 3, 100, 5000])));
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
