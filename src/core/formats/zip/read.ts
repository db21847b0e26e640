import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { ENTRY_IN_MEMORY_MAX } from '../../limits.ts';
import { crc32 } from './crc32.ts';
import { DEFLATED, isEncrypted, STORED, type LocatedEntry } from './entry.ts';
import { inflateRaw } from './inflate.ts';

/** Packed bytes that surely hold the first unpacked ones: block headers with their code tables take below 400. */
const HEAD_PACKED = 4096;
const HEAD_STEP = 48;

/**
 * The unpacked bytes of an entry in order, checked against its stated length and CRC-32 when the end is reached.
 * What its directory entry says about encryption is not believed: the bit is also set to keep scanners out.
 *
 * @throws AppError FORMAT_BOUNDS, FORMAT_COMPRESSION, FORMAT_SIZE_MISMATCH, FORMAT_CHECKSUM, FORMAT_ENCRYPTED; SOURCE_*
 */
export async function* streamEntry(
  source: ByteSource,
  entry: LocatedEntry,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let crc = 0;
  let total = 0;
  try {
    for await (const chunk of unpack(source, entry, signal)) {
      crc = crc32(chunk, crc);
      total += chunk.length;
      yield chunk;
    }
    if (total !== entry.size) throw sizeMismatch(entry, total);
  } catch (error) {
    // Bytes that do not unpack are what encryption looks like.
    if (isEncrypted(entry) && isFormatError(error)) throw encrypted(entry);
    throw error;
  }
  if (crc === entry.crc32) return;
  if (isEncrypted(entry)) throw encrypted(entry);
  throw new AppError('FORMAT_CHECKSUM', { entry: shown(entry), stated: entry.crc32, actual: crc });
}

/** What reading an entry in one piece gave: bytes that came out, and why they may not be what was put in. */
export interface EntryBytes {
  readonly bytes: Uint8Array;
  readonly problem: AppError | null;
}

/**
 * All unpacked bytes of an entry that fits into memory. A wrong checksum or length does not lose the bytes: a loader
 * may use them all the same, so they have to be looked at.
 *
 * @throws AppError FORMAT_TOO_LARGE, FORMAT_BOUNDS; SOURCE_*
 */
export async function readEntryAnyway(
  source: ByteSource,
  entry: LocatedEntry,
  signal?: AbortSignal,
  most = ENTRY_IN_MEMORY_MAX,
): Promise<EntryBytes> {
  if (entry.size > most || entry.compressedSize > most) {
    throw new AppError('FORMAT_TOO_LARGE', { what: shown(entry), size: entry.size, limit: most });
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  let problem: AppError | null = null;
  try {
    for await (const chunk of streamEntry(source, entry, signal)) {
      chunks.push(chunk);
      length += chunk.length;
    }
  } catch (error) {
    if (!isFormatError(error) || entry.dataStart < 0) throw error;
    problem = error;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, problem };
}

/** All unpacked bytes of an entry, or why they cannot be trusted. @throws AppError FORMAT_*; SOURCE_* */
export async function readEntry(
  source: ByteSource,
  entry: LocatedEntry,
  signal?: AbortSignal,
  most = ENTRY_IN_MEMORY_MAX,
): Promise<Uint8Array> {
  if (entry.problem !== null) throw entry.problem;
  const { bytes, problem } = await readEntryAnyway(source, entry, signal, most);
  if (problem !== null) throw problem;
  return bytes;
}

/** The first unpacked bytes, at most `count`; fewer when the entry is shorter or does not unpack. */
export async function readEntryHead(
  source: ByteSource,
  entry: LocatedEntry,
  count: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (entry.dataStart < 0) return new Uint8Array(0);
  const want = Math.min(count, entry.size);
  if (entry.method !== DEFLATED) {
    const end = Math.min(entry.dataStart + want, entry.dataEnd, source.size);
    return end <= entry.dataStart ? new Uint8Array(0) : source.read(entry.dataStart, end, signal);
  }
  const head = new Uint8Array(want);
  let length = 0;
  try {
    // Small steps: what comes out of one is at most 1,032 times as much.
    for await (const chunk of unpack(source, entry, signal, HEAD_PACKED + want, HEAD_STEP)) {
      head.set(chunk.subarray(0, want - length), length);
      length += Math.min(chunk.length, want - length);
      if (length === want) break;
    }
  } catch (error) {
    if (!isFormatError(error)) throw error;
  }
  return head.subarray(0, length);
}

async function* unpack(
  source: ByteSource,
  entry: LocatedEntry,
  signal: AbortSignal | undefined,
  packedMost = Number.MAX_SAFE_INTEGER,
  step?: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (entry.dataStart < 0 || entry.dataEnd > source.size) {
    throw entry.problem ?? new AppError('FORMAT_BOUNDS', { what: 'an archive entry', entry: shown(entry) });
  }
  const end = entry.compressedSize > packedMost ? entry.dataStart + packedMost : entry.dataEnd;
  const packed = source.stream(entry.dataStart, end, signal);
  if (entry.method === STORED) yield* packed;
  else if (entry.method === DEFLATED) yield* inflateRaw(packed, entry.size, entry.name, step);
  else throw new AppError('FORMAT_COMPRESSION', { entry: shown(entry), method: entry.method });
}

function sizeMismatch(entry: LocatedEntry, actual: number): AppError {
  return new AppError('FORMAT_SIZE_MISMATCH', { entry: shown(entry), expected: entry.size, actual });
}

function encrypted(entry: LocatedEntry): AppError {
  return new AppError('FORMAT_ENCRYPTED', { entry: shown(entry), flags: entry.flags });
}

function shown(entry: LocatedEntry): string {
  return entry.name.slice(0, 200);
}

function isFormatError(error: unknown): error is AppError {
  return error instanceof AppError && error.code.startsWith('FORMAT_');
}
