import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Kernels } from '../kernels/kernels.ts';
import { plainReductions } from '../kernels/plain.ts';
import { TILE_VALUES } from '../kernels/tile.ts';
import { loadKernels } from '../kernels/wasm.ts';
import { ExactSum } from './exact-sum.ts';
import { RowSquares } from './rows.ts';
import { Histogram, Stats } from './stats.ts';

let wasm: Kernels;
beforeAll(async () => {
  wasm = await loadKernels();
});

/** The exact sum of doubles as a rational: numerator over 2^1074, rounded by hand through BigInt. */
function exact(values: readonly number[]): number {
  let total = 0n;
  for (const value of values) {
    const bits = new BigUint64Array(Float64Array.of(value).buffer)[0]!;
    const e = Number((bits >> 52n) & 0x7ffn);
    const m = (bits & 0xf_ffff_ffff_ffffn) | (e === 0 ? 0n : 1n << 52n);
    const scaled = m << BigInt(Math.max(e, 1) - 1);
    total += bits >> 63n ? -scaled : scaled;
  }
  // To 2^-1074 units: keep 53 bits, round half to even.
  const sign = total < 0n ? -1 : 1;
  const magnitude = total < 0n ? -total : total;
  const shift = BigInt(Math.max(magnitude.toString(2).length - 53, 0));
  let kept = magnitude >> shift;
  const rest = magnitude - (kept << shift);
  const half = shift === 0n ? 0n : 1n << (shift - 1n);
  if (shift > 0n && (rest > half || (rest === half && (kept & 1n) === 1n))) kept += 1n;
  // Two factors, because one alone would leave the range of doubles.
  const exponent = Number(shift) - 1074;
  const first = Math.floor(exponent / 2);
  return sign * Number(kept) * 2 ** first * 2 ** (exponent - first);
}

test('an exact sum is the true sum rounded once, whatever the order and the cancellation', () => {
  const number = fc.oneof(
    fc.double({ min: -1e300, max: 1e300, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.integer({ min: -60, max: 60 }).map((e) => 2 ** e),
  );
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), (values) => {
      const sum = new ExactSum();
      for (const value of [...values, ...values.map((v) => -v / 2)]) sum.add(value);
      expect(sum.value()).toBe(exact([...values, ...values.map((v) => -v / 2)]));
    }),
  );
});

test('half a unit is rounded by what lies below it', () => {
  for (const [tail, expected] of [
    [0, 1],
    [2 ** -200, 1 + 2 ** -52],
    [-(2 ** -200), 1],
  ] as const) {
    const sum = new ExactSum();
    for (const value of [1, 2 ** -53, tail]) sum.add(value);
    expect(sum.value()).toBe(expected);
  }
});

const collect = (values: Float32Array, using: 'wasm' | 'plain'): unknown => {
  const stats = new Stats(using === 'wasm' ? wasm : plainReductions);
  for (let at = 0; at < values.length; at += TILE_VALUES) stats.add(values.subarray(at, at + TILE_VALUES));
  return stats.result();
};

test('statistics over tiles are the same from WASM and TypeScript', () => {
  const values = Float32Array.from({ length: 3 * TILE_VALUES + 5 }, (_, i) =>
    i % 997 === 3 ? NaN : Math.cos(i) / (1 + i),
  );
  expect(collect(values, 'wasm')).toEqual(collect(values, 'plain'));
});

test('counts, extremes and the first values of a tensor with NaN, infinities and zeros', () => {
  const values = Float32Array.of(NaN, -0, 0, Infinity, -Infinity, 3, -7, 0.5, 9);
  expect(collect(values, 'wasm')).toEqual({
    count: 9,
    nan: 1,
    infinite: 2,
    zeros: 2,
    sum: 5.5,
    squares: 9 + 49 + 0.25 + 81,
    least: -7,
    most: 9,
    first: [NaN, -0, 0, Infinity, -Infinity, 3, -7, 0.5],
  });
});

test('a tensor without a finite value has no extremes, and neither has an empty one', () => {
  expect(collect(Float32Array.of(NaN, Infinity), 'wasm')).toMatchObject({ least: null, most: null, sum: 0 });
  expect(new Stats(wasm).result()).toMatchObject({ count: 0, least: null, most: null, zeros: 0 });
});

test('float64 statistics: squares beyond all doubles are Infinity, cancelling giants leave the small one', () => {
  const stats = new Stats(plainReductions);
  stats.addWide(Float64Array.of(1e300, 1, -1e300, NaN, -0));
  expect(stats.result()).toMatchObject({ sum: 1, squares: Infinity, nan: 1, zeros: 1, least: -1e300, most: 1e300 });
});

test('row norms do not depend on how rows fall into tiles', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 200 }),
      (columns, rows, tile) => {
        const values = Float32Array.from({ length: columns * rows }, (_, i) => i % 13);
        const norms: number[] = [];
        const squares = new RowSquares(columns, wasm, (square, row) => norms.splice(row, 1, square));
        for (let at = 0; at < values.length; at += tile) squares.add(values.subarray(at, at + tile));
        const expected = Array.from({ length: rows }, (_, r) =>
          values.subarray(r * columns, (r + 1) * columns).reduce((sum, x) => sum + x * x, 0),
        );
        expect(norms).toEqual(expected);
      },
    ),
  );
});

test('a histogram of a constant tensor has a range to lie in', () => {
  const histogram = new Histogram(2, 2, 4, wasm);
  histogram.add(Float32Array.of(2, 2, 2));
  expect([histogram.low, histogram.high, ...histogram.counts]).toEqual([2, 3, 3, 0, 0, 0]);
});
