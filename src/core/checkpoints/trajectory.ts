/** Distances and angles of a sequence, from its sums. Nothing here judges. */
import type { SequenceSums } from './sums.ts';

export interface Segment {
  readonly l1: number;
  readonly l2: number;
  readonly linf: number;
  /** 1 − cosine of the two checkpoints; null where a norm is zero. */
  readonly cosineDistance: number | null;
  /** ‖ΔW‖ ÷ ‖W‖ of the checkpoint it begins at; null where that is zero. */
  readonly relative: number | null;
  /** Numbers that are not the same at both ends. */
  readonly changed: number;
}

/** At a checkpoint between two segments. */
export interface Turn {
  /** Cosine of the updates before and after; null where one is zero. */
  readonly cosine: number | null;
  /** How many standard deviations `cosine` is from 0, were the updates independent noise. */
  readonly sigmas: number | null;
  /** Distance of the checkpoint from the straight line between its neighbours, and what rounding alone would make of it. */
  readonly residual: number | null;
  readonly rounding: number | null;
  /** The shorter of the two segments. */
  readonly shorter: number;
}

export interface Trajectory {
  readonly segments: readonly Segment[];
  readonly turns: readonly Turn[];
  /** ‖W‖, distance from the first, distance to the last; by checkpoint. */
  readonly norms: readonly number[];
  readonly fromStart: readonly number[];
  readonly toEnd: readonly number[];
  /** ‖W_m − W₀‖ ÷ Σ‖ΔW‖: 1 on a straight line; null when nothing moved. */
  readonly pathRatio: number | null;
  /** The same with what rounding alone adds taken off all lengths; null where a segment is too short for that. */
  readonly unrounded: number | null;
  readonly values: number;
}

/** Below this share of the shorter segment a residual is lost in float64: its square is a difference of products. */
const ARITHMETIC = 1e-6;

export function trajectoryOf(sums: SequenceSums): Trajectory {
  const root = (list: Float64Array): readonly number[] => Array.from(list, Math.sqrt);
  const segments = Array.from(sums.l2, (_, i) => segmentOf(sums, i));
  const way = segments.reduce((sum, { l2 }) => sum + l2, 0);
  const fromStart = root(sums.fromStart);
  return {
    segments,
    turns: Array.from(sums.turn, (_, i) => turnOf(sums, i)),
    norms: root(sums.square),
    fromStart,
    toEnd: root(sums.toEnd),
    pathRatio: way > 0 ? fromStart.at(-1)! / way : null,
    unrounded: unroundedRatio(sums),
    values: sums.values,
  };
}

/** Lengths below this many times their rounding are not known well enough to take it off. */
const TAKEN_OFF = 3;

function unroundedRatio({ l2, fromStart, rounding }: SequenceSums): number | null {
  const last = rounding.length - 1;
  const off = (square: number, a: number, b: number): number | null => {
    const rounded = rounding[a]! + rounding[b]!;
    return square >= TAKEN_OFF ** 2 * rounded && square > 0 ? Math.sqrt(square - rounded) : null;
  };
  let way = 0;
  for (let i = 0; i < l2.length; i++) {
    const length = off(l2[i]!, i, i + 1);
    if (length === null && l2[i]! > 0) return null;
    way += length ?? 0;
  }
  const straight = off(fromStart[last]!, 0, last);
  return straight === null || way === 0 ? null : straight / way;
}

function segmentOf(sums: SequenceSums, i: number): Segment {
  const [before, after] = [Math.sqrt(sums.square[i]!), Math.sqrt(sums.square[i + 1]!)];
  const l2 = Math.sqrt(sums.l2[i]!);
  return {
    l1: sums.l1[i]!,
    l2,
    linf: sums.linf[i]!,
    cosineDistance: before > 0 && after > 0 ? cosineDistance(before, after, sums.l2[i]!) : null,
    relative: before > 0 ? l2 / before : null,
    changed: sums.changed[i]!,
  };
}

/** From the distance: 1 − a·b/(|a||b|) would lose all digits of a small angle. */
function cosineDistance(a: number, b: number, square: number): number {
  return Math.max(0, Math.min(2, (square - (a - b) ** 2) / (2 * a * b)));
}

function turnOf(sums: SequenceSums, i: number): Turn {
  const [one, two, product] = [sums.l2[i]!, sums.l2[i + 1]!, sums.turn[i]!];
  const shorter = Math.sqrt(Math.min(one, two));
  if (one === 0 || two === 0) return { cosine: null, sigmas: null, residual: null, rounding: null, shorter };
  const variance = sums.turnVariance[i]!;
  const cosine = Math.max(-1, Math.min(1, product / Math.sqrt(one * two)));
  // The rounding of the checkpoint between them is in both updates, with opposite signs.
  const sigmas = variance > 0 ? (product + sums.rounding[i + 1]!) / Math.sqrt(variance) : null;
  // The straight line between the neighbours: its squared length, and where on it the checkpoint is nearest.
  const line = one + 2 * product + two;
  if (!(line > 0)) return { cosine, sigmas, residual: shorter, rounding: null, shorter };
  const at = (one + product) / line;
  const rounded = sums.rounding[i + 1]! + (1 - at) ** 2 * sums.rounding[i]! + at ** 2 * sums.rounding[i + 2]!;
  return {
    cosine,
    sigmas,
    residual: Math.sqrt(Math.max(0, (one * two - product * product) / line)),
    rounding: Math.max(Math.sqrt(rounded), ARITHMETIC * shorter),
    shorter,
  };
}

/** (x − median) ÷ (1.4826 · median deviation), with a least deviation. */
export function robustScores(values: readonly number[], least: number): readonly number[] {
  const middle = median(values);
  const deviation = median(values.map((x) => Math.abs(x - middle)));
  return values.map((x) => (x - middle) / Math.max(least, 1.4826 * deviation));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
