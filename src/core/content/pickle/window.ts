import { AppError } from '../../errors.ts';

/** Thrown by a window when an opcode needs bytes that are not there yet; never leaves this folder. */
export class NeedMore {
  /** Absolute offset up to which bytes are wanted. */
  readonly until: number;

  constructor(until: number) {
    this.until = until;
  }
}

/**
 * A part of a pickle in memory, with absolute offsets. Bytes beyond `end` do not exist; bytes between the window and
 * `end` exist and can be asked for by throwing `NeedMore`, after which the same opcode is read again from its start.
 */
export class PickleWindow {
  readonly end: number;
  bytes: Uint8Array;
  /** Absolute offset of `bytes[0]`. */
  base: number;
  /** Absolute offset of the next byte to read. */
  position: number;
  #view: DataView;

  constructor(bytes: Uint8Array, base: number, end: number) {
    this.bytes = bytes;
    this.base = base;
    this.end = end;
    this.position = base;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Puts other bytes in place; `position` stays. */
  slide(bytes: Uint8Array, base: number): void {
    this.bytes = bytes;
    this.base = base;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Index into `bytes` of the next `count` bytes, which are then behind `position`. */
  take(count: number): number {
    const at = this.position - this.base;
    if (at + count > this.bytes.length) this.#missing(count);
    this.position += count;
    return at;
  }

  /** Steps over bytes without having them. */
  skip(count: number): void {
    if (this.position + count > this.end) this.#missing(count);
    this.position += count;
  }

  /** The next `count` bytes without moving; fewer at the end of the pickle. */
  peek(count: number): Uint8Array {
    const want = Math.min(count, this.end - this.position);
    const at = this.position - this.base;
    if (at + want > this.bytes.length) throw new NeedMore(this.position + want);
    return this.bytes.subarray(at, at + want);
  }

  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  u16(): number {
    return this.#view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.take(8), true);
  }

  f64BigEndian(): number {
    return this.#view.getFloat64(this.take(8), false);
  }

  /** The rest of the line without its line feed, at most `most` bytes. @throws AppError FORMAT_STRING_TOO_LONG */
  line(most: number): Uint8Array {
    const at = this.position - this.base;
    const lineEnd = this.bytes.indexOf(0x0a, at);
    const have = (lineEnd < 0 ? this.bytes.length : lineEnd) - at;
    if (have > most) throw new AppError('FORMAT_STRING_TOO_LONG', { offset: this.position, limit: most });
    if (lineEnd < 0) this.#missing(have + 1);
    this.position += have + 1;
    return this.bytes.subarray(at, lineEnd);
  }

  #missing(count: number): never {
    if (this.position + count <= this.end) throw new NeedMore(this.position + count);
    throw new AppError('FORMAT_TRUNCATED', {
      offset: this.position,
      wanted: count,
      missing: this.position + count - this.end,
    });
  }
}
