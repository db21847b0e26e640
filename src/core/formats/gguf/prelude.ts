import type { Cursor } from '../../bytes/cursor.ts';
import { AppError } from '../../errors.ts';
import { TENSORS_MAX } from '../../limits.ts';
import { has } from '../magic.ts';

export interface Prelude {
  readonly version: number;
  readonly endian: 'little' | 'big';
  readonly tensorCount: number;
  readonly keyCount: number;
}

/** The smallest tensor entry (empty name, no dimension) and metadata entry (one-byte key and value), in bytes. */
const TENSOR_BYTES = 24;
const KEY_BYTES = 14;

/**
 * Magic, version, byte order and counts. Leaves the cursor behind them, in the right byte order.
 *
 * Big-endian files begin with the same four letters; only the version tells them apart.
 *
 * @throws AppError FORMAT_MAGIC, FORMAT_VERSION, FORMAT_ENDIAN_MIXED, FORMAT_COUNT_TOO_LARGE, FORMAT_TRUNCATED
 */
export function readPrelude(cursor: Cursor, size: number): Prelude {
  if (size < 4 && 'GGUF'.startsWith(String.fromCharCode(...cursor.bytes))) throw tooShort(size);
  if (!has(cursor.bytes, 'GGUF')) throw new AppError('FORMAT_MAGIC', { format: 'GGUF' });
  cursor.skip(4);
  const raw = cursor.u32();
  // 0x0000NNNN: little-endian. Versions are small numbers, so a swapped one has its low half empty.
  cursor.littleEndian = raw % 2 ** 16 !== 0 || raw === 0;
  const version = cursor.littleEndian ? raw : swap32(raw);
  if (version < 1 || version > 3) throw new AppError('FORMAT_VERSION', { format: 'GGUF', version });
  const at = cursor.position;
  const [tensorCount, keyCount] = counts(cursor, version);
  if (!fit(tensorCount, keyCount, size)) {
    cursor.seek(at);
    cursor.littleEndian = !cursor.littleEndian;
    if (fit(...counts(cursor, version), size)) throw new AppError('FORMAT_ENDIAN_MIXED', { format: 'GGUF', version });
    throw impossible(tensorCount, keyCount, size);
  }
  return {
    version,
    endian: cursor.littleEndian ? 'little' : 'big',
    tensorCount: Number(tensorCount),
    keyCount: Number(keyCount),
  };
}

/** Version 1 has 32-bit counts. */
function counts(cursor: Cursor, version: number): [tensors: bigint, keys: bigint] {
  if (version === 1) return [BigInt(cursor.u32()), BigInt(cursor.u32())];
  return [cursor.u64(), cursor.u64()];
}

function fit(tensors: bigint, keys: bigint, size: number): boolean {
  return tensors * BigInt(TENSOR_BYTES) + keys * BigInt(KEY_BYTES) <= BigInt(size);
}

/** More than fits: a file that ends within its header when the counts are those of a real model, else nonsense. */
function impossible(tensors: bigint, keys: bigint, size: number): AppError {
  if (tensors > BigInt(TENSORS_MAX) || keys > BigInt(TENSORS_MAX)) {
    const many = tensors > keys ? { what: 'tensors', count: tensors } : { what: 'metadata entries', count: keys };
    return new AppError('FORMAT_COUNT_TOO_LARGE', { what: many.what, count: many.count.toString(), size });
  }
  const expected = Number(tensors) * TENSOR_BYTES + Number(keys) * KEY_BYTES;
  return new AppError('FORMAT_TRUNCATED', { where: 'counts', missing: expected - size, expected, actual: size });
}

function tooShort(size: number): AppError {
  return new AppError('FORMAT_TRUNCATED', { where: 'magic', missing: 24 - size, expected: 24, actual: size });
}

function swap32(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return view.getUint32(0, false);
}
