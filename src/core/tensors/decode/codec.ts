import type { DecoderName } from '../../kernels/kernels.ts';

/** How one stored dtype becomes float32 values. */
export interface Codec {
  /** Values in a block; 1 for plain types. */
  readonly blockValues: number;
  /** Stored bytes of a block. */
  readonly blockBytes: number;
  /** Codes below a byte: the last block has only the bytes its values need. */
  readonly packed?: true;
  /** Multi-byte fields inside a block: what a big-endian file stores the other way round. */
  readonly fields: readonly Field[];
  /** The decoder of the kernels module that does the same, where there is one. */
  readonly kernel?: DecoderName;
  /** Look-up table that goes with a `lut` kernel. */
  readonly table?: Float32Array;
  /**
   * The plain TypeScript form: fills `values` from little-endian `bytes`. The last block may hold more values than are
   * wanted. NaN may have any bits; the caller makes them one.
   */
  decode(bytes: Uint8Array, values: Float32Array): void;
}

export interface Field {
  readonly at: number;
  readonly width: 2 | 4 | 8;
}

/** Stored bytes of this many values. */
export function storedBytes(codec: Codec, values: number): number {
  const blocks = values / codec.blockValues;
  return codec.packed === true ? Math.ceil(blocks * codec.blockBytes) : Math.ceil(blocks) * codec.blockBytes;
}

/** A field that is the whole element. */
export function element(width: 2 | 4 | 8): readonly Field[] {
  return [{ at: 0, width }];
}

/** Float16 scales at these places of a block. */
export function scales(...at: readonly number[]): readonly Field[] {
  return at.map((at) => ({ at, width: 2 }));
}

/** A copy of whole blocks with their fields turned round. */
export function swapFields(bytes: Uint8Array, blockBytes: number, fields: readonly Field[]): Uint8Array {
  const swapped = bytes.slice();
  for (const { at, width } of fields) {
    for (let start = at; start + width <= swapped.length; start += blockBytes) {
      for (let i = 0; i < width; i++) swapped[start + i] = bytes[start + width - 1 - i]!;
    }
  }
  return swapped;
}

/** Every NaN as 0x7FC00000: which of the many NaN a tensor holds says nothing about the model. */
export function canonicalNaN(values: Float32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) if ((bits[i]! & 0x7fffffff) > 0x7f800000) bits[i] = 0x7fc00000;
}

/** The bytes at an address that typed arrays accept. */
export function aligned(bytes: Uint8Array, width: number): Uint8Array {
  return bytes.byteOffset % width === 0 ? bytes : bytes.slice();
}
