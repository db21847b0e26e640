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

export interface Kernels extends Reductions {
  /**
   * Decodes one tile: `count` values (at most `TILE_VALUES`) from whole blocks. NaN come out as 0x7FC00000. `table` goes
   * with the `lut` decoders. The result is a view that is valid until the next call.
   */
  decode(name: DecoderName, bytes: Uint8Array, count: number, table?: Float32Array): Float32Array;
}
