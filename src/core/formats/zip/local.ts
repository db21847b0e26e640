import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { decodeName, zip64Extra } from './directory.ts';
import {
  hasDescriptor,
  isDirectory,
  isEncrypted,
  STORED,
  DEFLATED,
  type LocatedEntry,
  type ZipEntry,
} from './entry.ts';

const HEADER_SIZE = 30;
/** Headers this close together are fetched by one read; storages of a model lie far apart and cost a read each. */
const BLOCK = 64 * 1024;
/** PyTorch pads the extra field so that data is aligned to 64 bytes; ZIP64 adds 20. More extra data is only skipped. */
const EXTRA_READ = 256;
/** Reads under way at once: local disks do not care, a server 50 ms away does. */
const IN_FLIGHT = 8;

/** Facts of a local header that differ from the directory. */
export interface LocalDifference {
  readonly entry: ZipEntry;
  readonly what: 'name' | 'method' | 'flags' | 'size' | 'checksum';
  /** The name in the local header, when that is what differs. */
  readonly localName?: string;
}

export interface Located {
  readonly entries: readonly LocatedEntry[];
  readonly differences: readonly LocalDifference[];
}

/**
 * Reads the local header of every entry (APPNOTE 4.3.7): only it says where the data starts, and what it repeats must
 * agree with the directory, because readers that stream believe it and readers that seek believe the directory.
 *
 * @param limit absolute offset that no entry may reach: the start of the central directory
 * @throws AppError SOURCE_*
 */
export async function locateEntries(
  source: ByteSource,
  entries: readonly ZipEntry[],
  limit: number,
  signal?: AbortSignal,
): Promise<Located> {
  const located: LocatedEntry[] = [];
  const differences: LocalDifference[] = [];
  const groups = groupByPlace(entries.filter((entry) => entry.localOffset + HEADER_SIZE <= limit));
  for (const entry of entries) {
    if (entry.localOffset + HEADER_SIZE <= limit) continue;
    located.push(unlocated(entry, 'FORMAT_BOUNDS', limit));
  }
  for (let i = 0; i < groups.length; i += IN_FLIGHT) {
    const batch = groups.slice(i, i + IN_FLIGHT);
    const blocks = await Promise.all(batch.map((group) => readBlock(source, group, limit, signal)));
    batch.forEach((group, k) => {
      for (const entry of group) located.push(readLocal(blocks[k]!, group[0]!.localOffset, entry, limit, differences));
    });
  }
  return { entries: located.sort((a, b) => a.index - b.index), differences };
}

function groupByPlace(entries: readonly ZipEntry[]): ZipEntry[][] {
  const groups: ZipEntry[][] = [];
  let group: ZipEntry[] | undefined;
  for (const entry of [...entries].sort((a, b) => a.localOffset - b.localOffset)) {
    if (group !== undefined && entry.localOffset - group[0]!.localOffset < BLOCK) group.push(entry);
    else groups.push((group = [entry]));
  }
  return groups;
}

function readBlock(
  source: ByteSource,
  group: readonly ZipEntry[],
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const last = group.at(-1)!;
  // The name of the header is not longer than that of the directory in any honest archive.
  const end = last.localOffset + HEADER_SIZE + last.name.length * 4 + EXTRA_READ;
  return source.read(group[0]!.localOffset, Math.min(end, limit), signal);
}

function unlocated(entry: ZipEntry, code: 'FORMAT_BOUNDS' | 'FORMAT_ARCHIVE', limit: number): LocatedEntry {
  const detail = { entry: entry.name.slice(0, 200), offset: entry.localOffset, limit };
  return { ...entry, dataStart: -1, dataEnd: -1, problem: new AppError(code, { what: 'a local header', ...detail }) };
}

function readLocal(
  block: Uint8Array,
  blockStart: number,
  entry: ZipEntry,
  limit: number,
  differences: LocalDifference[],
): LocatedEntry {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const at = entry.localOffset - blockStart;
  if (view.getUint32(at, true) !== 0x04034b50) return unlocated(entry, 'FORMAT_ARCHIVE', limit);
  const flags = view.getUint16(at + 6, true);
  const nameLength = view.getUint16(at + 26, true);
  const extraLength = view.getUint16(at + 28, true);
  const nameEnd = at + HEADER_SIZE + nameLength;
  const dataStart = entry.localOffset + HEADER_SIZE + nameLength + extraLength;
  const dataEnd = dataStart + entry.compressedSize;

  const localName =
    nameEnd <= block.length ? decodeName(block.subarray(at + HEADER_SIZE, nameEnd), (flags & 0x800) !== 0) : null;
  if (localName !== entry.name) differences.push({ entry, what: 'name', localName: localName ?? '' });
  if (view.getUint16(at + 8, true) !== entry.method) differences.push({ entry, what: 'method' });
  // Bit 3 is about this header only; the others describe the data.
  if ((flags & ~0x8) !== (entry.flags & ~0x8)) differences.push({ entry, what: 'flags' });
  if ((flags & 0x8) === 0) compareSums(view, at, Math.min(nameEnd, block.length), extraLength, entry, differences);
  return { ...entry, dataStart, dataEnd, problem: problemOf(entry, dataEnd, limit) };
}

function compareSums(
  view: DataView,
  at: number,
  extraStart: number,
  extraLength: number,
  entry: ZipEntry,
  differences: LocalDifference[],
): void {
  if (view.getUint32(at + 14, true) !== entry.crc32) differences.push({ entry, what: 'checksum' });
  const plain = {
    compressedSize: view.getUint32(at + 18, true),
    size: view.getUint32(at + 22, true),
    localOffset: 0,
  };
  try {
    const sizes = zip64Extra(view, extraStart, extraLength, plain, entry.name);
    if (sizes.size === entry.size && sizes.compressedSize === entry.compressedSize) return;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  differences.push({ entry, what: 'size' });
}

/** What makes an entry unfit for a careful reader, worst first. */
function problemOf(entry: ZipEntry, dataEnd: number, limit: number): AppError | null {
  const name = entry.name.slice(0, 200);
  if (dataEnd > limit) {
    return new AppError('FORMAT_BOUNDS', { what: 'an archive entry', entry: name, end: dataEnd, limit });
  }
  if (isEncrypted(entry)) return new AppError('FORMAT_ENCRYPTED', { entry: name, flags: entry.flags });
  if (isDirectory(entry)) return null;
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    return new AppError('FORMAT_COMPRESSION', { entry: name, method: entry.method });
  }
  if (entry.method === STORED && entry.size !== entry.compressedSize) {
    return new AppError('FORMAT_SIZE_MISMATCH', { entry: name, expected: entry.size, actual: entry.compressedSize });
  }
  return null;
}

/** Bytes that follow the data of an entry without a header of their own. */
export function mayFollow(entry: ZipEntry, gap: number): boolean {
  return hasDescriptor(entry) && (gap === 12 || gap === 16 || gap === 20 || gap === 24);
}
