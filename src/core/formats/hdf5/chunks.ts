import { AppError } from '../../errors.ts';
import { HDF5_CHUNKS_MAX } from '../../limits.ts';
import { walkBtree1 } from './btree1.ts';
import { walkBtree2 } from './btree2.ts';
import type { Dataspace } from './dataspace.ts';
import { walkExtensibleArray } from './extensible-array.ts';
import type { H5Cursor, H5File } from './file.ts';
import { walkFixedArray } from './fixed-array.ts';
import type { Layout } from './layout.ts';

export type ChunkedLayout = Extract<Layout, { kind: 'chunked' }>;

export interface ChunkPlace {
  readonly address: number;
  /** Stored bytes, after the filters. */
  readonly stored: number;
  /** Bit i: filter i was skipped. */
  readonly mask: number;
}

/** Row-major numbers of the chunks of a dataset, by their place in the grid. */
export class ChunkGrid {
  /** Chunks along each dimension. */
  readonly counts: readonly number[];

  constructor(shape: readonly number[], chunk: readonly number[]) {
    this.counts = shape.map((size, d) => Math.ceil(size / chunk[d]!));
  }

  /** Null when the chunk is outside the dataset, as chunks are that a shrunken dataset left behind. */
  number(place: readonly number[]): number | null {
    let number = 0;
    for (let d = 0; d < this.counts.length; d += 1) {
      const at = place[d] ?? 0;
      if (at >= this.counts[d]!) return null;
      number = number * this.counts[d]! + at;
    }
    return number;
  }
}

/**
 * Where the chunks of a dataset are, by their number in the grid. Chunks that were never written are missing.
 *
 * @param filtered whether stored sizes differ from the plain one
 * @throws AppError FORMAT_*; SOURCE_*
 */
export async function readChunks(
  file: H5File,
  layout: ChunkedLayout,
  space: Dataspace,
  filtered: boolean,
): Promise<ReadonlyMap<number, ChunkPlace>> {
  const { chunk, elementSize, index } = layout;
  const grid = new ChunkGrid(space.shape, chunk);
  const bytes = chunk.reduce((product, size) => product * size, elementSize);
  const places = new Map<number, ChunkPlace>();
  if (index === null) return places;
  const add = (at: readonly number[], place: ChunkPlace): void => {
    const number = grid.number(at);
    if (number === null) return;
    if (places.size >= HDF5_CHUNKS_MAX)
      throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'chunks', max: HDF5_CHUNKS_MAX });
    places.set(number, place);
  };
  const element = (cursor: H5Cursor): ChunkPlace | null => {
    const address = cursor.address();
    if (!filtered) return address === null ? null : { address, stored: bytes, mask: 0 };
    const stored = cursor.uint(layout.sizeWidth);
    const mask = cursor.u32();
    return address === null ? null : { address, stored, mask };
  };
  switch (index.kind) {
    case 'btree1':
      await walkBtree1(file, index.address, 1, 8 + 8 * (chunk.length + 1), (key, address) => {
        const stored = key.u32();
        const mask = key.u32();
        const at = chunk.map((size) => {
          const offset = key.u64Safe();
          if (offset % size !== 0) throw new AppError('FORMAT_HEADER', { why: 'chunk offset', offset: key.offset });
          return offset / size;
        });
        add(at, { address, stored, mask });
      });
      return places;
    case 'single':
      add(
        chunk.map(() => 0),
        { address: index.address, stored: index.stored ?? bytes, mask: index.mask },
      );
      return places;
    case 'implicit': {
      const order = new ArrayOrder(space, chunk);
      const all = grid.counts.reduce((product, count) => product * count, 1);
      if (all > HDF5_CHUNKS_MAX)
        throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'chunks', count: all, max: HDF5_CHUNKS_MAX });
      for (let i = 0; i < all; i += 1) {
        const at = unravel(i, grid.counts);
        add(at, { address: index.address + order.index(at) * bytes, stored: bytes, mask: 0 });
      }
      return places;
    }
    case 'fixed-array':
    case 'extensible-array': {
      const order = new ArrayOrder(space, chunk);
      const walk = index.kind === 'fixed-array' ? walkFixedArray : walkExtensibleArray;
      await walk(file, index.address, (i, cursor) => {
        const place = element(cursor);
        if (place !== null) add(order.place(i), place);
      });
      return places;
    }
    case 'btree2':
      await walkBtree2(file, index.address, filtered ? 11 : 10, (record) => {
        const place = element(record);
        const at = chunk.map(() => record.u64Safe());
        if (place !== null) add(at, place);
      });
      return places;
  }
}

/**
 * How the array indexes count chunks: row-major over the largest extent of the dataset, with the one unlimited dimension
 * moved to the front (H5VM_swizzle_coords), so that growing it only appends.
 */
class ArrayOrder {
  readonly #counts: number[];
  readonly #unlimited: number;

  constructor({ most }: Dataspace, chunk: readonly number[]) {
    this.#unlimited = Math.max(0, most.indexOf(null));
    // The front dimension's own count never matters.
    this.#counts = this.#toFront(most.map((size, d) => (size === null ? 1 : Math.ceil(size / chunk[d]!))));
  }

  index(place: readonly number[]): number {
    return this.#toFront(place).reduce((index, at, d) => (d === 0 ? at : index * this.#counts[d]! + at), 0);
  }

  place(index: number): number[] {
    const front: number[] = [];
    let rest = index;
    for (let d = this.#counts.length - 1; d > 0; d -= 1) {
      const count = Math.max(1, this.#counts[d]!);
      front[d] = rest % count;
      rest = Math.floor(rest / count);
    }
    front[0] = rest;
    const [moved = 0, ...others] = front;
    return [...others.slice(0, this.#unlimited), moved, ...others.slice(this.#unlimited)];
  }

  #toFront(values: readonly number[]): number[] {
    const at = this.#unlimited;
    return [values[at] ?? 0, ...values.slice(0, at), ...values.slice(at + 1)];
  }
}

export function unravel(number: number, counts: readonly number[]): number[] {
  const place: number[] = [];
  let rest = number;
  for (let d = counts.length - 1; d >= 0; d -= 1) {
    place[d] = rest % counts[d]!;
    rest = Math.floor(rest / counts[d]!);
  }
  return place;
}
