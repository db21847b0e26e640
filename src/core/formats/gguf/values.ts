import { Cursor, toSafeNumber } from '../../bytes/cursor.ts';
import { toHex } from '../../bytes/hex.ts';
import { AppError } from '../../errors.ts';
import { GGUF_ARRAY_DEPTH_MAX, GGUF_HEADER_MAX, TEXT_SHOWN_MAX } from '../../limits.ts';
import type { MetaValue } from '../format.ts';

/** Metadata value types by their number (gguf.h `enum gguf_type`), with the bytes of one value; 0: not fixed. */
const TYPES: readonly (readonly [name: string, bytes: number])[] = [
  ['UINT8', 1],
  ['INT8', 1],
  ['UINT16', 2],
  ['INT16', 2],
  ['UINT32', 4],
  ['INT32', 4],
  ['FLOAT32', 4],
  ['BOOL', 1],
  ['STRING', 0],
  ['ARRAY', 0],
  ['UINT64', 8],
  ['INT64', 8],
  ['FLOAT64', 8],
];
const STRING = 8;
const ARRAY = 9;

/** How much of long arrays is kept. */
export interface Keep {
  /** Elements per array. */
  readonly perArray: number;
  /** Elements over all arrays of the file. */
  readonly total: number;
}

export interface ReadString {
  readonly text: string | { readonly invalidUtf8: string };
  readonly bytes: number;
}

/**
 * Reads the variable parts of a GGUF header. Every length is held against what is left of the file before anything is
 * read or kept: one that cannot fit is FORMAT_STRING_TOO_LONG or FORMAT_ARRAY_TOO_LONG when no real header is that long,
 * else FORMAT_TRUNCATED, which is what a download cut in the middle of its vocabulary looks like.
 */
export class ValueReader {
  readonly cursor: Cursor;
  /** True when some array holds arrays: allowed by the specification, refused by ggml. */
  nested = false;
  readonly #size: number;
  /** Version 1 has 32-bit lengths. */
  readonly #wide: boolean;
  readonly #keep: Keep;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #kept = 0;

  /** @param size of the whole file, of which the cursor may see only the beginning */
  constructor(cursor: Cursor, size: number, version: number, keep: Keep) {
    this.cursor = cursor;
    this.#size = size;
    this.#wide = version !== 1;
    this.#keep = keep;
  }

  /** Bytes of the file behind the cursor. */
  get left(): number {
    return this.#size - this.cursor.offset;
  }

  /** A length or count. Beyond 2^53 it is rounded, which no longer matters: it is far above any file. */
  length(): number {
    const { cursor } = this;
    if (!this.#wide) return cursor.u32();
    const first = cursor.u32();
    const second = cursor.u32();
    return cursor.littleEndian ? second * 2 ** 32 + first : first * 2 ** 32 + second;
  }

  /** @param max longer is FORMAT_STRING_TOO_LONG, before anything is read */
  string(what: string, max = GGUF_HEADER_MAX): ReadString {
    const length = this.#stringLength(what);
    if (length > max) throw new AppError('FORMAT_STRING_TOO_LONG', { key: what, length, max });
    const bytes = this.cursor.take(length);
    try {
      return { text: this.#utf8.decode(bytes), bytes: length };
    } catch {
      return { text: { invalidUtf8: toHex(bytes.subarray(0, TEXT_SHOWN_MAX)) }, bytes: length };
    }
  }

  /** @throws AppError FORMAT_UNKNOWN_TYPE, FORMAT_DEPTH, FORMAT_ARRAY_TOO_LONG, FORMAT_STRING_TOO_LONG, FORMAT_TRUNCATED */
  value(key: string): { readonly type: string; readonly value: MetaValue } {
    const type = this.cursor.u32();
    const [name] = this.#type(type, key);
    return { type: name, value: this.#value(type, key, 0) };
  }

  #type(type: number, key: string): readonly [name: string, bytes: number] {
    const known = TYPES[type];
    if (known !== undefined) return known;
    throw new AppError('FORMAT_UNKNOWN_TYPE', { key, type, offset: this.cursor.offset - 4 });
  }

  #value(type: number, key: string, depth: number): MetaValue {
    switch (type) {
      case STRING:
        return this.string(key).text;
      case ARRAY:
        return this.#array(key, depth + 1);
      default:
        return readNumber(this.cursor, type);
    }
  }

  #array(key: string, depth: number): MetaValue {
    if (depth > GGUF_ARRAY_DEPTH_MAX) throw new AppError('FORMAT_DEPTH', { key, max: GGUF_ARRAY_DEPTH_MAX });
    const { cursor } = this;
    const type = cursor.u32();
    const [elementType, bytes] = this.#type(type, key);
    const length = this.length();
    const width = this.#wide ? 8 : 4;
    this.#checkFits(key, length, bytes || (type === ARRAY ? 4 + width : width));
    if (type === ARRAY) this.nested = true;
    const kept = Math.min(length, this.#keep.perArray, Math.max(0, this.#keep.total - this.#kept));
    this.#kept += kept;
    const values: MetaValue[] = [];
    for (let i = 0; i < kept; i++) values.push(this.#value(type, key, depth));
    if (type === STRING) for (let i = kept; i < length; i++) cursor.skip(this.#stringLength(key));
    else if (type === ARRAY) for (let i = kept; i < length; i++) this.#array(key, depth + 1);
    else cursor.skip((length - kept) * bytes);
    return { elementType, length, values };
  }

  #stringLength(what: string): number {
    const length = this.length();
    if (length <= this.left) return length;
    throw this.#tooLong('FORMAT_STRING_TOO_LONG', what, 'string', length, length);
  }

  #checkFits(key: string, count: number, bytesEach: number): void {
    if (count * bytesEach > this.left) {
      throw this.#tooLong('FORMAT_ARRAY_TOO_LONG', key, 'array', count, count * bytesEach);
    }
  }

  #tooLong(
    code: 'FORMAT_STRING_TOO_LONG' | 'FORMAT_ARRAY_TOO_LONG',
    key: string,
    where: string,
    length: number,
    bytes: number,
  ): AppError {
    const { offset } = this.cursor;
    if (bytes > GGUF_HEADER_MAX) return new AppError(code, { key, length, offset, size: this.#size });
    const expected = offset + bytes;
    return new AppError('FORMAT_TRUNCATED', {
      where,
      key,
      offset,
      missing: expected - this.#size,
      expected,
      actual: this.#size,
    });
  }
}

/** Fixed-size values. 64-bit integers as decimal text; floats that JSON cannot hold as their names. */
function readNumber(cursor: Cursor, type: number): MetaValue {
  switch (TYPES[type]![0]) {
    case 'UINT8':
      return cursor.u8();
    case 'INT8':
      return cursor.i8();
    case 'UINT16':
      return cursor.u16();
    case 'INT16':
      return cursor.i16();
    case 'UINT32':
      return cursor.u32();
    case 'INT32':
      return cursor.i32();
    case 'FLOAT32':
      return float(cursor.f32());
    case 'FLOAT64':
      return float(cursor.f64());
    case 'UINT64':
      return cursor.u64().toString();
    case 'INT64':
      return cursor.i64().toString();
    default:
      // BOOL: one byte; writers have put other values than 0 and 1 there, and readers take them for true.
      return cursor.u8() !== 0;
  }
}

function float(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** The number behind a metadata value of any integer type; null when it is none or too large to be exact. */
export function integerOf(value: MetaValue | undefined, type: string): number | null {
  if (!/^U?INT(?:8|16|32|64)$/.test(type)) return null;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  try {
    return toSafeNumber(BigInt(value));
  } catch {
    return null;
  }
}
