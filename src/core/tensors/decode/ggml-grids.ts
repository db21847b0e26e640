/**
 * ggml's IQ types: a code names a row of a grid of small integers; signs and scales are stored apart. Layouts as in
 * ggml-common.h, the grids are in kernels/grids.ts.
 */
import { expandGrid } from '../../kernels/grids.ts';
import { scales, type Codec } from './codec.ts';
import { blocks } from './ggml-blocks.ts';
import { half, halfAt } from './half.ts';

/** Seven stored sign bits; the eighth makes the number of set bits even. */
function even(bits: number): number {
  const parity = (0x6996 >> ((bits ^ (bits >> 4)) & 15)) & 1;
  return bits | (parity << 7);
}

function u16(b: Uint8Array, at: number): number {
  return b[at]! | (b[at + 1]! << 8);
}

function u32(b: Uint8Array, at: number): number {
  return (u16(b, at) | (u16(b, at + 2) << 16)) >>> 0;
}

/** Row `row` of a grid of eight, with signs, times d. */
function signed8(out: Float32Array, to: number, grid: Int8Array, row: number, signs: number, d: number): void {
  for (let i = 0; i < 8; i++) out[to + i] = d * grid[8 * row + i]! * ((signs >> i) & 1 ? -1 : 1);
}

/** Two rows of a grid of four, with signs, times d. */
function signed44(out: Float32Array, to: number, grid: Int8Array, rows: [number, number], signs: number, d: number) {
  for (let i = 0; i < 8; i++) out[to + i] = d * grid[4 * rows[i >> 2]! + (i & 3)]! * ((signs >> i) & 1 ? -1 : 1);
}

export function iq2xxs(): Codec {
  const grid = expandGrid('IQ2_XXS');
  const shape = { blockValues: 256, blockBytes: 66, fields: scales(0), kernel: 'iq2_xxs' } as const;
  return blocks(shape, (b, at, out, to) => {
    const d = halfAt(b, at);
    for (let s = 0; s < 8; s++) {
      const tail = u32(b, at + 2 + 8 * s + 4);
      const db = d * (0.5 + (tail >>> 28)) * 0.25;
      for (let l = 0; l < 4; l++) {
        const signs = even((tail >>> (7 * l)) & 127);
        signed8(out, to + 32 * s + 8 * l, grid, b[at + 2 + 8 * s + l]!, signs, db);
      }
    }
  });
}

export function iq2xs(): Codec {
  const grid = expandGrid('IQ2_XS');
  const shape = { blockValues: 256, blockBytes: 74, fields: scales(0), kernel: 'iq2_xs' } as const;
  return blocks(shape, (b, at, out, to) => {
    const d = halfAt(b, at);
    for (let l = 0; l < 32; l++) {
      const scale = (b[at + 66 + (l >> 2)]! >> (4 * ((l >> 1) & 1))) & 15;
      const code = u16(b, at + 2 + 2 * l);
      signed8(out, to + 8 * l, grid, code & 511, even(code >> 9), d * (0.5 + scale) * 0.25);
    }
  });
}

export function iq2s(): Codec {
  const grid = expandGrid('IQ2_S');
  const shape = { blockValues: 256, blockBytes: 82, fields: scales(0), kernel: 'iq2_s' } as const;
  return blocks(shape, (b, at, out, to) => {
    const d = halfAt(b, at);
    for (let l = 0; l < 32; l++) {
      const scale = (b[at + 74 + (l >> 2)]! >> (4 * ((l >> 1) & 1))) & 15;
      const code = b[at + 2 + l]! | (((b[at + 66 + (l >> 2)]! >> (2 * (l & 3))) & 3) << 8);
      signed8(out, to + 8 * l, grid, code, b[at + 34 + l]!, d * (0.5 + scale) * 0.25);
    }
  });
}

export function iq3xxs(): Codec {
  const grid = expandGrid('IQ3_XXS');
  const shape = { blockValues: 256, blockBytes: 98, fields: scales(0), kernel: 'iq3_xxs' } as const;
  return blocks(shape, (b, at, out, to) => {
    const d = halfAt(b, at);
    for (let l = 0; l < 32; l++) {
      const tail = u32(b, at + 66 + 4 * (l >> 2));
      const q = at + 2 + 2 * l;
      const signs = even((tail >>> (7 * (l & 3))) & 127);
      signed44(out, to + 8 * l, grid, [b[q]!, b[q + 1]!], signs, d * (0.5 + (tail >>> 28)) * 0.5);
    }
  });
}

export function iq3s(): Codec {
  const grid = expandGrid('IQ3_S');
  const shape = { blockValues: 256, blockBytes: 110, fields: scales(0), kernel: 'iq3_s' } as const;
  return blocks(shape, (b, at, out, to) => {
    const d = halfAt(b, at);
    for (let l = 0; l < 32; l++) {
      const scale = (b[at + 106 + (l >> 3)]! >> (4 * ((l >> 2) & 1))) & 15;
      const high = b[at + 66 + (l >> 2)]! >> (2 * (l & 3));
      const q = at + 2 + 2 * l;
      const rows: [number, number] = [b[q]! | ((high & 1) << 8), b[q + 1]! | ((high & 2) << 7)];
      signed44(out, to + 8 * l, grid, rows, b[at + 74 + l]!, d * (1 + 2 * scale));
    }
  });
}

/** Row `row` of the ternary grid plus or minus an eighth, times d. */
function ternary8(out: Float32Array, to: number, grid: Int8Array, row: number, minus: boolean, d: number): void {
  const delta = minus ? -0.125 : 0.125;
  for (let i = 0; i < 8; i++) out[to + i] = d * (grid[8 * row + i]! + delta);
}

export function iq1s(): Codec {
  const grid = expandGrid('IQ1');
  const shape = { blockValues: 256, blockBytes: 50, fields: scales(0), kernel: 'iq1_s' } as const;
  return blocks(shape, (b, at, out, to) => {
    const d = halfAt(b, at);
    for (let l = 0; l < 32; l++) {
      const high = u16(b, at + 34 + 2 * (l >> 2));
      const code = b[at + 2 + l]! | (((high >> (3 * (l & 3))) & 7) << 8);
      ternary8(out, to + 8 * l, grid, code, (high & 0x8000) !== 0, d * (2 * ((high >> 12) & 7) + 1));
    }
  });
}

/** The only type whose scale lies in four pieces: the top nibbles of four 16-bit words of small scales. */
export function iq1m(): Codec {
  const grid = expandGrid('IQ1');
  const shape = { blockValues: 256, blockBytes: 56, fields: [], kernel: 'iq1_m' } as const;
  return blocks(shape, (b, at, out, to) => {
    const words = [0, 1, 2, 3].map((i) => u16(b, at + 48 + 2 * i));
    const d = half(words.reduce((bits, word, i) => bits | ((word >> 12) << (4 * i)), 0));
    for (let l = 0; l < 32; l++) {
      const scale = (words[l >> 3]! >> (3 * ((l >> 1) & 3))) & 7;
      const high = b[at + 32 + (l >> 1)]! >> (4 * (l & 1));
      ternary8(out, to + 8 * l, grid, b[at + l]! | ((high & 7) << 8), (high & 8) !== 0, d * (2 * scale + 1));
    }
  });
}
