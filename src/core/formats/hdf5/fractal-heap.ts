import { AppError } from '../../errors.ts';
import { walkBtree2, countSize } from './btree2.ts';
import type { H5File } from './file.ts';
import { H5Cursor } from './file.ts';
import { lookup3 } from './lookup3.ts';

/** One object of a heap. */
const OBJECT_MAX = 64 * 1024 * 1024;
const DEPTH_MAX = 32;

/** Where links and attributes are when there are many (specification III.G). Objects are found by a heap ID. */
export class FractalHeap {
  readonly #file: H5File;
  readonly #h: HeapHeader;
  readonly #checked = new Set<number>();
  #huge: Map<number, { readonly address: number; readonly length: number }> | null = null;

  private constructor(file: H5File, header: HeapHeader) {
    this.#file = file;
    this.#h = header;
  }

  /** @throws AppError FORMAT_HEADER, FORMAT_CHECKSUM, FORMAT_BOUNDS */
  static async open(file: H5File, address: number): Promise<FractalHeap> {
    return new FractalHeap(file, await readHeader(file, address));
  }

  get idLength(): number {
    return this.#h.idLength;
  }

  /** The bytes of an object. @throws AppError FORMAT_HEADER, FORMAT_BOUNDS, FORMAT_TOO_LARGE */
  async object(id: Uint8Array): Promise<H5Cursor> {
    const cursor = new H5Cursor(id, 0, this.#file.widths);
    const kind = (cursor.u8() >> 4) & 3;
    if (kind === 0) return this.#managed(cursor.uint(this.#h.offsetSize), cursor.uint(this.#h.lengthSize));
    if (kind === 1) return this.#hugeObject(cursor.uint(Math.min(this.#file.widths.length, this.#h.idLength - 1)));
    if (kind === 2) {
      const extended = this.#h.idLength - 1 > 16;
      const length = extended ? 1 + (id[0]! & 15) * 256 + cursor.u8() : 1 + (id[0]! & 15);
      return new H5Cursor(cursor.take(length), 0, this.#file.widths);
    }
    throw new AppError('FORMAT_HEADER', { why: 'heap object' });
  }

  async #managed(offset: number, length: number): Promise<H5Cursor> {
    if (length > OBJECT_MAX)
      throw new AppError('FORMAT_TOO_LARGE', { what: 'heap object', size: length, limit: OBJECT_MAX });
    const block = await this.#blockOf(offset);
    if (offset + length > block.start + block.size)
      throw new AppError('FORMAT_BOUNDS', { what: 'heap object', offset, length });
    return this.#file.cursor(block.address + (offset - block.start), length, 'heap object');
  }

  /** The direct block that holds an offset of the heap's own space. */
  async #blockOf(offset: number): Promise<{ address: number; start: number; size: number }> {
    const h = this.#h;
    if (h.root === null) throw new AppError('FORMAT_BOUNDS', { what: 'heap object', offset });
    if (h.rootRows === 0) {
      await this.#check(h.root, h.startSize, 'FHDB');
      return { address: h.root, start: 0, size: h.startSize };
    }
    let node = h.root;
    let start = 0;
    let rows = h.rootRows;
    for (let depth = 0; depth < DEPTH_MAX; depth += 1) {
      const place = this.#entryOf(offset - start, rows);
      const directRows = Math.min(rows, h.directRows);
      const at = 5 + this.#file.widths.offset + h.offsetSize;
      const before =
        place.row < directRows
          ? (place.row * h.width + place.column) * this.#file.widths.offset
          : directRows * h.width * this.#file.widths.offset +
            ((place.row - directRows) * h.width + place.column) * this.#file.widths.offset;
      await this.#check(node, at + rows * h.width * this.#file.widths.offset + 4, 'FHIB');
      const child = (await this.#file.cursor(node + at + before, this.#file.widths.offset, 'FHIB')).address();
      if (child === null) throw new AppError('FORMAT_BOUNDS', { what: 'heap object', offset });
      if (place.row < h.directRows) {
        await this.#check(child, place.size, 'FHDB');
        return { address: child, start: start + place.start, size: place.size };
      }
      node = child;
      start += place.start;
      rows = Math.log2(place.size) - Math.log2(h.startSize * h.width) + 1;
      if (!Number.isInteger(rows) || rows < 1) throw new AppError('FORMAT_HEADER', { why: 'heap rows' });
    }
    throw new AppError('FORMAT_DEPTH', { max: DEPTH_MAX });
  }

  /** Looks at the checksum of a block when it is first used. */
  async #check(address: number, size: number, signature: 'FHDB' | 'FHIB'): Promise<void> {
    if (this.#checked.has(address)) return;
    this.#checked.add(address);
    const cursor = await this.#file.signed(address, size, signature, signature === 'FHIB');
    if (signature === 'FHIB' || !this.#h.checksummed) return;
    // The sum of a direct block stands behind its prefix and counts as zero in itself.
    const at = 5 + this.#file.widths.offset + this.#h.offsetSize;
    cursor.seek(at);
    const stated = cursor.u32();
    const bytes = cursor.bytes.slice();
    bytes.fill(0, at, at + 4);
    if (lookup3(bytes) !== stated) throw new AppError('FORMAT_CHECKSUM', { what: signature, offset: cursor.base });
  }

  /** Row and column of the doubling table. */
  #entryOf(offset: number, rows: number): { row: number; column: number; start: number; size: number } {
    const { startSize, width } = this.#h;
    let start = 0;
    let size = startSize;
    for (let row = 0; row < rows; row += 1) {
      if (row > 1) size *= 2;
      if (offset < start + size * width) {
        const column = Math.floor((offset - start) / size);
        return { row, column, start: start + column * size, size };
      }
      start += size * width;
    }
    throw new AppError('FORMAT_BOUNDS', { what: 'heap object', offset });
  }

  async #hugeObject(id: number): Promise<H5Cursor> {
    const { hugeTree } = this.#h;
    if (this.#huge === null) {
      const huge = new Map<number, { address: number; length: number }>();
      if (hugeTree !== null) {
        await walkBtree2(this.#file, hugeTree, 1, (record) => {
          const address = record.address();
          const length = record.extent();
          if (address !== null) huge.set(record.extent(), { address, length });
        });
      }
      this.#huge = huge;
    }
    const place = this.#huge.get(id);
    if (place === undefined) throw new AppError('FORMAT_BOUNDS', { what: 'heap object', id });
    if (place.length > OBJECT_MAX)
      throw new AppError('FORMAT_TOO_LARGE', { what: 'heap object', size: place.length, limit: OBJECT_MAX });
    return this.#file.cursor(place.address, place.length, 'heap object');
  }
}

