import { toSafeNumber } from '../../bytes/cursor.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { ZIP_DIRECTORY_MAX, ZIP_ENTRIES_MAX } from '../../limits.ts';
import type { ArchiveEnd } from './end.ts';
import type { ZipEntry } from './entry.ts';

const RECORD_SIZE = 46;

/** What the directory lists, and the first thing in it that no careful reader would accept. */
export interface Directory {
  readonly entries: readonly ZipEntry[];
  readonly problem: AppError | null;
}

/**
 * Reads the central directory (APPNOTE 4.3.12) up to the first record that is broken; what was listed before it is
 * kept, because lenient readers go on with it.
 *
 * @throws AppError FORMAT_TOO_LARGE above the caps; SOURCE_*
 */
export async function readDirectory(source: ByteSource, end: ArchiveEnd, signal?: AbortSignal): Promise<Directory> {
  if (end.directorySize > ZIP_DIRECTORY_MAX) {
    throw new AppError('FORMAT_TOO_LARGE', {
      what: 'central directory',
      size: end.directorySize,
      limit: ZIP_DIRECTORY_MAX,
    });
  }
  const bytes = await source.read(end.directoryStart, end.directoryStart + end.directorySize, signal);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: ZipEntry[] = [];
  let problem: AppError | null = null;
  let at = 0;
  while (at < bytes.length) {
    if (entries.length >= ZIP_ENTRIES_MAX) {
      throw new AppError('FORMAT_COUNT_TOO_LARGE', {
        what: 'archive entries',
        count: end.count,
        limit: ZIP_ENTRIES_MAX,
      });
    }
    const offset = end.directoryStart + at;
    if (at + RECORD_SIZE > bytes.length || view.getUint32(at, true) !== 0x02014b50) {
      problem = new AppError('FORMAT_ARCHIVE', { what: 'central directory', offset });
      break;
    }
    const next =
      at + RECORD_SIZE + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > bytes.length) {
      problem = new AppError('FORMAT_ARCHIVE', { what: 'central directory', offset });
      break;
    }
    try {
      entries.push(readRecord(bytes, view, at, entries.length, end.base));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problem ??= error;
    }
    at = next;
  }
  // With more than 65,535 entries some writers count modulo 2^16 and leave ZIP64 out; CPython and miniz read on.
  const counted = problem === null && !end.zip64 ? entries.length % 0x1_0000 : entries.length;
  if (problem === null && counted !== end.count) {
    problem = new AppError('FORMAT_ARCHIVE', {
      what: 'the number of entries',
      stated: end.count,
      actual: entries.length,
    });
  }
  return { entries, problem };
}

function readRecord(bytes: Uint8Array, view: DataView, at: number, index: number, base: number): ZipEntry {
  const nameLength = view.getUint16(at + 28, true);
  const flags = view.getUint16(at + 8, true);
  const name = decodeName(bytes.subarray(at + RECORD_SIZE, at + RECORD_SIZE + nameLength), (flags & 0x800) !== 0);
  const extraStart = at + RECORD_SIZE + nameLength;
  const large = zip64Extra(
    view,
    extraStart,
    view.getUint16(at + 30, true),
    {
      size: view.getUint32(at + 24, true),
      compressedSize: view.getUint32(at + 20, true),
      localOffset: view.getUint32(at + 42, true),
    },
    name,
  );
  return {
    index,
    name,
    flags,
    method: view.getUint16(at + 10, true),
    crc32: view.getUint32(at + 16, true),
    compressedSize: large.compressedSize,
    size: large.size,
    externalAttributes: view.getUint32(at + 38, true),
    localOffset: base + large.localOffset,
  };
}

/** Sizes of a directory record or a local header; a local header has no offset. */
export interface Sizes {
  readonly size: number;
  readonly compressedSize: number;
  readonly localOffset: number;
}

/**
 * Replaces each saturated field by its 64-bit value from extra field 0x0001, in the fixed order (APPNOTE 4.5.3).
 *
 * @throws AppError FORMAT_OVERFLOW for sizes that no file has; FORMAT_ARCHIVE when the extra field lacks a value
 */
export function zip64Extra(view: DataView, start: number, length: number, plain: Sizes, entry: string): Sizes {
  const saturated = [plain.size, plain.compressedSize, plain.localOffset].map((value) => value === 0xffffffff);
  if (!saturated.includes(true)) return plain;
  const end = Math.min(start + length, view.byteLength);
  let at = start;
  while (at + 4 <= end && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
  // A size of exactly 2^32 - 1 without the field is legal.
  if (at + 4 > end) return plain;
  const fieldEnd = Math.min(at + 4 + view.getUint16(at + 2, true), end);
  at += 4;
  const take = (is: boolean, value: number): number => {
    if (!is) return value;
    if (at + 8 > fieldEnd) throw new AppError('FORMAT_ARCHIVE', { what: 'ZIP64 sizes', entry: entry.slice(0, 200) });
    const large = toSafeNumber(view.getBigUint64(at, true), { entry: entry.slice(0, 200) });
    at += 8;
    return large;
  };
  const size = take(saturated[0]!, plain.size);
  const compressedSize = take(saturated[1]!, plain.compressedSize);
  return { size, compressedSize, localOffset: take(saturated[2]!, plain.localOffset) };
}

/** UTF-8 when flagged or valid; otherwise one character per byte, so that different names stay different. */
export function decodeName(bytes: Uint8Array, utf8: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !utf8, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  }
}
