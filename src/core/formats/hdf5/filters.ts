import { Unzlib } from 'fflate';
import { AppError } from '../../errors.ts';
import type { H5Cursor } from './file.ts';

export interface Filter {
  readonly id: number;
  readonly name: string;
  readonly values: readonly number[];
}

const FILTERS_MAX = 32;
const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER32 = 3;
/** h5py's own filter. */
const LZF = 32_000;
const NAMES: Readonly<Record<number, string>> = {
  1: 'deflate',
  2: 'shuffle',
  3: 'fletcher32',
  4: 'szip',
  5: 'nbit',
  6: 'scaleoffset',
  307: 'bzip2',
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32008: 'bitshuffle',
  32013: 'zfp',
  32015: 'zstd',
  32026: 'blosc2',
};

/** Filter pipeline message, versions 1 and 2 (specification IV.A.2.l). @throws AppError FORMAT_VERSION, FORMAT_COUNT_TOO_LARGE */
export function readFilters(cursor: H5Cursor): Filter[] {
  const version = cursor.u8();
  const count = cursor.u8();
  if (version < 1 || version > 2) throw new AppError('FORMAT_VERSION', { what: 'filter pipeline', version });
  if (count > FILTERS_MAX) throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'filters', count, max: FILTERS_MAX });
  if (version === 1) cursor.skip(6);
  const filters: Filter[] = [];
  for (let i = 0; i < count; i += 1) {
    const id = cursor.u16();
    const nameLength = version === 1 || id >= 256 ? cursor.u16() : 0;
    cursor.skip(2);
    const valueCount = cursor.u16();
    const padded = version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength;
    const stored = cursor.take(padded);
    const values: number[] = [];
    for (let k = 0; k < valueCount; k += 1) values.push(cursor.u32());
    if (version === 1 && valueCount % 2 === 1) cursor.skip(4);
    const text = new TextDecoder().decode(stored).replace(/\0.*$/s, '');
    filters.push({ id, name: NAMES[id] ?? (text === '' ? `filter ${id}` : text.slice(0, 64)), values });
  }
  return filters;
}

/** The first filter that is not undone here, or undefined. */
export function unknownFilter(filters: readonly Filter[]): Filter | undefined {
  return filters.find(({ id }) => ![DEFLATE, SHUFFLE, FLETCHER32, LZF].includes(id));
}

/** Filters whose output is smaller than their input. */
export function compresses(filters: readonly Filter[]): boolean {
  return filters.some(({ id }) => id === DEFLATE || id === LZF);
}

/**
 * Undoes the filters of one chunk, last first.
 *
 * @param size bytes the chunk must have in the end
 * @param mask bit i: filter i was skipped for this chunk
 * @throws AppError FORMAT_COMPRESSION, FORMAT_CHECKSUM, FORMAT_SIZE_MISMATCH
 */
export function undoFilters(
  stored: Uint8Array,
  filters: readonly Filter[],
  mask: number,
  size: number,
  dataset: string,
): Uint8Array {
  let bytes = stored;
  // What a checksum adds may still be there between two steps.
  const most = size + 4 * filters.length;
  for (let i = filters.length - 1; i >= 0; i -= 1) {
    const filter = filters[i]!;
    if (Math.floor(mask / 2 ** i) % 2 === 1) continue;
    if (filter.id === DEFLATE) bytes = inflate(bytes, most, dataset);
    else if (filter.id === SHUFFLE) bytes = unshuffle(bytes, filter.values[0] ?? 1);
    else if (filter.id === FLETCHER32) bytes = checked(bytes, dataset);
    else if (filter.id === LZF) bytes = unpackLzf(bytes, filter.values[2] ?? size, most, dataset);
    else throw new AppError('FORMAT_COMPRESSION', { entry: dataset, method: filter.name });
  }
  if (bytes.length !== size) {
    throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: dataset, expected: size, actual: bytes.length });
  }
  return bytes;
}

