import type { Finding } from '../finding.ts';
import type { ClassifyOptions } from './classify.ts';
import { describePickle } from './read.ts';
import type { PickleStream } from './stream.ts';

/** Starting points that are tried; random bytes have one in about 16,000. */
const TRIES = 4_096;
const FOUND_MAX = 32;
/** Bytes given to one try. */
const REACH = 256 * 1024;
/** Bytes read over all tries, which may overlap: without this, 14 kB of `c…\n` inside each other take seconds. */
const READ_MAX = 2 * 1024 * 1024;

export interface Carved {
  readonly streams: readonly PickleStream[];
  /** What to say when not every place was tried. */
  readonly stopped: Finding | null;
}

/**
 * Searches bytes that belong to nothing for pickle streams that import something they should not: after a PROTO opcode,
 * or at a text import. Only what is certainly meant as a pickle counts, because weights contain every byte sequence.
 *
 * @param base offset of the first byte, for offsets in the result
 */
export function carvePickles(bytes: Uint8Array, base: number, options: ClassifyOptions = {}): Carved {
  const found: PickleStream[] = [];
  let tries = 0;
  let read = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (!mayBegin(bytes, at)) continue;
    if (tries >= TRIES || read >= READ_MAX || found.length >= FOUND_MAX) {
      return { streams: found, stopped: stoppedAt(base + at, tries) };
    }
    tries += 1;
    const stream = describePickle(bytes.subarray(at, at + REACH), options, base + at);
    read += stream.end - stream.start;
    if (!isMeant(stream)) continue;
    // The same end again: the tail of a name that was longer in the try before.
    const before = found.at(-1);
    if (before !== undefined && before.end === stream.end && !isDangerous(before)) found.pop();
    found.push(stream);
    if (isDangerous(stream)) at = Math.max(at, stream.end - base - 1);
  }
  return { streams: found, stopped: null };
}

function stoppedAt(offset: number, count: number): Finding {
  const what = 'places where a pickle could begin, and not all were looked at';
  return { code: 'many-entries', severity: 'caution', offset, detail: { what, count } };
}

/** PROTO 2 to 5, or a GLOBAL or INST with two plain lines (protocols 0 and 1 have no magic). */
function mayBegin(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]!;
  if (byte === 0x80) return bytes[at + 1]! >= 2 && bytes[at + 1]! <= 5;
  if (byte !== 0x63 && byte !== 0x69) return false;
  const module = plainLine(bytes, at + 1);
  return module > 0 && plainLine(bytes, module) > 0;
}

/** Offset behind a line of identifier characters and dots, or 0. */
function plainLine(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && at - start < 128 && isNameByte(bytes[at]!)) at += 1;
  return at > start && bytes[at] === 0x0a ? at + 1 : 0;
}

function isNameByte(byte: number): boolean {
  const letter = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
  return letter || byte === 0x5f || byte === 0x2e || (byte >= 0x30 && byte <= 0x39);
}

function isDangerous(stream: PickleStream): boolean {
  return stream.imports.some((use) => use.verdict.class === 'dangerous' && use.verdict.odd === null);
}

function isMeant(stream: PickleStream): boolean {
  if (isDangerous(stream)) return true;
  const plain = stream.imports.filter((use) => use.verdict.odd === null && use.verdict.class !== 'allowed');
  return stream.error === null && plain.length > 0;
}
