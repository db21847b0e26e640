import { Cursor, toSafeNumber } from '../../bytes/cursor.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { HDF5_READS_MAX } from '../../limits.ts';
import { PagedBytes } from '../paged.ts';
import { lookup3 } from './lookup3.ts';

/** Widths that the superblock states. */
export interface Widths {
  /** Bytes of an address: 2, 4 or 8. */
  readonly offset: number;
  /** Bytes of a length: 2, 4 or 8. */
  readonly length: number;
}

/**
 * The bytes of an HDF5 file by its own addresses, which count from the superblock's base. Every structure is reached
 * through here, so that nothing outside the file is read and no file makes this program read without end.
 */
export class H5File {
  readonly source: ByteSource;
  readonly widths: Widths;
  /** Absolute offset of address 0. */
  readonly base: number;
  /** Absolute end of what belongs to the HDF5 file. */
  readonly end: number;
  readonly signal: AbortSignal | undefined;
  readonly #bytes: PagedBytes;

  constructor(source: ByteSource, widths: Widths, base: number, end: number, signal?: AbortSignal) {
    this.source = source;
    this.widths = widths;
    this.base = base;
    this.end = end;
    this.signal = signal;
    this.#bytes = new PagedBytes(source, HDF5_READS_MAX, signal);
  }

  /** Absolute offset of `length` bytes at an address. @throws AppError FORMAT_BOUNDS */
  place(address: number, length: number, what: string): number {
    const start = this.base + address;
    if (!Number.isSafeInteger(start + length) || address < 0 || length < 0 || start + length > this.end) {
      throw new AppError('FORMAT_BOUNDS', { what, offset: start, length, size: this.end });
    }
    return start;
  }

  /** @throws AppError FORMAT_BOUNDS, FORMAT_TOO_LARGE, FORMAT_COUNT_TOO_LARGE; SOURCE_* */
  async bytes(address: number, length: number, what: string): Promise<Uint8Array> {
    return this.#bytes.bytes(this.place(address, length, what), length, what);
  }

  /** As many bytes as there are, up to `length`. */
  async upTo(address: number, length: number, what: string): Promise<Uint8Array> {
    return this.bytes(address, Math.max(0, Math.min(length, this.end - this.base - address)), what);
  }

  async cursor(address: number, length: number, what: string): Promise<H5Cursor> {
    return new H5Cursor(await this.bytes(address, length, what), this.base + address, this.widths);
  }

  /**
   * A structure that begins with a signature and, in the newer formats, ends with a checksum over all before it.
   *
   * @throws AppError FORMAT_HEADER when the signature is another, FORMAT_CHECKSUM; see `bytes`
   */
  async signed(address: number, length: number, signature: string, checked: boolean): Promise<H5Cursor> {
    const cursor = await this.cursor(address, length, signature);
    cursor.signature(signature);
    if (checked) cursor.checksum(length - 4, signature);
    return cursor;
  }
}

/** Little-endian values of an HDF5 structure, with addresses and lengths as wide as the file has them. */
export class H5Cursor extends Cursor {
  readonly widths: Widths;

  constructor(bytes: Uint8Array, base: number, widths: Widths) {
    super(bytes, { base, truncated: 'FORMAT_BOUNDS' });
    this.widths = widths;
  }

  /** An unsigned integer of 1 to 8 bytes. @throws AppError FORMAT_OVERFLOW */
  uint(width: number): number {
    if (width === 1) return this.u8();
    if (width === 2) return this.u16();
    if (width === 4) return this.u32();
    if (width === 8) return this.u64Safe();
    const offset = this.offset;
    let value = 0n;
    this.take(width).forEach((byte, i) => {
      value += BigInt(byte) * 256n ** BigInt(i);
    });
    return toSafeNumber(value, { offset });
  }

  /** Null for the undefined address (all bits set). @throws AppError FORMAT_BOUNDS when no file is that long */
  address(): number | null {
    const { offset } = this;
    if (this.widths.offset === 8) {
      const value = this.u64();
      if (value === 0xffff_ffff_ffff_ffffn) return null;
      return toSafeNumber(value, { offset }, 'FORMAT_BOUNDS');
    }
    const value = this.uint(this.widths.offset);
    return value === 256 ** this.widths.offset - 1 ? null : value;
  }

  /** A length. @throws AppError FORMAT_OVERFLOW */
  extent(): number {
    return this.uint(this.widths.length);
  }

  /** @throws AppError FORMAT_HEADER */
  signature(expected: string): void {
    const { offset } = this;
    const found = String.fromCharCode(...this.take(expected.length));
    if (found !== expected) throw new AppError('FORMAT_HEADER', { why: `no ${expected}`, offset });
  }

  /** Holds the Jenkins checksum stored at `at` against the bytes before it. @throws AppError FORMAT_CHECKSUM */
  checksum(at: number, what: string): void {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    if (view.getUint32(at, true) !== lookup3(this.bytes.subarray(0, at))) {
      throw new AppError('FORMAT_CHECKSUM', { what, offset: this.base });
    }
  }

  /** Text up to a NUL, which is consumed. */
  cString(): string {
    const rest = this.bytes.subarray(this.position);
    const end = rest.indexOf(0);
    if (end < 0) throw new AppError('FORMAT_HEADER', { why: 'text without end', offset: this.offset });
    const text = decodeText(rest.subarray(0, end));
    this.skip(end + 1);
    return text;
  }
}

/** UTF-8 with replacement characters: names are compared and shown, never used as paths. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
