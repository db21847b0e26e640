/** Elements of two, four and eight bytes. */
import { aligned, element, type Codec } from './codec.ts';
import { half } from './half.ts';

export const F32: Codec = {
  blockValues: 1,
  blockBytes: 4,
  fields: element(4),
  kernel: 'f32',
  decode(bytes, values) {
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes.subarray(0, values.byteLength));
  },
};

export const F64: Codec = {
  blockValues: 1,
  blockBytes: 8,
  fields: element(8),
  kernel: 'f64',
  decode(bytes, values) {
    const stored = aligned(bytes, 8);
    values.set(new Float64Array(stored.buffer, stored.byteOffset, values.length));
  },
};

export const F16: Codec = {
  blockValues: 1,
  blockBytes: 2,
  fields: element(2),
  kernel: 'f16',
  decode(bytes, values) {
    for (let i = 0; i < values.length; i++) values[i] = half(bytes[2 * i]! | (bytes[2 * i + 1]! << 8));
  },
};

export const BF16: Codec = {
  blockValues: 1,
  blockBytes: 2,
  fields: element(2),
  kernel: 'bf16',
  decode(bytes, values) {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < bits.length; i++) bits[i] = (bytes[2 * i]! << 16) | (bytes[2 * i + 1]! << 24);
  },
};

export const I16: Codec = {
  blockValues: 1,
  blockBytes: 2,
  fields: element(2),
  kernel: 'i16',
  decode(bytes, values) {
    const stored = aligned(bytes, 2);
    values.set(new Int16Array(stored.buffer, stored.byteOffset, values.length));
  },
};

export const U16: Codec = {
  blockValues: 1,
  blockBytes: 2,
  fields: element(2),
  kernel: 'u16',
  decode(bytes, values) {
    const stored = aligned(bytes, 2);
    values.set(new Uint16Array(stored.buffer, stored.byteOffset, values.length));
  },
};

export const I32: Codec = {
  blockValues: 1,
  blockBytes: 4,
  fields: element(4),
  kernel: 'i32',
  decode(bytes, values) {
    const stored = aligned(bytes, 4);
    values.set(new Int32Array(stored.buffer, stored.byteOffset, values.length));
  },
};

export const U32: Codec = {
  blockValues: 1,
  blockBytes: 4,
  fields: element(4),
  kernel: 'u32',
  decode(bytes, values) {
    const stored = aligned(bytes, 4);
    values.set(new Uint32Array(stored.buffer, stored.byteOffset, values.length));
  },
};

/**
 * A 64-bit integer rounded once to float32. Through a double it would be rounded twice, which differs when the double
 * lands on the midpoint of two floats. From 2^53 on the twelve lowest bits are too small to matter except for saying on
 * which side of a midpoint the number lies, so one bit that says "not zero" stands for them.
 */
function roundOnce(high: number, low: number): number {
  if (high >= -0x20_0000 && high < 0x20_0000) return Math.fround(high * 0x1_0000_0000 + low);
  const sticky = (low & 0xfff) === 0 ? 0 : 0x800;
  return Math.fround(high * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0) + sticky);
}

export const I64: Codec = {
  blockValues: 1,
  blockBytes: 8,
  fields: element(8),
  kernel: 'i64',
  decode(bytes, values) {
    const stored = aligned(bytes, 4);
    const words = new Uint32Array(stored.buffer, stored.byteOffset, 2 * values.length);
    for (let i = 0; i < values.length; i++) values[i] = roundOnce(words[2 * i + 1]! | 0, words[2 * i]!);
  },
};

export const U64: Codec = {
  blockValues: 1,
  blockBytes: 8,
  fields: element(8),
  kernel: 'u64',
  decode(bytes, values) {
    const stored = aligned(bytes, 4);
    const words = new Uint32Array(stored.buffer, stored.byteOffset, 2 * values.length);
    for (let i = 0; i < values.length; i++) values[i] = roundOnce(words[2 * i + 1]!, words[2 * i]!);
  },
};
