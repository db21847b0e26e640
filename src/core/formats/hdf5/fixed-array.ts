import { AppError } from '../../errors.ts';
import { HDF5_CHUNKS_MAX } from '../../limits.ts';
import type { H5Cursor, H5File } from './file.ts';

/**
 * A fixed array of chunk places (specification III.H "Fixed Array"). Calls `element` with the index and a cursor at it.
 *
 * @throws AppError FORMAT_HEADER, FORMAT_CHECKSUM, FORMAT_BOUNDS, FORMAT_COUNT_TOO_LARGE
 */
export async function walkFixedArray(
  file: H5File,
  address: number,
  element: (index: number, cursor: H5Cursor) => void,
): Promise<void> {
  const { offset, length } = file.widths;
  const head = await file.signed(address, 12 + length + offset, 'FAHD', true);
  head.skip(2);
  const size = head.u8();
  const pageBits = head.u8();
  const count = head.extent();
  const block = head.address();
  if (block === null) return;
  if (count > HDF5_CHUNKS_MAX)
    throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'chunks', count, max: HDF5_CHUNKS_MAX });
  if (size === 0 || pageBits > 32) throw new AppError('FORMAT_HEADER', { why: 'fixed array', offset: head.base });
  const prefix = 6 + offset;
  const page = 2 ** pageBits;
  if (count <= page) {
    const cursor = await file.signed(block, prefix + count * size + 4, 'FADB', true);
    for (let i = 0; i < count; i += 1) {
      cursor.seek(prefix + i * size);
      element(i, cursor);
    }
    return;
  }
  const pages = Math.ceil(count / page);
  const bitmap = Math.ceil(pages / 8);
  const cursor = await file.signed(block, prefix + bitmap + 4, 'FADB', true);
  cursor.seek(prefix);
  const written = cursor.take(bitmap);
  for (let p = 0; p < pages; p += 1) {
    // Most significant bit first (H5VM_bit_get).
    if ((written[Math.floor(p / 8)]! & (0x80 >> (p % 8))) === 0) continue;
    const elements = Math.min(page, count - p * page);
    const start = block + prefix + bitmap + 4 + p * (page * size + 4);
    const items = await file.cursor(start, elements * size + 4, 'fixed array page');
    items.checksum(elements * size, 'fixed array page');
    for (let i = 0; i < elements; i += 1) {
      items.seek(i * size);
      element(p * page + i, items);
    }
  }
}
