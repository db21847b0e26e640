/** Learning rates over steps, and their sum over a segment. */
import { numberOf, object, refuse, step } from './recipe-fields.ts';

export type Schedule =
  /** Straight lines between points; before the first and after the last, their rate. One point: constant. */
  | { readonly kind: 'points'; readonly points: readonly (readonly [step: number, rate: number])[] }
  | {
      readonly kind: 'shape';
      readonly shape: 'constant' | 'linear' | 'cosine';
      readonly peak: number;
      readonly warmupSteps: number;
      /** Step at which `final` is reached; not looked at when constant. */
      readonly totalSteps: number;
      readonly final: number;
    };

/** Points of a schedule: one a step for a small run. */
const POINTS_MAX = 100_000;
/** Steps that are summed one by one; longer segments are summed over this many equal parts, at the highest rate of each. */
const SUMMED_MAX = 100_000;

/** @throws AppError USAGE */
export function parseSchedule(value: unknown): Schedule {
  if (typeof value === 'number') return { kind: 'points', points: [[0, rate(value)]] };
  if (Array.isArray(value)) {
    if (value.length === 0 || value.length > POINTS_MAX) throw refuse(`"learning_rate" has 1 to ${POINTS_MAX} points`);
    const points = value.map((point: unknown): readonly [number, number] => {
      if (!Array.isArray(point) || point.length !== 2) throw refuse('a point of "learning_rate" is [step, rate]');
      return [step(point[0]), rate(point[1])];
    });
    if (points.some(([at], i) => i > 0 && at <= points[i - 1]![0])) throw refuse('"learning_rate" goes back in steps');
    return { kind: 'points', points };
  }
  const fields = ['schedule', 'peak', 'warmup_steps', 'total_steps', 'final'];
  const given = object(value, '"learning_rate"', fields);
  const { schedule = 'constant' } = given;
  if (schedule !== 'constant' && schedule !== 'linear' && schedule !== 'cosine') {
    throw refuse('"schedule" is constant, linear or cosine');
  }
  if (schedule !== 'constant' && given['total_steps'] === undefined) throw refuse(`${schedule} needs "total_steps"`);
  const warmupSteps = step(given['warmup_steps'] ?? 0);
  const totalSteps = step(given['total_steps'] ?? 0);
  if (schedule !== 'constant' && totalSteps <= warmupSteps) throw refuse('"total_steps" is not after the warm-up');
  return {
    kind: 'shape',
    shape: schedule,
    peak: rate(given['peak']),
    warmupSteps,
    totalSteps,
    final: rate(given['final'] ?? 0),
  };
}

function rate(value: unknown): number {
  return numberOf(value, 'a learning rate', 0, 1e6);
}

/** The rate that step `at` is made with, counted from 0. */
export function rateAt(schedule: Schedule, at: number): number {
  if (schedule.kind === 'points') return between(schedule.points, at);
  const { shape, peak, warmupSteps, totalSteps, final } = schedule;
  // Trainers disagree whether the first step has rate 0 or 1/warmup of it: the higher one, since sums are upper bounds.
  if (at < warmupSteps) return (peak * (at + 1)) / warmupSteps;
  if (shape === 'constant') return peak;
  const share = Math.min(1, (at - warmupSteps) / (totalSteps - warmupSteps));
  return shape === 'linear'
    ? peak + (final - peak) * share
    : final + ((peak - final) * (1 + Math.cos(Math.PI * share))) / 2;
}

function between(points: readonly (readonly [number, number])[], at: number): number {
  const next = upper(points, at);
  if (next === 0) return points[0]![1];
  const [x, y] = points[next - 1]!;
  const after = points[next];
  if (after === undefined) return y;
  return y + ((after[1] - y) * (at - x)) / (after[0] - x);
}

/** How many points lie at or before a step. */
function upper(points: readonly (readonly [number, number])[], at: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (points[middle]![0] <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Σ η over the steps from `from` up to, and without, `to`; never less than the true sum. */
export function rateSum(schedule: Schedule, from: number, to: number): number {
  const steps = to - from;
  const parts = Math.min(steps, SUMMED_MAX);
  let sum = 0;
  for (let part = 0; part < parts; part++) {
    const first = from + Math.floor((part * steps) / parts);
    const last = from + Math.floor(((part + 1) * steps) / parts) - 1;
    const ends = Math.max(rateAt(schedule, first), rateAt(schedule, last));
    sum += first === last ? ends : Math.max(ends, highestWithin(schedule, first, last)) * (last - first + 1);
  }
  return sum;
}

/** Between two steps a shape is highest at an end or where the warm-up ends; points, at one of the points. */
function highestWithin(schedule: Schedule, first: number, last: number): number {
  if (schedule.kind === 'shape') {
    const { warmupSteps } = schedule;
    return warmupSteps >= first && warmupSteps <= last ? schedule.peak : 0;
  }
  let most = 0;
  for (let i = upper(schedule.points, first); i < schedule.points.length; i++) {
    const [at, value] = schedule.points[i]!;
    if (at > last) break;
    most = Math.max(most, value);
  }
  return most;
}
