/**
 * ggml's blocks with one scale: layouts as in ggml-common.h, values as dequantize_row_* of ggml-quants.c. Every product
 * of a float16 scale and a code is exact in float32, so arithmetic in float64 gives the same bits; where a minimum is
 * added there is one rounding, at the store.
 */
import { scales, type Codec } from './codec.ts';
import { halfAt } from './half.ts';

/** A codec from what one block does. `at` is the block's first byte, `to` its first value. */
export function blocks(
  shape: Pick<Codec, 'blockValues' | 'blockBytes' | 'fields' | 'kernel'>,
  block: (bytes: Uint8Array, at: number, values: Float32Array, to: number) => void,
): Codec {
  return {
    ...shape,
    decode(bytes, values) {
      let at = 0;
      for (let to = 0; to < values.length; to += shape.blockValues) {
        block(bytes, at, values, to);
        at += shape.blockBytes;
      }
    },
  };
}

export const Q4_0 = blocks({ blockValues: 32, blockBytes: 18, fields: scales(0), kernel: 'q4_0' }, (b, at, out, to) => {
  const d = halfAt(b, at);
  for (let i = 0; i < 16; i++) {
    const q = b[at + 2 + i]!;
    out[to + i] = d * ((q & 15) - 8);
    out[to + 16 + i] = d * ((q >> 4) - 8);
  }
});

export const Q4_1 = blocks(
  { blockValues: 32, blockBytes: 20, fields: scales(0, 2), kernel: 'q4_1' },
  (b, at, out, to) => {
    const d = halfAt(b, at);
    const m = halfAt(b, at + 2);
    for (let i = 0; i < 16; i++) {
      const q = b[at + 4 + i]!;
      out[to + i] = d * (q & 15) + m;
      out[to + 16 + i] = d * (q >> 4) + m;
    }
  },
);

/** Bit i of the 32 bits at `at`, as 16 or 0. */
function fifth(b: Uint8Array, at: number, i: number): number {
  return ((b[at + (i >> 3)]! >> (i & 7)) & 1) << 4;
}

export const Q5_0 = blocks({ blockValues: 32, blockBytes: 22, fields: scales(0), kernel: 'q5_0' }, (b, at, out, to) => {
  const d = halfAt(b, at);
  for (let i = 0; i < 16; i++) {
    const q = b[at + 6 + i]!;
    out[to + i] = d * (((q & 15) | fifth(b, at + 2, i)) - 16);
    out[to + 16 + i] = d * (((q >> 4) | fifth(b, at + 2, i + 16)) - 16);
  }
});

export const Q5_1 = blocks(
  { blockValues: 32, blockBytes: 24, fields: scales(0, 2), kernel: 'q5_1' },
  (b, at, out, to) => {
    const d = halfAt(b, at);
    const m = halfAt(b, at + 2);
    for (let i = 0; i < 16; i++) {
      const q = b[at + 8 + i]!;
      out[to + i] = d * ((q & 15) | fifth(b, at + 4, i)) + m;
      out[to + 16 + i] = d * ((q >> 4) | fifth(b, at + 4, i + 16)) + m;
    }
  },
);

export const Q8_0 = blocks({ blockValues: 32, blockBytes: 34, fields: scales(0), kernel: 'q8_0' }, (b, at, out, to) => {
  const d = halfAt(b, at);
  for (let i = 0; i < 32; i++) out[to + i] = d * ((b[at + 2 + i]! << 24) >> 24);
});

export const Q8_K = blocks(
  { blockValues: 256, blockBytes: 292, fields: [{ at: 0, width: 4 }], kernel: 'q8_k' },
  (b, at, out, to) => {
    const d = new DataView(b.buffer, b.byteOffset).getFloat32(at, true);
    for (let i = 0; i < 256; i++) out[to + i] = d * ((b[at + 4 + i]! << 24) >> 24);
  },
);

export const Q1_0 = blocks(
  { blockValues: 128, blockBytes: 18, fields: scales(0), kernel: 'q1_0' },
  (b, at, out, to) => {
    const d = halfAt(b, at);
    for (let i = 0; i < 128; i++) out[to + i] = (b[at + 2 + (i >> 3)]! >> (i & 7)) & 1 ? d : -d;
  },
);

export const Q2_0 = blocks({ blockValues: 64, blockBytes: 18, fields: scales(0), kernel: 'q2_0' }, (b, at, out, to) => {
  const d = halfAt(b, at);
  for (let i = 0; i < 64; i++) out[to + i] = d * (((b[at + 2 + (i >> 2)]! >> (2 * (i & 3))) & 3) - 1);
});

