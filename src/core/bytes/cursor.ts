import { AppError, type ErrorCode } from '../errors.ts';

export interface CursorOptions {
  /** Offset of the first byte in its file: only for error details. Default 0. */
  readonly base?: number;
  /** Default true. Setting `littleEndian` later is allowed: GGUF finds out while reading. */
  readonly littleEndian?: boolean;
  /** Code thrown when the bytes end too early. Default FORMAT_TRUNCATED. */
  readonly truncated?: ErrorCode;
}

/**
 * Reads numbers one after another from bytes of a hostile file. Never reads past the end, never rounds: what ends too
 * early is FORMAT_TRUNCATED (or the code asked for), a 64-bit integer that a number cannot hold is FORMAT_OVERFLOW.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly base: number;
  littleEndian: boolean;
  readonly #view: DataView;
  readonly #truncated: ErrorCode;
  #at = 0;

  constructor(bytes: Uint8Array, options: CursorOptions = {}) {
    this.bytes = bytes;
    this.base = options.base ?? 0;
    this.littleEndian = options.littleEndian ?? true;
    this.#truncated = options.truncated ?? 'FORMAT_TRUNCATED';
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Position within `bytes`. */
  get position(): number {
    return this.#at;
  }

  /** Position within the file. */
  get offset(): number {
    return this.base + this.#at;
  }

  get remaining(): number {
    return this.bytes.length - this.#at;
  }

  /** Moves to a position within `bytes`; the end itself is allowed. */
  seek(position: number): void {
    if (!Number.isSafeInteger(position) || position < 0 || position > this.bytes.length) {
      throw new AppError(this.#truncated, { offset: this.base + position, available: this.bytes.length });
    }
    this.#at = position;
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** A view, not a copy. */
  take(count: number): Uint8Array {
    const at = this.#take(count);
    return this.bytes.subarray(at, at + count);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), this.littleEndian);
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2), this.littleEndian);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), this.littleEndian);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), this.littleEndian);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), this.littleEndian);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), this.littleEndian);
  }

  /** A 64-bit unsigned integer as a number. @throws AppError FORMAT_OVERFLOW above 2^53 - 1 */
  u64Safe(): number {
    const offset = this.offset;
    return toSafeNumber(this.u64(), { offset });
  }

  f32(): number {
    return this.#view.getFloat32(this.#take(4), this.littleEndian);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), this.littleEndian);
  }

  #take(count: number): number {
    const at = this.#at;
    if (!Number.isSafeInteger(count) || count < 0 || count > this.bytes.length - at) {
      throw new AppError(this.#truncated, { offset: this.offset, wanted: count, available: this.remaining });
    }
    this.#at = at + count;
    return at;
  }
}

/** A 64-bit integer as a number, exactly. @throws AppError FORMAT_OVERFLOW (or `code`) outside ±(2^53 - 1) */
export function toSafeNumber(
  value: bigint,
  detail: Readonly<Record<string, string | number | boolean>> = {},
  code: ErrorCode = 'FORMAT_OVERFLOW',
): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new AppError(code, { ...detail, value: value.toString() });
  }
  return Number(value);
}

/** `a + b` of two offsets or lengths, exactly. @throws AppError FORMAT_OVERFLOW (or `code`) when not a safe integer */
export function addSafe(a: number, b: number, code: ErrorCode = 'FORMAT_OVERFLOW'): number {
  const sum = a + b;
  if (!Number.isSafeInteger(sum)) throw new AppError(code, { a, b });
  return sum;
}

/** `a * b` of a count and a length, exactly. @throws AppError FORMAT_OVERFLOW (or `code`) when not a safe integer */
export function multiplySafe(a: number, b: number, code: ErrorCode = 'FORMAT_OVERFLOW'): number {
  const product = a * b;
  if (!Number.isSafeInteger(product)) throw new AppError(code, { a, b });
  return product;
}
