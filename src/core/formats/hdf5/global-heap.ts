import { AppError } from '../../errors.ts';
import type { H5Cursor, H5File } from './file.ts';

/** A collection is normally 4 KiB; one object of a config can make it as long as that. */
const COLLECTION_MAX = 64 * 1024 * 1024;
const OBJECTS_MAX = 100_000;

interface Place {
  readonly address: number;
  readonly length: number;
}

/** Objects of variable length, kept in collections (specification III.E). Places are remembered, bytes are not. */
export class GlobalHeaps {
  readonly #file: H5File;
  readonly #collections = new Map<number, ReadonlyMap<number, Place>>();

  constructor(file: H5File) {
    this.#file = file;
  }

  /** The object, cut at `most` bytes. @throws AppError FORMAT_HEADER, FORMAT_BOUNDS */
  async object(collection: number, index: number, most: number): Promise<H5Cursor> {
    const place = (await this.#places(collection)).get(index);
    if (place === undefined) throw new AppError('FORMAT_BOUNDS', { what: 'global heap object', index });
    return this.#file.cursor(place.address, Math.min(place.length, most), 'global heap object');
  }

  async #places(address: number): Promise<ReadonlyMap<number, Place>> {
    const known = this.#collections.get(address);
    if (known !== undefined) return known;
    const { length } = this.#file.widths;
    const head = await this.#file.signed(address, 8 + length, 'GCOL', false);
    head.skip(4);
    const size = head.extent();
    if (size > COLLECTION_MAX)
      throw new AppError('FORMAT_TOO_LARGE', { what: 'global heap', size, limit: COLLECTION_MAX });
    this.#file.place(address, size, 'global heap');
    const places = new Map<number, Place>();
    let at = 8 + length;
    while (at + 8 + length <= size && places.size < OBJECTS_MAX) {
      const cursor = await this.#file.cursor(address + at, 8 + length, 'global heap');
      const index = cursor.u16();
      cursor.skip(6);
      const bytes = cursor.extent();
      // Object 0 is the free space at the end.
      if (index === 0) break;
      const start = at + 8 + length;
      if (bytes > size - start)
        throw new AppError('FORMAT_BOUNDS', { what: 'global heap object', index, length: bytes });
      places.set(index, { address: address + start, length: bytes });
      at = start + Math.ceil(bytes / 8) * 8;
    }
    this.#collections.set(address, places);
    return places;
  }
}
