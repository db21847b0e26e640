/**
 * A reader of FlatBuffers (flatbuffers.dev/internals) by ranges: tables find their fields through a vtable, and every
 * offset is held against the file before it is followed. Nothing here recurses; the schema decides how deep one goes.
 */
import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { PagedBytes } from '../paged.ts';

const VECTOR_MAX = 10_000_000;

/** A vector: where its elements are and how many. */
export interface FlatVector {
  readonly start: number;
  readonly count: number;
}

export class FlatFile {
  readonly #bytes: PagedBytes;

  constructor(source: ByteSource, readsMax: number, signal?: AbortSignal) {
    this.#bytes = new PagedBytes(source, readsMax, signal);
  }

  /** The table that the first four bytes point to. @throws AppError FORMAT_BOUNDS */
  async root(): Promise<FlatTable> {
    return this.table(await this.uint32(0));
  }

  /** @throws AppError FORMAT_BOUNDS when the table or its vtable lie outside the file */
  async table(at: number): Promise<FlatTable> {
    const vtable = at - (await this.int32(at));
    const head = await this.view(vtable, 4, 'vtable');
    const [bytes, size] = [head.getUint16(0, true), head.getUint16(2, true)];
    if (bytes < 4 || bytes % 2 !== 0) throw new AppError('FORMAT_BOUNDS', { what: 'vtable', offset: vtable });
    await this.view(at, size, 'table');
    return new FlatTable(this, at, size, await this.view(vtable, bytes, 'vtable'));
  }

  async view(start: number, length: number, what: string): Promise<DataView> {
    const bytes = await this.#bytes.bytes(start, length, what);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  async uint32(at: number): Promise<number> {
    return (await this.view(at, 4, 'offset')).getUint32(0, true);
  }

  async int32(at: number): Promise<number> {
    return (await this.view(at, 4, 'offset')).getInt32(0, true);
  }

  /** The vector whose length stands at `at`. @throws AppError FORMAT_BOUNDS */
  async vector(at: number, elementSize: number, what: string): Promise<FlatVector> {
    const count = await this.uint32(at);
    // One byte of the last element proves that they all lie in the file.
    if (count > 0) await this.view(at + 4 + count * elementSize - 1, 1, what);
    return { start: at + 4, count };
  }
}

export class FlatTable {
  readonly file: FlatFile;
  readonly at: number;
  readonly #size: number;
  readonly #vtable: DataView;

  constructor(file: FlatFile, at: number, size: number, vtable: DataView) {
    this.file = file;
    this.at = at;
    this.#size = size;
    this.#vtable = vtable;
  }

  /** Absolute place of a field, null when it has its default. @throws AppError FORMAT_BOUNDS outside its table */
  #place(field: number, size: number): number | null {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.#vtable.byteLength) return null;
    const offset = this.#vtable.getUint16(slot, true);
    if (offset === 0) return null;
    if (offset + size > this.#size) throw new AppError('FORMAT_BOUNDS', { what: 'field', offset: this.at + offset });
    return this.at + offset;
  }

  async uint8(field: number, otherwise = 0): Promise<number> {
    const at = this.#place(field, 1);
    return at === null ? otherwise : (await this.file.view(at, 1, 'field')).getUint8(0);
  }

  async int32(field: number, otherwise = 0): Promise<number> {
    const at = this.#place(field, 4);
    return at === null ? otherwise : this.file.int32(at);
  }

  async uint32(field: number, otherwise = 0): Promise<number> {
    const at = this.#place(field, 4);
    return at === null ? otherwise : this.file.uint32(at);
  }

  /** @throws AppError FORMAT_OVERFLOW above 2^53 - 1 */
  async uint64(field: number): Promise<number> {
    const at = this.#place(field, 8);
    if (at === null) return 0;
    const value = (await this.file.view(at, 8, 'field')).getBigUint64(0, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new AppError('FORMAT_OVERFLOW', { offset: at, value: value.toString() });
    return Number(value);
  }

  async table(field: number): Promise<FlatTable | null> {
    const at = this.#place(field, 4);
    return at === null ? null : this.file.table(at + (await this.file.uint32(at)));
  }

  async vector(field: number, elementSize: number, what: string): Promise<FlatVector> {
    const at = this.#place(field, 4);
    return at === null
      ? { start: 0, count: 0 }
      : this.file.vector(at + (await this.file.uint32(at)), elementSize, what);
  }

  /** Text, cut at `most` bytes; empty when there is none. */
  async text(field: number, most: number): Promise<string> {
    const { start, count } = await this.vector(field, 1, 'text');
    const view = await this.file.view(start, Math.min(count, most), 'text');
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(view);
  }

  /** Tables of a vector, one after another. @throws AppError FORMAT_COUNT_TOO_LARGE above `most` */
  async *tables(field: number, most: number, what: string): AsyncGenerator<FlatTable, void, undefined> {
    const { start, count } = await this.vector(field, 4, what);
    if (count > most) throw new AppError('FORMAT_COUNT_TOO_LARGE', { what, count, max: most });
    for (let i = 0; i < count; i += 1) {
      const at = start + 4 * i;
      yield this.file.table(at + (await this.file.uint32(at)));
    }
  }

  /** Small numbers of a vector, at most `most` of them. */
  async numbers(field: number, kind: 'int32' | 'float32' | 'int64', most: number, what: string): Promise<number[]> {
    const size = kind === 'int64' ? 8 : 4;
    const { start, count } = await this.vector(field, size, what);
    if (count > VECTOR_MAX) throw new AppError('FORMAT_COUNT_TOO_LARGE', { what, count, max: VECTOR_MAX });
    const kept = Math.min(count, most);
    const view = await this.file.view(start, kept * size, what);
    return Array.from({ length: kept }, (_, i) => {
      if (kind === 'float32') return view.getFloat32(4 * i, true);
      if (kind === 'int32') return view.getInt32(4 * i, true);
      return Number(view.getBigInt64(8 * i, true));
    });
  }
}
