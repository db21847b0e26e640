import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { toSafeNumber } from '../../bytes/cursor.ts';

/** Where the central directory is, from the records at the end of the archive (APPNOTE 4.3.14 to 4.3.16). */
export interface ArchiveEnd {
  /** Absolute. */
  readonly directoryStart: number;
  readonly directorySize: number;
  readonly count: number;
  /** Bytes before the archive: every offset stated in it is relative to this. */
  readonly base: number;
  readonly comment: Uint8Array;
  /** Absolute offset behind the end record and its comment. */
  readonly end: number;
  readonly zip64: boolean;
  /** Other places that a reader could take for the end. */
  readonly otherEnds: number;
}

const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const COMMENT_MAX = 0xffff;

interface Candidate {
  readonly at: number;
  /** Its comment ends exactly where the file does. */
  readonly exact: boolean;
}

/**
 * Finds the end of the archive as CPython and miniz do: the last end record whose comment reaches the end of the file,
 * otherwise the last one at all. Other places that look like one are counted, because other readers choose them.
 *
 * @throws AppError FORMAT_TRUNCATED (no end record), FORMAT_BOUNDS, FORMAT_OVERFLOW, FORMAT_ARCHIVE; SOURCE_*
 */
export async function readEnd(source: ByteSource, signal?: AbortSignal): Promise<ArchiveEnd> {
  const tailStart = Math.max(0, source.size - END_SIZE - COMMENT_MAX - LOCATOR_SIZE);
  const tail = await source.read(tailStart, source.size, signal);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const candidates = endRecords(tail, view);
  const chosen = choose(candidates, view);
  if (chosen === undefined)
    throw new AppError('FORMAT_TRUNCATED', { what: 'end of central directory', size: source.size });

  const at = chosen.at;
  const commentLength = Math.min(view.getUint16(at + 20, true), tail.length - at - END_SIZE);
  let count = view.getUint16(at + 10, true);
  let directorySize = view.getUint32(at + 12, true);
  let stated = view.getUint32(at + 16, true);
  let recordsEnd = tailStart + at;
  const larger = await readZip64(source, view, tailStart, at, signal);
  if (larger !== null) {
    const saturated = count === 0xffff || directorySize === 0xffffffff || stated === 0xffffffff;
    if (!saturated && (larger.count !== count || larger.size !== directorySize || larger.offset !== stated)) {
      throw new AppError('FORMAT_ARCHIVE', { what: 'the two end records', offset: larger.at });
    }
    ({ count, size: directorySize, offset: stated } = larger);
    recordsEnd = larger.at;
  } else if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0) {
    throw new AppError('FORMAT_ARCHIVE', { what: 'several disks', offset: tailStart + at });
  }
  const directoryStart = recordsEnd - directorySize;
  if (directoryStart < 0 || stated > directoryStart) {
    throw new AppError('FORMAT_BOUNDS', {
      what: 'central directory',
      offset: stated,
      length: directorySize,
      size: source.size,
    });
  }
  return {
    directoryStart,
    directorySize,
    count,
    base: directoryStart - stated,
    comment: tail.slice(at + END_SIZE, at + END_SIZE + commentLength),
    end: tailStart + at + END_SIZE + commentLength,
    zip64: larger !== null,
    // An end record before the directory belongs to an archive that is stored inside.
    otherEnds: candidates.filter(
      (c) => c !== chosen && tailStart + c.at >= directoryStart && plausible(view, c.at, tailStart),
    ).length,
  };
}

function endRecords(tail: Uint8Array, view: DataView): Candidate[] {
  const found: Candidate[] = [];
  for (let at = tail.indexOf(0x50); at >= 0 && at + END_SIZE <= tail.length; at = tail.indexOf(0x50, at + 1)) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    found.push({ at, exact: at + END_SIZE + view.getUint16(at + 20, true) === tail.length });
  }
  return found;
}

/**
 * The last record whose comment ends with the file and that lists anything. An empty one behind it hides the archive
 * from readers that take the very last, which is worth telling; the others see this one.
 */
function choose(candidates: readonly Candidate[], view: DataView): Candidate | undefined {
  const exact = candidates.filter((candidate) => candidate.exact);
  return exact.findLast(({ at }) => view.getUint16(at + 10, true) > 0) ?? exact.at(-1) ?? candidates.at(-1);
}

/** Could be followed: the directory it states ends at or before the record itself. */
function plausible(view: DataView, at: number, tailStart: number): boolean {
  const offset = view.getUint32(at + 16, true);
  return offset === 0xffffffff || offset + view.getUint32(at + 12, true) <= tailStart + at;
}

interface Zip64End {
  readonly at: number;
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}

async function readZip64(
  source: ByteSource,
  view: DataView,
  tailStart: number,
  endAt: number,
  signal: AbortSignal | undefined,
): Promise<Zip64End | null> {
  const locator = endAt - LOCATOR_SIZE;
  if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) return null;
  const stated = toSafeNumber(view.getBigUint64(locator + 8, true), { what: 'ZIP64 end record' });
  // An archive behind a prefix states offsets of its own: the record then stands right before its locator.
  for (const at of [stated, tailStart + locator - 56]) {
    if (at < 0 || at + 56 > source.size) continue;
    const bytes = await source.read(at, at + 56, signal);
    const record = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (record.getUint32(0, true) !== 0x06064b50) continue;
    return {
      at,
      count: toSafeNumber(record.getBigUint64(32, true), { what: 'entries' }),
      size: toSafeNumber(record.getBigUint64(40, true), { what: 'central directory' }),
      offset: toSafeNumber(record.getBigUint64(48, true), { what: 'central directory' }),
    };
  }
  throw new AppError('FORMAT_BOUNDS', { what: 'ZIP64 end record', offset: stated, size: source.size });
}
