/**
 * Values in typed fields of a TensorProto, ONNX's or TensorFlow's, as the bytes that its raw field would hold: floats and
 * doubles are those bytes already, the integer fields are varints that are cut to the element's width.
 */
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import type { ScalarRun } from './protobuf.ts';

const OUT_CHUNK = 256 * 1024;

export interface TypedLayout {
  readonly runs: readonly ScalarRun[];
  /** 0 varint, 1 eight bytes, 5 four bytes. */
  readonly wire: 0 | 1 | 5;
  /** Bytes that one stored value becomes. */
  readonly width: number;
  /** Any value but 0 becomes 1. */
  readonly boolean: boolean;
  /** TensorFlow: too few values mean that the last one is repeated, none at all that all are zero. */
  readonly repeatLast?: boolean;
}

/** Bytes of the assembled payload, in chunks. Stops with FORMAT_SIZE_MISMATCH as soon as there are more than `expected`. */
export async function* typedPayload(
  source: ByteSource,
  layout: TypedLayout,
  expected: number,
  tensor: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let out = new Uint8Array(Math.min(OUT_CHUNK, expected));
  let filled = 0;
  let total = 0;
  const last = new Uint8Array(layout.width);
  for (const run of layout.runs) {
    const decode = new ElementReader(layout, run.packed);
    for await (const chunk of source.stream(run.start, run.end, signal)) {
      for (const byte of chunk) {
        if (!decode.push(byte)) continue;
        total += layout.width;
        if (total > expected) throw mismatch(tensor, expected, total);
        last.set(decode.element.subarray(0, layout.width));
        for (let i = 0; i < layout.width; i += 1) {
          out[filled] = decode.element[i] ?? 0;
          filled += 1;
          if (filled === out.length) {
            yield out;
            out = new Uint8Array(OUT_CHUNK);
            filled = 0;
          }
        }
      }
    }
    if (!decode.whole) throw mismatch(tensor, expected, total);
  }
  if (layout.repeatLast === true) {
    for (; total < expected; total += layout.width) {
      for (let i = 0; i < layout.width; i += 1) {
        out[filled] = last[i] ?? 0;
        filled += 1;
        if (filled === out.length) {
          yield out;
          out = new Uint8Array(OUT_CHUNK);
          filled = 0;
        }
      }
    }
  }
  if (total !== expected) throw mismatch(tensor, expected, total);
  if (filled > 0) yield out.subarray(0, filled);
}

function mismatch(tensor: string, expected: number, actual: number): AppError {
  return new AppError('FORMAT_SIZE_MISMATCH', { tensor, expected, actual });
}

/** One element after another from single bytes, whatever the chunks. */
class ElementReader {
  readonly element = new Uint8Array(8);
  readonly #layout: TypedLayout;
  readonly #packed: boolean;
  #inTag: boolean;
  #count = 0;
  #low = 0;
  #high = 0;

  constructor(layout: TypedLayout, packed: boolean) {
    this.#layout = layout;
    this.#packed = packed;
    this.#inTag = !packed;
  }

  /** True between elements. */
  get whole(): boolean {
    return this.#count === 0 && this.#inTag === !this.#packed;
  }

  /** True when `element` holds the next one. */
  push(byte: number): boolean {
    if (this.#inTag) {
      if (byte < 128) this.#inTag = false;
      return false;
    }
    if (this.#layout.wire === 0) return this.#varint(byte);
    this.element[this.#count] = byte;
    this.#count += 1;
    if (this.#count < (this.#layout.wire === 1 ? 8 : 4)) return false;
    return this.#done();
  }

  #varint(byte: number): boolean {
    const bits = byte & 0x7f;
    const at = 7 * this.#count;
    // 32-bit halves of one value: bitwise work on data, not on offsets.
    if (at < 28) this.#low |= bits << at;
    else if (at === 28) {
      this.#low |= bits << 28;
      this.#high |= bits >>> 4;
    } else this.#high |= bits << (at - 32);
    this.#count += 1;
    // The wire reader skipped the field as a whole, so nothing has looked at these varints yet.
    if (this.#count > 10) throw new AppError('FORMAT_VARINT');
    if (byte >= 128) return false;
    if (this.#layout.boolean) {
      this.#low = this.#low !== 0 || this.#high !== 0 ? 1 : 0;
      this.#high = 0;
    }
    for (let i = 0; i < 4; i += 1) {
      this.element[i] = (this.#low >>> (8 * i)) & 0xff;
      this.element[4 + i] = (this.#high >>> (8 * i)) & 0xff;
    }
    this.#low = 0;
    this.#high = 0;
    return this.#done();
  }

  #done(): true {
    this.#count = 0;
    this.#inTag = !this.#packed;
    return true;
  }
}
