import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Kernels } from './kernels.ts';
import { PAGES } from './layout.ts';
import { MODULE_BASE64 } from './module.gen.ts';
import { plainReductions } from './plain.ts';
import { TILE_VALUES } from './tile.ts';
import { loadKernels } from './wasm.ts';

let wasm: Kernels;
beforeAll(async () => {
  wasm = await loadKernels();
});

/** Float32 of every kind: any bits, so NaN, infinities, subnormals and both zeros are among them. */
const wild = fc.uint32Array({ maxLength: 300 }).map((bits) => new Float32Array(bits.buffer));
const finite = fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 300 });
const either = fc.oneof(wild, finite);

/** NaN and both zeros told apart. */
function exactly(actual: number, expected: number): void {
  expect(Object.is(actual, expected)).toBe(true);
}

describe('the WASM module and its TypeScript twin agree in every bit on', () => {
  test('the sum of squares', () => {
    fc.assert(fc.property(either, (x) => exactly(wasm.squares(x), plainReductions.squares(x))));
  });

  test('dot products', () => {
    fc.assert(
      fc.property(either, either, (x, y) => {
        const n = Math.min(x.length, y.length);
        exactly(wasm.dot(x.subarray(0, n), y.subarray(0, n)), plainReductions.dot(x.subarray(0, n), y.subarray(0, n)));
      }),
    );
  });

  test('squared row norms, wherever the values begin in their row', () => {
    fc.assert(
      fc.property(finite, fc.integer({ min: 1, max: 40 }), fc.nat(), (x, columns, at) => {
        const phase = at % columns;
        expect([...wasm.rowSquares(x, columns, phase)]).toEqual([...plainReductions.rowSquares(x, columns, phase)]);
      }),
    );
  });

  test('the census: sums with what rounding lost, extremes, counts', () => {
    fc.assert(
      fc.property(either, (x) => {
        expect(wasm.census(x)).toEqual(plainReductions.census(x));
      }),
    );
  });

  test('strided samples', () => {
    fc.assert(
      fc.property(finite, fc.nat(310), fc.integer({ min: 1, max: 50 }), (x, start, step) => {
        expect([...wasm.sample(x, start, step)]).toEqual([...plainReductions.sample(x, start, step)]);
      }),
    );
  });

  test('histograms', () => {
    fc.assert(
      fc.property(
        either,
        fc.integer({ min: 1, max: 64 }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (x, bins, low) => {
          const [a, b] = [new Uint32Array(bins).fill(1), new Uint32Array(bins).fill(1)];
          wasm.histogram(x, low, low + 1.5, a);
          plainReductions.histogram(x, low, low + 1.5, b);
          expect([...a]).toEqual([...b]);
        },
      ),
    );
  });
});

test('a full tile gives the same as the twin, and one value more is refused', () => {
  const x = Float32Array.from({ length: TILE_VALUES }, (_, i) => Math.sin(i) * 10 ** ((i % 60) - 30));
  expect(wasm.census(x)).toEqual(plainReductions.census(x));
  exactly(wasm.squares(x), plainReductions.squares(x));
  expect([...wasm.rowSquares(x, 1, 0)]).toEqual([...plainReductions.rowSquares(x, 1, 0)]);
  expect(() => wasm.squares(new Float32Array(TILE_VALUES + 1))).toThrow(RangeError);
  expect(() => wasm.decode('f32', new Uint8Array(8), TILE_VALUES + 1)).toThrow(RangeError);
});

test('the sum keeps what a plain sum in float64 loses', () => {
  const { sum } = wasm.census(Float32Array.of(1e30, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, -1e30));
  expect(sum.reduce((a, b) => a + b)).toBe(1);
});

test('every value above zero is counted once by a histogram over the range of the values', () => {
  const counts = new Uint32Array(7);
  wasm.histogram(Float32Array.of(0, 0.5, 1, 1, NaN, -0.1, 1.1, Infinity), 0, 1, counts);
  expect([...counts]).toEqual([1, 0, 0, 1, 0, 0, 2]);
});

test('float16 takes the faster way only where few values are subnormal, and both ways are exact', () => {
  const value = (h: number): number => {
    const e = (h >> 10) & 31;
    const m = h & 1023;
    const magnitude = e === 31 ? (m ? NaN : Infinity) : e === 0 ? m * 2 ** -24 : (1024 + m) * 2 ** (e - 25);
    return h & 0x8000 ? -magnitude : magnitude;
  };
  const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  // First 256 normal values, which choose the way, then every code there is.
  const normalFirst = Uint16Array.from({ length: 16_384 }, (_, i) => (i < 256 ? 0x3c00 + i : i * 4));
  for (const codes of [
    all.subarray(0, 16_384),
    all.subarray(16_384, 32_768),
    normalFirst,
    all.subarray(32_768, 49_152),
  ]) {
    const bytes = new Uint8Array(codes.slice().buffer);
    const values = wasm.decode('f16', bytes, codes.length);
    expect(codes.every((code, i) => Object.is(values[i], value(code)))).toBe(true);
  }
  const withoutSpecial = normalFirst.map((code) => ((code & 0x7c00) === 0x7c00 ? code & 0x83ff : code));
  const values = wasm.decode('f16', new Uint8Array(withoutSpecial.buffer), withoutSpecial.length);
  expect(withoutSpecial.every((code, i) => Object.is(values[i], value(code)))).toBe(true);
});

test('memory is what the layout adds up to and can never grow', async () => {
  const code = Uint8Array.from(Buffer.from(MODULE_BASE64, 'base64'));
  const { instance } = await WebAssembly.instantiate(code, {});
  const memory = instance.exports['memory'] as WebAssembly.Memory;
  expect(memory.buffer.byteLength).toBe(PAGES * 65_536);
  expect(PAGES).toBeLessThan(16);
  expect(() => memory.grow(1)).toThrow(RangeError);
});
