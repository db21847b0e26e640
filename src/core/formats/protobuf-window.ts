import type { ByteSource } from '../bytes/source.ts';
import { AppError, throwIfAborted } from '../errors.ts';
import type { ProtoInt, Span } from './protobuf.ts';

/** The first read, and every read behind a jump: most messages behind a weight are small. */
const WINDOW_MIN = 16 * 1024;
/** Reads grow up to this while the file is read without gaps (a large graph). */
const WINDOW_MAX = 1024 * 1024;

/** A moving view of a file with the primitive values of the protobuf wire format. */
export class WireWindow {
  /** Absolute offset of the next byte. Setting it forward skips. */
  position: number;
  readonly #source: ByteSource;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #start: number;
  #next = WINDOW_MIN;

  constructor(source: ByteSource, span: Span, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#end = span.end;
    this.#signal = signal;
    this.position = span.start;
    this.#start = span.start;
  }

  /** True when fewer than `count` bytes are at hand and the file has more. */
  needs(count: number): boolean {
    const have = this.#start + this.#bytes.length;
    return this.position + count > have && have < this.#end;
  }

  /** Reads on from `position`, at least `count` bytes where the file has them. */
  async fill(count: number): Promise<void> {
    throwIfAborted(this.#signal);
    const have = this.#start + this.#bytes.length;
    // A jump means that payload was skipped: start small again.
    this.#next = this.position > have ? WINDOW_MIN : Math.min(this.#next * 2, WINDOW_MAX);
    const end = Math.min(this.position + Math.max(count, this.#next), this.#end);
    this.#bytes = await this.#source.read(this.position, end, this.#signal);
    this.#start = this.position;
  }

  /** The next `count` bytes (a view), which the caller knows to be inside the file. Does not move. */
  async head(count: number): Promise<Uint8Array> {
    if (this.needs(count)) await this.fill(count);
    const at = this.position - this.#start;
    return this.#bytes.subarray(at, at + count);
  }

  /** A field tag: a varint of at most 32 bits. */
  tag(end: number): number {
    const at = this.position;
    const value = this.varint(end);
    if (typeof value === 'bigint' || value < 0 || value > 0xffff_ffff)
      throw new AppError('FORMAT_VARINT', { offset: at });
    return value;
  }

  /** A length and the bytes it speaks of, held against the enclosing message and the file. */
  length(end: number, field: number): Span {
    const length = this.varint(end);
    if (typeof length === 'bigint' || length < 0) {
      throw new AppError('FORMAT_OVERFLOW', { offset: field, value: BigInt.asUintN(64, BigInt(length)).toString() });
    }
    const start = this.position;
    if (length > end - start) this.#beyond(field, length, end);
    return { start, end: start + length };
  }

  skip(count: number, end: number, field: number): void {
    if (count > end - this.position) this.#beyond(field, count, end);
    this.position += count;
  }

  /** A varint of up to ten bytes, as int64. @throws AppError FORMAT_VARINT when it is longer or does not end */
  varint(end: number): ProtoInt {
    const from = this.position;
    const at = from - this.#start;
    const stop = Math.min(end - this.#start, this.#bytes.length);
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 7; i += 1) {
      const index = at + i;
      if (index >= stop) throw new AppError('FORMAT_VARINT', { offset: from });
      const byte = this.#bytes[index] ?? 0;
      value += (byte % 128) * scale;
      if (byte < 128) {
        this.position = from + i + 1;
        return value;
      }
      scale *= 128;
    }
    return this.#long(from, at, stop, value);
  }

  /** The rest of a varint above 49 bits. */
  #long(from: number, at: number, stop: number, low: number): ProtoInt {
    let value = BigInt(low);
    for (let i = 7; i < 10; i += 1) {
      const index = at + i;
      if (index >= stop) break;
      const byte = this.#bytes[index] ?? 0;
      // Ten bytes carry 70 bits; of the last one a single bit is left.
      if (i === 9 && byte > 1) break;
      value += BigInt(byte % 128) * 2n ** BigInt(7 * i);
      if (byte < 128) {
        this.position = from + i + 1;
        const signed = BigInt.asIntN(64, value);
        const small = Number(signed);
        return Number.isSafeInteger(small) ? small : signed;
      }
    }
    throw new AppError('FORMAT_VARINT', { offset: from });
  }

  #beyond(field: number, length: number, end: number): never {
    const beyondFile = length > this.#end - this.position;
    throw new AppError(beyondFile ? 'FORMAT_TRUNCATED' : 'FORMAT_BOUNDS', {
      offset: field,
      wanted: length,
      available: (beyondFile ? this.#end : end) - this.position,
    });
  }
}
