/** Vector arithmetic of MPK: undefined is NaN, and a clamped NaN is 1, as `max(0.0, min(1.0, nan))` is in Python. */
import { pythonRound } from '../python/round.ts';

export type Vector = Float32Array | Float64Array | readonly number[];

/** A cosine with a smaller product of norms is undefined. */
const NORMS_MIN = 1e-10;
/** A correlation with a smaller deviation on one side is undefined. */
const DEVIATION_MIN = 1e-8;

/** Into [0, 1]; NaN becomes 1. */
export function clampToUnit(value: number): number {
  return Number.isNaN(value) ? 1 : Math.max(0, Math.min(1, value));
}

/** The cosine over the first `length` values, not clamped; NaN when undefined by the norms. */
export function cosine(a: Vector, b: Vector, length = Math.min(a.length, b.length)): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  const norms = Math.sqrt(aa) * Math.sqrt(bb);
  return norms < NORMS_MIN ? NaN : dot / norms;
}

/** MPK's `cosine_clamp`: null when undefined; the rest in [0, 1], not rounded. */
export function cosineClamp(a: Vector, b: Vector): number | null {
  let aa = 0;
  let bb = 0;
  for (const x of a) aa += x * x;
  for (const y of b) bb += y * y;
  if (Math.sqrt(aa) * Math.sqrt(bb) < NORMS_MIN) return null;
  return clampToUnit(cosine(a, b));
}

/** (r + 1) / 2 of Pearson's r; null when a side is constant or not finite. Arrays of one length. */
export function correlation(a: Vector, b: Vector): number | null {
  const n = a.length;
  const meanA = mean(a);
  const meanB = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    const x = a[i]! - meanA;
    const y = b[i]! - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  if (Math.sqrt(aa / n) < DEVIATION_MIN || Math.sqrt(bb / n) < DEVIATION_MIN) return null;
  // numpy.corrcoef divides by one deviation after the other and clips to [-1, 1].
  const r = ab / Math.sqrt(aa) / Math.sqrt(bb);
  return Number.isNaN(r) ? null : (Math.max(-1, Math.min(1, r)) + 1) / 2;
}

/** Mean, population deviation, largest and smallest value. NaN in any value makes all four NaN. */
export function moments(values: Vector): [mean: number, deviation: number, most: number, least: number] {
  const center = mean(values);
  let squares = 0;
  let most = -Infinity;
  let least = Infinity;
  for (const x of values) {
    squares += (x - center) ** 2;
    most = x > most || Number.isNaN(x) ? x : most;
    least = x < least || Number.isNaN(x) ? x : least;
  }
  return [center, Math.sqrt(squares / values.length), most, least];
}

/** Four decimals, as MPK rounds every similarity and score; null stays null. */
export function rounded(value: number): number;
export function rounded(value: number | null): number | null;
export function rounded(value: number | null): number | null {
  return value === null || Number.isNaN(value) ? null : pythonRound(value, 4);
}

function mean(values: Vector): number {
  let sum = 0;
  for (const x of values) sum += x;
  return sum / values.length;
}
