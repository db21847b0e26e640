/**
 * The hot loops: decoding stored bytes to float32 and reducing float32 values. Two implementations, `wasm.ts` (SIMD) and
 * `plain.ts` with the codecs of tensors/decode (TypeScript, the oracle), give the same bits.
 *
 * **Order of summation.** Products of float32 values are exact in float64. Within a tile value i is added to lane i mod 8
 * in order of i; lanes are added as ((0+4) + (2+6)) + ((1+5) + (3+7)). A call takes at most one tile (`TILE_VALUES`);
 * whoever sums over more adds tiles in order.
 */

/** Decoders of the module, by export name. */
export const DECODERS = [
  'f32',
  'f64',
  'f16',
  'bf16',
  'i16',
  'u16',
  'i32',
  'u32',
  'i64',
  'u64',
  'lut8',
  'lut4',
  'lut2',
  'lut6',
  'q1_0',
  'q2_0',
  'q4_0',
  'q4_1',
  'q5_0',
  'q5_1',
  'q8_0',
  'q8_k',
  'q2_k',
  'q3_k',
  'q4_k',
  'q5_k',
  'q6_k',
  'iq1_s',
  'iq1_m',
  'iq2_xxs',
  'iq2_xs',
  'iq2_s',
  'iq3_xxs',
  'iq3_s',
  'iq4_nl',
  'iq4_xs',
  'tq1_0',
  'tq2_0',
  'mxfp4',
  'nvfp4',
] as const;
export type DecoderName = (typeof DECODERS)[number];

/** Facts about the values of one tile. Sums and extremes are over finite values. */
export interface Census {
  /** Σ x: eight lanes, then what rounding lost in each; exact up to the rounding of the second eight. */
  readonly sum: Float64Array;
  /** Σ x², in the order above. */
  readonly squares: number;
  /** Infinity and -Infinity when no value is finite. */
  readonly least: number;
  readonly most: number;
  readonly finite: number;
  readonly nan: number;
  /** Both zeros. */
  readonly zeros: number;
}

/** Reductions over at most `TILE_VALUES` values a call. */
export interface Reductions {
  /** Σ x². */
  squares(values: Float32Array): number;
  /** Σ x·y over arrays of the same length. */
  dot(x: Float32Array, y: Float32Array): number;
  /**
   * Σ x² of every row touched by values that begin at column `phase` of a matrix with `columns` columns. The first and
   * the last may be parts of rows. The result is valid until the next call.
   */
  rowSquares(values: Float32Array, columns: number, phase: number): Float64Array;
  census(values: Float32Array): Census;
  /** Every `step`-th value from `start` on. The result is valid until the next call. */
  sample(values: Float32Array, start: number, step: number): Float32Array;
  /**
   * Adds to `counts` (at most `TILE_VALUES` bins): bins of equal width over [low, high], the upper edge in the last;
   * values outside and NaN are left out.
   */
  histogram(values: Float32Array, low: number, high: number, counts: Uint32Array): void;
}

/** Runs of values that share a scale, in order; entries 0 … count - 1 of each list are used. */
export interface Runs {
  /** Place after the last value of each run. */
  readonly ends: Int32Array;
  readonly scales: Float32Array;
  readonly zeros: Float32Array;
  /** What is added or multiplied afterwards. */
  readonly extras: Float32Array;
}

/** How codes of columns are packed; columns and rows of one call. */
export const COLUMN_PACKINGS = {
  /** GPTQ: a stream of codes down each column; words of the four columns side by side. `unit`: rows in whole words. */
  gptq2: { columns: 4, unit: 32, bits: 2 },
  gptq3: { columns: 4, unit: 32, bits: 3 },
  gptq4: { columns: 4, unit: 8, bits: 4 },
  gptq8: { columns: 4, unit: 4, bits: 8 },
  /** AWQ: eight columns of a row to a word; words of successive rows side by side. */
  awq: { columns: 8, unit: 4, bits: 32 },
} as const;
export type ColumnPacking = keyof typeof COLUMN_PACKINGS;

/** Most runs of one call. */
export const RUNS_MAX = 2048;

export interface Kernels extends Reductions {
  /**
   * `(x - zero) * scale` in place, run by run, then plus (`add`) or times (`multiply`) the extra; every step rounded to
   * float32. At most a tile and `RUNS_MAX` runs, the last of which ends with the values.
   */
  rescale(values: Float32Array, runs: Runs, count: number, then: 'nothing' | 'add' | 'multiply'): void;
  /**
   * `(x - zero) * scale` in place for columns as `columns` gives them, by the group of each row (trusted to be below
   * `count`); tables of `count` numbers per column, at most a tile in all.
   */
  regroup(values: Float32Array, groups: Int32Array, scales: Float32Array, zeros: Float32Array, count: number): void;
  /**
   * Values `(code - zero) * scale` of a few columns (`COLUMN_PACKINGS`), each as `rows` values after the other: at most a
   * tile. Runs end at multiples of `unit` rows; for each, `scales` and `zeros` have one number per column. Valid until the next call.
   */
  columns(packing: ColumnPacking, words: Int32Array, rows: number, runs: Runs, count: number): Float32Array;
  /**
   * Decodes one tile: `count` values (at most `TILE_VALUES`) from whole blocks. NaN come out as 0x7FC00000. `table` goes
   * with the `lut` decoders. The result is a view that is valid until the next call.
   */
  decode(name: DecoderName, bytes: Uint8Array, count: number, table?: Float32Array): Float32Array;
}