interface HeapHeader {
  readonly idLength: number;
  readonly checksummed: boolean;
  readonly hugeTree: number | null;
  readonly width: number;
  readonly startSize: number;
  readonly root: number | null;
  readonly rootRows: number;
  /** Rows of an indirect block that hold direct blocks. */
  readonly directRows: number;
  readonly offsetSize: number;
  readonly lengthSize: number;
}

async function readHeader(file: H5File, address: number): Promise<HeapHeader> {
  const { offset, length } = file.widths;
  const cursor = await file.signed(address, 26 + 3 * offset + 12 * length, 'FRHP', false);
  cursor.skip(1);
  const idLength = cursor.u16();
  const filtered = cursor.u16();
  const flags = cursor.u8();
  const maxManaged = cursor.u32();
  cursor.extent();
  const hugeTree = cursor.address();
  cursor.extent();
  cursor.address();
  for (let i = 0; i < 8; i += 1) cursor.extent();
  const width = cursor.u16();
  const startSize = cursor.extent();
  const maxDirect = cursor.extent();
  const heapBits = cursor.u16();
  cursor.skip(2);
  const root = cursor.address();
  const rootRows = cursor.u16();
  // Filtered heaps have never been seen: link and attribute heaps cannot be given filters through the library.
  if (filtered !== 0) throw new AppError('FORMAT_HEADER', { why: 'filtered heap', offset: cursor.base });
  await file.signed(address, 26 + 3 * offset + 12 * length, 'FRHP', true);
  const powers = [startSize, maxDirect, width].every((value) => value > 0 && Number.isInteger(Math.log2(value)));
  if (!powers || maxDirect < startSize || heapBits > 64 || idLength < 2 || idLength > 4096) {
    throw new AppError('FORMAT_HEADER', { why: 'heap sizes', offset: cursor.base });
  }
  return {
    idLength,
    checksummed: (flags & 2) !== 0,
    hugeTree,
    width,
    startSize,
    root,
    rootRows,
    directRows: Math.log2(maxDirect) - Math.log2(startSize) + 2,
    offsetSize: Math.ceil(heapBits / 8),
    lengthSize: Math.min(countSize(maxDirect), countSize(maxManaged)),
  };
}