/** Digit t of a byte of ternary digits: what carries out of the byte when its fraction is multiplied by three. */
function digit(byte: number, t: number): number {
  return (((byte * 3 ** t) & 255) * 3) >> 8;
}

export const TQ1_0 = blocks(
  { blockValues: 256, blockBytes: 54, fields: scales(52), kernel: 'tq1_0' },
  (b, at, out, to) => {
    const d = halfAt(b, at + 52);
    for (let i = 0; i < 160; i++) out[to + i] = d * (digit(b[at + (i & 31)]!, i >> 5) - 1);
    for (let i = 0; i < 80; i++) out[to + 160 + i] = d * (digit(b[at + 32 + (i & 15)]!, i >> 4) - 1);
    for (let i = 0; i < 16; i++) out[to + 240 + i] = d * (digit(b[at + 48 + (i & 3)]!, i >> 2) - 1);
  },
);

export const TQ2_0 = blocks(
  { blockValues: 256, blockBytes: 66, fields: scales(64), kernel: 'tq2_0' },
  (b, at, out, to) => {
    const d = halfAt(b, at + 64);
    for (let i = 0; i < 256; i++) {
      const q = b[at + ((i >> 7) << 5) + (i & 31)]!;
      out[to + i] = d * (((q >> (2 * ((i >> 5) & 3))) & 3) - 1);
    }
  },
);

/** Twice the values of the four-bit float E2M1. */
const E2M1_TWICE = Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

export const MXFP4 = blocks({ blockValues: 32, blockBytes: 17, fields: [], kernel: 'mxfp4' }, (b, at, out, to) => {
  // Half of what E8M0 says, because the codes are doubled. 255 is a number here, not NaN.
  const d = 2 ** (b[at]! - 128);
  for (let i = 0; i < 16; i++) {
    const q = b[at + 1 + i]!;
    out[to + i] = d * E2M1_TWICE[q & 15]!;
    out[to + 16 + i] = d * E2M1_TWICE[q >> 4]!;
  }
});

/** Half the value of an unsigned E4M3 scale. 0x7F is zero (0xFF is not): the top bit is otherwise not looked at. */
function unsignedE4M3Half(code: number): number {
  const e = (code >> 3) & 15;
  const m = code & 7;
  if (code === 127) return 0;
  return e === 0 ? m * 2 ** -10 : (8 + m) * 2 ** (e - 11);
}

export const NVFP4 = blocks({ blockValues: 64, blockBytes: 36, fields: [], kernel: 'nvfp4' }, (b, at, out, to) => {
  for (let s = 0; s < 4; s++) {
    const d = unsignedE4M3Half(b[at + s]!);
    for (let i = 0; i < 8; i++) {
      const q = b[at + 4 + 8 * s + i]!;
      out[to + 16 * s + i] = d * E2M1_TWICE[q & 15]!;
      out[to + 16 * s + 8 + i] = d * E2M1_TWICE[q >> 4]!;
    }
  }
});

/** The non-linear levels of the IQ4 types. */
const LEVELS = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

export const IQ4_NL = blocks(
  { blockValues: 32, blockBytes: 18, fields: scales(0), kernel: 'iq4_nl' },
  (b, at, out, to) => {
    const d = halfAt(b, at);
    for (let i = 0; i < 16; i++) {
      const q = b[at + 2 + i]!;
      out[to + i] = d * LEVELS[q & 15]!;
      out[to + 16 + i] = d * LEVELS[q >> 4]!;
    }
  },
);

export const IQ4_XS = blocks(
  { blockValues: 256, blockBytes: 136, fields: scales(0), kernel: 'iq4_xs' },
  (b, at, out, to) => {
    const d = halfAt(b, at);
    const high = b[at + 2]! | (b[at + 3]! << 8);
    for (let s = 0; s < 8; s++) {
      const low = (b[at + 4 + (s >> 1)]! >> (4 * (s & 1))) & 15;
      const dl = d * ((low | (((high >> (2 * s)) & 3) << 4)) - 32);
      for (let i = 0; i < 16; i++) {
        const q = b[at + 8 + 16 * s + i]!;
        out[to + 32 * s + i] = dl * LEVELS[q & 15]!;
        out[to + 32 * s + 16 + i] = dl * LEVELS[q >> 4]!;
      }
    }
  },
);
