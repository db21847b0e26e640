import type { Reductions } from '../kernels/kernels.ts';
import { ExactSum } from './exact-sum.ts';

/** What a tensor table shows. Sums and extremes are over finite values; counts are exact. */
export interface TensorStats {
  readonly count: number;
  readonly nan: number;
  readonly infinite: number;
  /** Zeros of either sign. `zeros === count`: an all-zero tensor. */
  readonly zeros: number;
  /** Σ x, rounded once from (very nearly) exact; Infinity when it grew beyond all doubles. */
  readonly sum: number;
  /** Σ x², relative error below 1e-12. */
  readonly squares: number;
  /** Null when no value is finite. */
  readonly least: number | null;
  readonly most: number | null;
  /** The first eight values, row-major, in float64. */
  readonly first: readonly number[];
}

/** Gathers `TensorStats` from tiles. The result does not depend on anything but the tiles' values in order. */
export class Stats {
  readonly #reductions: Reductions;
  readonly #sum = new ExactSum();
  readonly #squares = new ExactSum();
  readonly #first: number[] = [];
  #squaresOverflow = false;
  #count = 0;
  #finite = 0;
  #nan = 0;
  #zeros = 0;
  #least = Infinity;
  #most = -Infinity;

  constructor(reductions: Reductions) {
    this.#reductions = reductions;
  }

  /** One tile of float32 values. */
  add(values: Float32Array): void {
    this.#begin(values);
    const census = this.#reductions.census(values);
    for (const part of census.sum) this.#sum.add(part);
    this.#squares.add(census.squares);
    this.#least = Math.min(this.#least, census.least);
    this.#most = Math.max(this.#most, census.most);
    this.#finite += census.finite;
    this.#nan += census.nan;
    this.#zeros += census.zeros;
  }

  /** The same for values that do not fit in float32. */
  addWide(values: Float64Array): void {
    this.#begin(values);
    let sum = 0;
    let lost = 0;
    let squares = 0;
    for (const x of values) {
      if (x - x !== 0) {
        if (x !== x) this.#nan++;
        continue;
      }
      this.#finite++;
      if (x === 0) this.#zeros++;
      if (x < this.#least) this.#least = x;
      if (x > this.#most) this.#most = x;
      const next = sum + x;
      const taken = next - sum;
      lost += sum - (next - taken) + (x - taken);
      sum = next;
      squares += x * x;
    }
    this.#sum.add(sum);
    if (Number.isFinite(sum)) this.#sum.add(lost);
    if (Number.isFinite(squares)) this.#squares.add(squares);
    else this.#squaresOverflow = true;
  }

  result(): TensorStats {
    return {
      count: this.#count,
      nan: this.#nan,
      infinite: this.#count - this.#finite - this.#nan,
      zeros: this.#zeros,
      sum: this.#sum.value(),
      squares: this.#squaresOverflow ? Infinity : this.#squares.value(),
      least: this.#finite === 0 ? null : this.#least,
      most: this.#finite === 0 ? null : this.#most,
      first: this.#first,
    };
  }

  #begin(values: Float32Array | Float64Array): void {
    this.#count += values.length;
    for (let i = 0; this.#first.length < 8 && i < values.length; i++) this.#first.push(values[i]!);
  }
}

/** Counts values in bins of equal width over [low, high]; for one tensor at a time, when somebody asks. */
export class Histogram {
  readonly low: number;
  readonly high: number;
  /** Number of values in each bin. */
  readonly counts: Uint32Array;
  readonly #reductions: Reductions;

  constructor(low: number, high: number, bins: number, reductions: Reductions) {
    this.low = low;
    // A constant tensor still needs a range to lie in.
    this.high = high > low ? high : low + 1;
    this.counts = new Uint32Array(bins);
    this.#reductions = reductions;
  }

  add(values: Float32Array): void {
    this.#reductions.histogram(values, this.low, this.high, this.counts);
  }
}
