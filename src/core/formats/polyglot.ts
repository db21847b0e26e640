import { Cursor } from '../bytes/cursor.ts';
import type { ByteSource } from '../bytes/source.ts';

const END_RECORD = 22;
/** A ZIP end record may be followed by a comment of up to 65,535 bytes (APPNOTE 4.3.16). */
const COMMENT_MAX = 65_535;
const END_SIGNATURE = 0x06054b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const PDF_WITHIN = 1024;

/** What else a file can be opened as. */
export interface Polyglot {
  readonly kind: 'zip' | 'pdf';
  /** Where that other reading is anchored, bytes from the start. */
  readonly offset: number;
}

/**
 * Looks for a second reading of a file whose first one is known. ZIP readers start from the end of a file and accept
 * anything before it: a model with an archive in or after its last tensor opens as a PyTorch checkpoint too. PDF readers
 * accept a header anywhere in the first 1,024 bytes.
 *
 * Reads at most 64 KiB from the end, nothing when the source cannot go there. @param head the first bytes
 */
export async function findPolyglot(
  source: ByteSource,
  head: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Polyglot | null> {
  const pdf = indexOf(head.subarray(0, PDF_WITHIN), '%PDF-');
  if (pdf >= 0) return { kind: 'pdf', offset: pdf };
  if (!source.random) return null;
  const start = Math.max(0, source.size - END_RECORD - COMMENT_MAX);
  const tail = await source.read(start, source.size, signal);
  for (let at = tail.length - END_RECORD; at >= 0; at--) {
    if (tail[at] !== 0x50 || !(await isZipEnd(source, tail, at, start, signal))) continue;
    return { kind: 'zip', offset: start + at };
  }
  return null;
}

/** An end record whose directory is where it must be: four bytes alone occur by chance in every few GB of weights. */
async function isZipEnd(
  source: ByteSource,
  tail: Uint8Array,
  at: number,
  start: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const end = new Cursor(tail.subarray(at));
  if (end.u32() !== END_SIGNATURE) return false;
  end.skip(8);
  const directoryBytes = end.u32();
  end.skip(4);
  const comment = end.u16();
  if (at + END_RECORD + comment > tail.length) return false;
  const directory = start + at - directoryBytes;
  if (directoryBytes === 0 || directory < 0) return directoryBytes === 0;
  const first = await source.read(directory, directory + 4, signal);
  return new Cursor(first).u32() === DIRECTORY_SIGNATURE;
}

function indexOf(bytes: Uint8Array, ascii: string): number {
  for (let at = 0; at + ascii.length <= bytes.length; at++) {
    let i = 0;
    while (i < ascii.length && bytes[at + i] === ascii.charCodeAt(i)) i++;
    if (i === ascii.length) return at;
  }
  return -1;
}