/** zlib (RFC 1950) in steps, so that a bomb is noticed within a few megabytes of its limit. */
function inflate(bytes: Uint8Array, most: number, dataset: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  const inflater = new Unzlib((part) => {
    total += part.length;
    parts.push(part);
  });
  const step = 8 * 1024;
  for (let at = 0; at < bytes.length || at === 0; at += step) {
    try {
      inflater.push(bytes.subarray(at, at + step), at + step >= bytes.length);
    } catch (cause) {
      throw new AppError('FORMAT_COMPRESSION', { entry: dataset, method: 'deflate', after: total }, cause);
    }
    if (total > most) throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: dataset, expected: most, actual: total });
  }
  const out = new Uint8Array(total);
  let filled = 0;
  for (const part of parts) {
    out.set(part, filled);
    filled += part.length;
  }
  return out;
}

/** Byte i of every element lies together; what does not fill an element stays at the end. */
function unshuffle(bytes: Uint8Array, width: number): Uint8Array {
  if (width < 2 || width > bytes.length) return bytes;
  const count = Math.floor(bytes.length / width);
  const out = bytes.slice();
  for (let i = 0; i < width; i += 1) {
    for (let k = 0, from = i * count; k < count; k += 1, from += 1) out[k * width + i] = bytes[from]!;
  }
  return out;
}

/** The last four bytes are a Fletcher-32 of those before. */
function checked(bytes: Uint8Array, dataset: string): Uint8Array {
  if (bytes.length < 4) throw new AppError('FORMAT_CHECKSUM', { what: dataset });
  const data = bytes.subarray(0, bytes.length - 4);
  const stated = new DataView(bytes.buffer, bytes.byteOffset + data.length, 4).getUint32(0, true);
  const sum = fletcher32(data);
  // Files of 1.6.2 and before on little-endian machines have the bytes of each half swapped; the library takes both.
  const swapped = (((sum & 0x00ff00ff) << 8) | ((sum >>> 8) & 0x00ff00ff)) >>> 0;
  if (stated !== sum && stated !== swapped) throw new AppError('FORMAT_CHECKSUM', { what: dataset });
  return data;
}

/** Fletcher-32 over big-endian 16-bit words, an odd last byte as the high half (H5checksum.c). */
export function fletcher32(bytes: Uint8Array): number {
  let a = 0;
  let b = 0;
  const words = Math.floor(bytes.length / 2);
  for (let i = 0; i < words;) {
    // 360 words cannot overflow 32 bits before the sums are folded.
    const stop = Math.min(i + 360, words);
    for (; i < stop; i += 1) {
      a += bytes[2 * i]! * 256 + bytes[2 * i + 1]!;
      b += a;
    }
    a = (a & 0xffff) + (a >>> 16);
    b = (b & 0xffff) + (b >>> 16);
  }
  if (bytes.length % 2 === 1) {
    a += bytes[bytes.length - 1]! * 256;
    b += a;
    a = (a & 0xffff) + (a >>> 16);
    b = (b & 0xffff) + (b >>> 16);
  }
  a = (a & 0xffff) + (a >>> 16);
  b = (b & 0xffff) + (b >>> 16);
  return b * 65_536 + a;
}

/** LZF (liblzf's `lzf_d.c`): literal runs and back references of up to 264 bytes within 8 KiB. */
function unpackLzf(bytes: Uint8Array, size: number, most: number, dataset: string): Uint8Array {
  const bad = (): AppError => new AppError('FORMAT_COMPRESSION', { entry: dataset, method: 'lzf' });
  if (size > most) throw bad();
  const out = new Uint8Array(size);
  let filled = 0;
  for (let at = 0; at < bytes.length;) {
    const control = bytes[at]!;
    at += 1;
    if (control < 32) {
      const end = at + control + 1;
      if (end > bytes.length || filled + control + 1 > size) throw bad();
      out.set(bytes.subarray(at, end), filled);
      filled += control + 1;
      at = end;
      continue;
    }
    let length = control >> 5;
    if (length === 7) {
      length += bytes[at] ?? 0;
      at += 1;
    }
    if (at >= bytes.length) throw bad();
    let from = filled - (control & 31) * 256 - bytes[at]! - 1;
    at += 1;
    if (from < 0 || filled + length + 2 > size) throw bad();
    // Byte by byte: a reference may overlap what it writes.
    for (let i = 0; i < length + 2; i += 1, from += 1, filled += 1) out[filled] = out[from]!;
  }
  if (filled !== size) throw bad();
  return out;
}
