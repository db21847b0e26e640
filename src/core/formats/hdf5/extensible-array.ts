import { AppError } from '../../errors.ts';
import { HDF5_CHUNKS_MAX } from '../../limits.ts';
import type { H5Cursor, H5File } from './file.ts';

interface Shape {
  readonly elementSize: number;
  /** Bits of the largest index. */
  readonly bits: number;
  readonly inIndexBlock: number;
  /** Elements of the smallest data block. */
  readonly smallest: number;
  /** Data block addresses of the smallest super block. */
  readonly pointers: number;
  readonly pageElements: number;
  readonly offsetWidth: number;
}

/**
 * An extensible array of chunk places (specification III.H "Extensible Array"; H5EA*.c for the order of blocks): some
 * elements in the index block, then data blocks that double in size, the later ones behind super blocks.
 *
 * @throws AppError FORMAT_HEADER, FORMAT_CHECKSUM, FORMAT_BOUNDS, FORMAT_COUNT_TOO_LARGE
 */
export async function walkExtensibleArray(
  file: H5File,
  address: number,
  element: (index: number, cursor: H5Cursor) => void,
): Promise<void> {
  const { offset, length } = file.widths;
  const head = await file.signed(address, 16 + 6 * length + offset, 'EAHD', true);
  head.skip(2);
  const elementSize = head.u8();
  const bits = head.u8();
  const inIndexBlock = head.u8();
  const smallest = head.u8();
  const pointers = head.u8();
  const pageBits = head.u8();
  for (let i = 0; i < 4; i += 1) head.extent();
  // One past the largest index that was ever written.
  const count = head.extent();
  head.extent();
  const indexBlock = head.address();
  if (indexBlock === null) return;
  const powers = [smallest, pointers].every((value) => value > 0 && Number.isInteger(Math.log2(value)));
  if (elementSize === 0 || bits > 64 || pageBits > 32 || pointers < 2 || !powers || bits < Math.log2(smallest)) {
    throw new AppError('FORMAT_HEADER', { why: 'extensible array', offset: head.base });
  }
  if (count > HDF5_CHUNKS_MAX)
    throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'chunks', count, max: HDF5_CHUNKS_MAX });
  const shape = {
    elementSize,
    bits,
    inIndexBlock,
    smallest,
    pointers,
    pageElements: 2 ** pageBits,
    offsetWidth: Math.ceil(bits / 8),
  };
  await walkIndexBlock(file, indexBlock, shape, count, element);
}

async function walkIndexBlock(
  file: H5File,
  address: number,
  shape: Shape,
  count: number,
  element: (index: number, cursor: H5Cursor) => void,
): Promise<void> {
  const { offset } = file.widths;
  const superBlocks = 1 + (shape.bits - Math.log2(shape.smallest));
  const direct = 2 * Math.log2(shape.pointers);
  const directBlocks = 2 * (shape.pointers - 1);
  const behind = Math.max(0, superBlocks - direct);
  const prefix = 6 + offset;
  const size = prefix + shape.inIndexBlock * shape.elementSize + (directBlocks + behind) * offset + 4;
  const block = await file.signed(address, size, 'EAIB', true);
  for (let i = 0; i < Math.min(shape.inIndexBlock, count); i += 1) {
    block.seek(prefix + i * shape.elementSize);
    element(i, block);
  }
  block.seek(prefix + shape.inIndexBlock * shape.elementSize);
  let index = shape.inIndexBlock;
  for (let s = 0; s < superBlocks && index < count; s += 1) {
    const blocks = 2 ** Math.floor(s / 2);
    const elements = 2 ** Math.floor((s + 1) / 2) * shape.smallest;
    if (s < direct) {
      for (let i = 0; i < blocks; i += 1, index += elements) {
        const data = block.address();
        if (data !== null && index < count) await walkDataBlock(file, data, shape, index, elements, null, 0, element);
      }
      continue;
    }
    const superBlock = block.address();
    if (superBlock !== null) await walkSuperBlock(file, superBlock, shape, index, blocks, elements, count, element);
    index += blocks * elements;
  }
}

async function walkSuperBlock(
  file: H5File,
  address: number,
  shape: Shape,
  first: number,
  blocks: number,
  elements: number,
  count: number,
  element: (index: number, cursor: H5Cursor) => void,
): Promise<void> {
  const { offset } = file.widths;
  // Whether a page of a data block was written stands here, not in the block.
  const pages = elements > shape.pageElements ? Math.ceil(elements / shape.pageElements) : 0;
  const bitmap = Math.ceil(pages / 8);
  const prefix = 6 + offset + shape.offsetWidth;
  const block = await file.signed(address, prefix + blocks * (bitmap + offset) + 4, 'EASB', true);
  block.seek(prefix);
  const written = block.take(blocks * bitmap);
  for (let i = 0; i < blocks && first + i * elements < count; i += 1) {
    const data = block.address();
    if (data === null) continue;
    await walkDataBlock(
      file,
      data,
      shape,
      first + i * elements,
      elements,
      pages === 0 ? null : written,
      i * bitmap * 8,
      element,
    );
  }
}

async function walkDataBlock(
  file: H5File,
  address: number,
  shape: Shape,
  first: number,
  elements: number,
  written: Uint8Array | null,
  firstBit: number,
  element: (index: number, cursor: H5Cursor) => void,
): Promise<void> {
  const prefix = 6 + file.widths.offset + shape.offsetWidth;
  const size = shape.elementSize;
  if (written === null) {
    const cursor = await file.signed(address, prefix + elements * size + 4, 'EADB', true);
    for (let i = 0; i < elements; i += 1) {
      cursor.seek(prefix + i * size);
      element(first + i, cursor);
    }
    return;
  }
  await file.signed(address, prefix + 4, 'EADB', true);
  const pages = elements / shape.pageElements;
  for (let p = 0; p < pages; p += 1) {
    const bit = firstBit + p;
    if ((written[Math.floor(bit / 8)]! & (0x80 >> (bit % 8))) === 0) continue;
    const start = address + prefix + 4 + p * (shape.pageElements * size + 4);
    const cursor = await file.cursor(start, shape.pageElements * size + 4, 'extensible array page');
    cursor.checksum(shape.pageElements * size, 'extensible array page');
    for (let i = 0; i < shape.pageElements; i += 1) {
      cursor.seek(i * size);
      element(first + p * shape.pageElements + i, cursor);
    }
  }
}
