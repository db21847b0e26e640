/** ggml's K-quants: super-blocks of 256 values whose scales are themselves codes. Layouts as in ggml-common.h. */
import { scales, type Codec } from './codec.ts';
import { blocks } from './ggml-blocks.ts';
import { halfAt } from './half.ts';

export const Q2_K = blocks(
  { blockValues: 256, blockBytes: 84, fields: scales(80, 82), kernel: 'q2_k' },
  (b, at, out, to) => {
    const d = halfAt(b, at + 80);
    const min = halfAt(b, at + 82);
    for (let s = 0; s < 16; s++) {
      const scale = b[at + s]!;
      const dl = d * (scale & 15);
      const ml = min * (scale >> 4);
      const q = at + 16 + ((s >> 3) << 5) + ((s & 1) << 4);
      const shift = 2 * ((s >> 1) & 3);
      for (let i = 0; i < 16; i++) out[to + 16 * s + i] = dl * ((b[q + i]! >> shift) & 3) - ml;
    }
  },
);

/** Scale s (0 to 15) of Q3_K: a nibble, and two high bits from the last four of twelve bytes. */
function scale3(b: Uint8Array, at: number, s: number): number {
  const low = (b[at + (s & 7)]! >> (4 * (s >> 3))) & 15;
  const high = (b[at + 8 + (s & 3)]! >> (2 * (s >> 2))) & 3;
  return (low | (high << 4)) - 32;
}

export const Q3_K = blocks(
  { blockValues: 256, blockBytes: 110, fields: scales(108), kernel: 'q3_k' },
  (b, at, out, to) => {
    const d = halfAt(b, at + 108);
    for (let s = 0; s < 16; s++) {
      const dl = d * scale3(b, at + 96, s);
      const column = (s & 1) << 4;
      const q = at + 32 + ((s >> 3) << 5) + column;
      const shift = 2 * ((s >> 1) & 3);
      for (let i = 0; i < 16; i++) {
        // The offset of four applies where the bit of the mask is clear.
        const offset = (b[at + column + i]! >> (s >> 1)) & 1 ? 0 : 4;
        out[to + 16 * s + i] = dl * (((b[q + i]! >> shift) & 3) - offset);
      }
    }
  },
);

/** Scale j (0 to 7) of Q4_K and Q5_K: six bits each in twelve bytes. */
function scale45(b: Uint8Array, at: number, j: number): number {
  return j < 4 ? b[at + j]! & 63 : (b[at + j + 4]! & 15) | ((b[at + j - 4]! >> 6) << 4);
}

function min45(b: Uint8Array, at: number, j: number): number {
  return j < 4 ? b[at + j + 4]! & 63 : (b[at + j + 4]! >> 4) | ((b[at + j]! >> 6) << 4);
}

export const Q4_K = blocks(
  { blockValues: 256, blockBytes: 144, fields: scales(0, 2), kernel: 'q4_k' },
  (b, at, out, to) => {
    const d = halfAt(b, at);
    const min = halfAt(b, at + 2);
    for (let j = 0; j < 8; j++) {
      const dl = d * scale45(b, at + 4, j);
      const ml = min * min45(b, at + 4, j);
      const q = at + 16 + ((j >> 1) << 5);
      const shift = 4 * (j & 1);
      for (let i = 0; i < 32; i++) out[to + 32 * j + i] = dl * ((b[q + i]! >> shift) & 15) - ml;
    }
  },
);

export const Q5_K = blocks(
  { blockValues: 256, blockBytes: 176, fields: scales(0, 2), kernel: 'q5_k' },
  (b, at, out, to) => {
    const d = halfAt(b, at);
    const min = halfAt(b, at + 2);
    for (let j = 0; j < 8; j++) {
      const dl = d * scale45(b, at + 4, j);
      const ml = min * min45(b, at + 4, j);
      const q = at + 48 + ((j >> 1) << 5);
      const shift = 4 * (j & 1);
      for (let i = 0; i < 32; i++) {
        const fifth = ((b[at + 16 + i]! >> j) & 1) << 4;
        out[to + 32 * j + i] = dl * (((b[q + i]! >> shift) & 15) | fifth) - ml;
      }
    }
  },
);

export const Q6_K: Codec = blocks(
  { blockValues: 256, blockBytes: 210, fields: scales(208), kernel: 'q6_k' },
  (b, at, out, to) => {
    const d = halfAt(b, at + 208);
    for (let s = 0; s < 16; s++) {
      const dl = d * ((b[at + 192 + s]! << 24) >> 24);
      // Within 128 values: group g of 32 takes its nibbles from bytes 0-31 or 32-63, low for g 0 and 1, high for 2 and 3.
      const half = s >> 3;
      const group = (s >> 1) & 3;
      const column = (s & 1) << 4;
      const low = at + 64 * half + 32 * (group & 1) + column;
      const high = at + 128 + 32 * half + column;
      for (let i = 0; i < 16; i++) {
        const nibble = (b[low + i]! >> (4 * (group >> 1))) & 15;
        const top = (b[high + i]! >> (2 * group)) & 3;
        out[to + 16 * s + i] = dl * ((nibble | (top << 4)) - 32);
      }
    }
  },
);
