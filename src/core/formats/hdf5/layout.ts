import { AppError } from '../../errors.ts';
import { DIMENSIONS_MAX } from '../shape.ts';
import type { H5Cursor } from './file.ts';

/** Where chunks are: by a B-tree of version 1 in old files, by one of five indexes in new ones. */
export type ChunkIndex =
  | { readonly kind: 'btree1'; readonly address: number }
  | { readonly kind: 'single'; readonly address: number; readonly stored: number | null; readonly mask: number }
  | { readonly kind: 'implicit'; readonly address: number }
  | { readonly kind: 'fixed-array'; readonly address: number }
  | { readonly kind: 'extensible-array'; readonly address: number }
  | { readonly kind: 'btree2'; readonly address: number };

export type Layout =
  | { readonly kind: 'compact'; readonly start: number; readonly length: number }
  | { readonly kind: 'contiguous'; readonly address: number | null; readonly length: number | null }
  | {
      readonly kind: 'chunked';
      /** Elements of a chunk along each dimension. */
      readonly chunk: readonly number[];
      /** Bytes of one element. */
      readonly elementSize: number;
      /** Null: nothing was ever written. */
      readonly index: ChunkIndex | null;
      /** Chunks that reach over the edge are stored without filters. */
      readonly plainEdges: boolean;
      /** Bytes in which an index states the stored size of a filtered chunk. */
      readonly sizeWidth: number;
    }
  | { readonly kind: 'virtual'; readonly heap: number | null; readonly heapIndex: number };

const CLASSES = ['compact', 'contiguous', 'chunked', 'virtual'];

/**
 * Data layout message, versions 1 to 5 (specification IV.A.2.i).
 *
 * @throws AppError FORMAT_VERSION, FORMAT_HEADER, FORMAT_SHAPE
 */
export function readLayout(cursor: H5Cursor): Layout {
  const version = cursor.u8();
  if (version < 1 || version > 5) throw new AppError('FORMAT_VERSION', { what: 'data layout', version });
  return version < 3 ? readOld(cursor) : readNew(cursor, version);
}

function readOld(cursor: H5Cursor): Layout {
  const rank = cursor.u8();
  const kind = CLASSES[cursor.u8()];
  cursor.skip(5);
  const address = kind === 'compact' ? null : cursor.address();
  const sizes = readSizes(cursor, rank, 4);
  if (kind === 'chunked')
    return chunked(sizes, address === null ? null : { kind: 'btree1', address }, false, cursor.widths.length);
  if (kind === 'contiguous') return { kind: 'contiguous', address, length: null };
  const length = cursor.u32();
  return { kind: 'compact', start: cursor.offset, length: checked(length, cursor) };
}

function readNew(cursor: H5Cursor, version: number): Layout {
  const { offset } = cursor;
  const kind = CLASSES[cursor.u8()];
  switch (kind) {
    case 'compact': {
      const length = cursor.u16();
      return { kind, start: cursor.offset, length: checked(length, cursor) };
    }
    case 'contiguous':
      return { kind, address: cursor.address(), length: cursor.extent() };
    case 'virtual':
      return { kind, heap: cursor.address(), heapIndex: cursor.u32() };
    case 'chunked':
      if (version > 3) return readIndexed(cursor, version);
      break;
    default:
      throw new AppError('FORMAT_HEADER', { why: 'data layout', offset });
  }
  const rank = cursor.u8();
  const address = cursor.address();
  const sizes = readSizes(cursor, rank, 4);
  return chunked(sizes, address === null ? null : { kind: 'btree1', address }, false, cursor.widths.length);
}

function readIndexed(cursor: H5Cursor, version: number): Layout {
  const flags = cursor.u8();
  const rank = cursor.u8();
  const width = cursor.u8();
  if (width < 1 || width > 8) throw new AppError('FORMAT_HEADER', { why: 'chunk sizes', offset: cursor.offset });
  const sizes = readSizes(cursor, rank, width);
  const type = cursor.u8();
  const filtered = type === 1 && (flags & 2) !== 0;
  const stored = filtered ? cursor.extent() : null;
  const mask = filtered ? cursor.u32() : 0;
  // Parameters of the index are in its own header too.
  cursor.skip({ 1: 0, 2: 0, 3: 1, 4: 5, 5: 6 }[type] ?? 0);
  const address = cursor.address();
  const index = address === null ? null : indexOf(type, address, stored, mask, cursor);
  const bytes = sizes.reduce((product, size) => product * size, 1);
  // H5D_CHUNK: one byte more than the size of a plain chunk needs; since layout version 5 as wide as any length.
  const narrow = Math.min(8, 1 + Math.floor((Math.floor(Math.log2(Math.max(1, bytes))) + 8) / 8));
  return chunked(sizes, index, (flags & 1) !== 0, version > 4 ? cursor.widths.length : narrow);
}

function indexOf(type: number, address: number, stored: number | null, mask: number, cursor: H5Cursor): ChunkIndex {
  switch (type) {
    case 1:
      return { kind: 'single', address, stored, mask };
    case 2:
      return { kind: 'implicit', address };
    case 3:
      return { kind: 'fixed-array', address };
    case 4:
      return { kind: 'extensible-array', address };
    case 5:
      return { kind: 'btree2', address };
    default:
      throw new AppError('FORMAT_HEADER', { why: `chunk index ${type}`, offset: cursor.offset });
  }
}

function readSizes(cursor: H5Cursor, rank: number, width: number): number[] {
  if (rank > DIMENSIONS_MAX + 1) throw new AppError('FORMAT_SHAPE', { dimensions: rank });
  const sizes: number[] = [];
  for (let i = 0; i < rank; i += 1) sizes.push(cursor.uint(width));
  return sizes;
}

/** The last size is that of an element. */
function chunked(sizes: readonly number[], index: ChunkIndex | null, plainEdges: boolean, sizeWidth: number): Layout {
  const elementSize = sizes.at(-1);
  const bytes = sizes.reduce((product, size) => product * size, 1);
  if (elementSize === undefined || sizes.length < 2 || bytes === 0 || !Number.isSafeInteger(bytes)) {
    throw new AppError('FORMAT_SHAPE', { what: 'chunk', dimensions: sizes.length });
  }
  return { kind: 'chunked', chunk: sizes.slice(0, -1), elementSize, index, plainEdges, sizeWidth };
}

function checked(length: number, cursor: H5Cursor): number {
  if (length > cursor.remaining)
    throw new AppError('FORMAT_BOUNDS', { what: 'compact data', offset: cursor.offset, length });
  return length;
}
