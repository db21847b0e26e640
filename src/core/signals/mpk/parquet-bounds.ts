/**
 * Looks through the structure of a Parquet file before the library reads it: the footer and every page header. The
 * library believes what they state, and a file of 600 bytes can keep it busy for minutes and fill gigabytes (lists inside
 * lists of 30 million elements each). Format: apache/parquet-format, README and parquet.thrift; Thrift's compact protocol.
 */
import { AppError } from '../../errors.ts';

const FOOTER = 8;
/** Structures inside structures: a footer has five. */
const DEPTH_MAX = 16;
/** Unpacked bytes of all pages. */
const UNPACKED_MAX = 256 * 1024 * 1024;
/** Values of a column for each byte of the file. The published ones have 0.3; their values hardly compress. */
const VALUES_PER_BYTE_MAX = 16;

type Thrift = number | boolean | Uint8Array | readonly Thrift[] | ReadonlyMap<number, Thrift>;

/**
 * @param bytes the whole file
 * @throws AppError DB_FORMAT {where}: lengths, counts or offsets that cannot be right
 */
export function checkParquet(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < FOOTER + 4) throw wrong('length');
  const end = bytes.length - FOOTER;
  const length = view.getUint32(end, true);
  if (length > end) throw wrong('footer length');
  const footer = new ThriftReader(bytes, end - length, end).struct(0);
  const valuesMax = bytes.length * VALUES_PER_BYTE_MAX;
  if (whole(footer, 3) > valuesMax) throw wrong('rows');
  let unpacked = 0;
  for (const group of structs(footer, 4)) {
    for (const chunk of structs(group, 1)) {
      const about = chunk.get(3);
      if (!isStruct(about)) throw wrong('column');
      const dictionary = about.has(11) ? whole(about, 11) : 0;
      const start = dictionary > 0 ? dictionary : whole(about, 9);
      const size = whole(about, 7);
      if (whole(about, 5) > valuesMax) throw wrong('values');
      if (start + size > bytes.length) throw wrong('column offset');
      unpacked += checkPages(bytes, start, start + size, valuesMax);
      if (unpacked > UNPACKED_MAX) throw wrong('unpacked size');
    }
  }
}

/** Every page header of a column chunk. @returns bytes that its pages unpack to */
function checkPages(bytes: Uint8Array, start: number, end: number, valuesMax: number): number {
  let unpacked = 0;
  for (let at = start; at < end;) {
    const reader = new ThriftReader(bytes, at, end);
    const header = reader.struct(0);
    const size = whole(header, 3);
    unpacked += whole(header, 2);
    // Data page, dictionary page, data page of the second version: each states first how many values it has.
    for (const field of [5, 7, 8]) {
      const page = header.get(field);
      if (page !== undefined && (!isStruct(page) || whole(page, 1) > valuesMax)) throw wrong('page values');
    }
    if (unpacked > UNPACKED_MAX) throw wrong('unpacked size');
    at = reader.at + size;
    if (at > end) throw wrong('page size');
  }
  return unpacked;
}

class ThriftReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  at: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#end = end;
  }

  struct(depth: number): ReadonlyMap<number, Thrift> {
    if (depth > DEPTH_MAX) throw wrong('depth');
    const fields = new Map<number, Thrift>();
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return fields;
      const step = Math.floor(head / 16);
      id = step === 0 ? this.#zigzag() : id + step;
      fields.set(id, this.#value(head % 16, depth));
    }
  }

  #value(type: number, depth: number): Thrift {
    switch (type) {
      case 1:
      case 2:
        return type === 1;
      case 3:
        return this.#byte();
      case 4:
      case 5:
      case 6:
        return this.#zigzag();
      case 7:
        return this.#take(8);
      case 8:
        return this.#take(this.#varint());
      case 9:
        return this.#list(depth + 1);
      case 12:
        return this.struct(depth + 1);
      default:
        throw wrong('thrift type');
    }
  }

  #list(depth: number): readonly Thrift[] {
    if (depth > DEPTH_MAX) throw wrong('depth');
    const head = this.#byte();
    const short = Math.floor(head / 16);
    const count = short === 15 ? this.#varint() : short;
    // Every element takes at least a byte.
    if (count > this.#end - this.at) throw wrong('list length');
    const type = head % 16;
    const list: Thrift[] = [];
    for (let i = 0; i < count; i += 1) list.push(type <= 2 ? this.#byte() === 1 : this.#value(type, depth));
    return list;
  }

  #byte(): number {
    if (this.at >= this.#end) throw wrong('end');
    return this.#bytes[this.at++]!;
  }

  #take(count: number): Uint8Array {
    if (count > this.#end - this.at) throw wrong('end');
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte % 128) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw wrong('number');
      if (byte < 128) return value;
    }
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

function structs(from: ReadonlyMap<number, Thrift>, field: number): readonly ReadonlyMap<number, Thrift>[] {
  const list = from.get(field);
  if (!Array.isArray(list) || !list.every(isStruct)) throw wrong(`field ${field}`);
  return list as readonly ReadonlyMap<number, Thrift>[];
}

function isStruct(value: unknown): value is ReadonlyMap<number, Thrift> {
  return value instanceof Map;
}

/** @throws AppError DB_FORMAT when it is missing or negative */
function whole(from: ReadonlyMap<number, Thrift>, field: number): number {
  const value = from.get(field);
  if (typeof value !== 'number' || value < 0) throw wrong(`field ${field}`);
  return value;
}

function wrong(where: string): AppError {
  return new AppError('DB_FORMAT', { where: `Parquet: ${where}` });
}
