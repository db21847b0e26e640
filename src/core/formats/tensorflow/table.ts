/**
 * A sorted string table as LevelDB writes it (leveldb/doc/table_format.md) and TensorFlow's bundles use it: blocks of
 * keys that share prefixes, an index block of their places, a footer.
 */
import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { TABLE_BLOCK_MAX, TABLE_ENTRIES_MAX } from '../../limits.ts';
import { maskedCrc32c } from './crc32c.ts';
import { unpackSnappy } from './snappy.ts';

const FOOTER = 48;
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
/** Compression type and checksum behind every block. */
const TRAILER = 5;

interface BlockPlace {
  readonly offset: number;
  readonly size: number;
}

/**
 * Calls `entry` for every key in order; keys out of order or twice are refused.
 *
 * @throws AppError FORMAT_TRUNCATED, FORMAT_MAGIC, FORMAT_BOUNDS, FORMAT_CHECKSUM, FORMAT_HEADER, FORMAT_COMPRESSION,
 *   FORMAT_TOO_LARGE, FORMAT_COUNT_TOO_LARGE; SOURCE_*
 */
export async function readTable(
  source: ByteSource,
  entry: (key: Uint8Array, value: Uint8Array) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  if (source.size < FOOTER) throw new AppError('FORMAT_TRUNCATED', { what: 'table', available: source.size });
  const footer = await source.read(source.size - FOOTER, source.size, signal);
  if (MAGIC.some((byte, i) => footer[FOOTER - 8 + i] !== byte))
    throw new AppError('FORMAT_MAGIC', { format: 'tensor bundle index' });
  const cursor = { at: 0 };
  readPlace(footer, cursor);
  const index = readPlace(footer, cursor);
  let entries = 0;
  let behind = 0;
  let before: Uint8Array | null = null;
  for (const [, handle] of blockEntries(await readBlock(source, index, signal))) {
    const place = readPlace(handle, { at: 0 });
    // Blocks follow each other: one that is listed again and again would be read again and again.
    if (place.offset < behind) throw new AppError('FORMAT_OVERLAP', { what: 'table block', offset: place.offset });
    behind = place.offset + place.size;
    const block = await readBlock(source, place, signal);
    for (const [key, value] of blockEntries(block)) {
      entries += 1;
      if (entries > TABLE_ENTRIES_MAX)
        throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'entries', max: TABLE_ENTRIES_MAX });
      if (before !== null && compare(before, key) >= 0)
        throw new AppError('FORMAT_DUPLICATE_KEY', { key: new TextDecoder().decode(key.subarray(0, 200)) });
      before = key;
      await entry(key, value);
    }
  }
}

async function readBlock(source: ByteSource, { offset, size }: BlockPlace, signal?: AbortSignal): Promise<Uint8Array> {
  if (offset + size + TRAILER > source.size - FOOTER) {
    throw new AppError('FORMAT_BOUNDS', { what: 'table block', offset, length: size, size: source.size });
  }
  if (size > TABLE_BLOCK_MAX)
    throw new AppError('FORMAT_TOO_LARGE', { what: 'table block', size, limit: TABLE_BLOCK_MAX });
  const bytes = await source.read(offset, offset + size + TRAILER, signal);
  const stated = new DataView(bytes.buffer, bytes.byteOffset + size + 1, 4).getUint32(0, true);
  if (maskedCrc32c(bytes.subarray(0, size + 1)) !== stated)
    throw new AppError('FORMAT_CHECKSUM', { what: 'table block', offset });
  const content = bytes.subarray(0, size);
  if (bytes[size] === 0) return content;
  if (bytes[size] === 1) return unpackSnappy(content, TABLE_BLOCK_MAX);
  throw new AppError('FORMAT_COMPRESSION', { method: bytes[size]!, offset });
}

/** Keys share the beginning of the one before. The restart points behind them are for searching only. */
function* blockEntries(block: Uint8Array): Generator<readonly [Uint8Array, Uint8Array], void, undefined> {
  const bad = (at: number): AppError => new AppError('FORMAT_HEADER', { why: 'table entry', at });
  if (block.length < 4) throw bad(0);
  const restarts = new DataView(block.buffer, block.byteOffset, block.length).getUint32(block.length - 4, true);
  const end = block.length - 4 - 4 * restarts;
  if (end < 0) throw bad(block.length - 4);
  const cursor = { at: 0 };
  let key = new Uint8Array(0);
  while (cursor.at < end) {
    const start = cursor.at;
    const shared = readVarint(block, cursor);
    const own = readVarint(block, cursor);
    const length = readVarint(block, cursor);
    if (shared > key.length || cursor.at + own + length > end) throw bad(start);
    const next = new Uint8Array(shared + own);
    next.set(key.subarray(0, shared));
    next.set(block.subarray(cursor.at, cursor.at + own), shared);
    key = next;
    cursor.at += own;
    yield [key, block.subarray(cursor.at, cursor.at + length)];
    cursor.at += length;
  }
}

/** Byte by byte, as the keys are sorted. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function readPlace(bytes: Uint8Array, cursor: { at: number }): BlockPlace {
  return { offset: readVarint(bytes, cursor), size: readVarint(bytes, cursor) };
}

function readVarint(bytes: Uint8Array, cursor: { at: number }): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const byte = bytes[cursor.at];
    if (byte === undefined) break;
    cursor.at += 1;
    value += (byte % 128) * scale;
    if (byte < 128 && Number.isSafeInteger(value)) return value;
  }
  throw new AppError('FORMAT_VARINT', { at: cursor.at });
}
