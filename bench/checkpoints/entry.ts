/** Many honest runs and many forgeries of a small network: what each statistic is, and how often each check flags. */
import {
  growth,
  judgePath,
  lengthScores,
  neighbourFactors,
  type PathFacts,
} from '../../src/core/checkpoints/judge-path.ts';
import { measured, totalOf } from '../../src/core/checkpoints/measure.suite.ts';
import { RESOLVED_ROUNDINGS } from '../../src/core/checkpoints/thresholds.ts';
import {
  bfloat,
  interpolated,
  mapWeights,
  noiseWalk,
  noisyLine,
  rateOf,
  train,
  type Setting,
  type Weights,
} from '../../src/core/checkpoints/train.suite.ts';
import { trajectoryOf } from '../../src/core/checkpoints/trajectory.ts';

/** Every way of training, each with many seeds. */
export function settings(seeds: number, first = 0): Setting[] {
  const out: Setting[] = [];
  for (let seed = first; seed < first + seeds; seed++) {
    const base = { seed, steps: 480, every: [24, 40, 60][seed % 3]!, batch: 8, labelNoise: 0.1, decay: 0 };
    out.push(
      { ...base, optimizer: 'adam', rate: 3e-3, schedule: 'constant', warmup: 0 },
      { ...base, optimizer: 'adamw', rate: 3e-3, schedule: 'cosine', warmup: 40, decay: 0.1 },
      { ...base, optimizer: 'adamw', rate: 1e-3, schedule: 'linear', warmup: 40, decay: 0.1, labelNoise: 0.5 },
      { ...base, optimizer: 'sgd', rate: 0.015, schedule: 'constant', warmup: 0 },
      { ...base, optimizer: 'sgd', rate: 0.05, schedule: 'cosine', warmup: 40, labelNoise: 0.5 },
      // At its minimum from early on: nothing but noise.
      { ...base, optimizer: 'sgd', rate: 0.02, schedule: 'constant', warmup: 0, labelNoise: 1 },
      { ...base, optimizer: 'adam', rate: 0.02, schedule: 'constant', warmup: 0, labelNoise: 1 },
      // Hardly noisy, and slow: as straight as honest training gets.
      { ...base, optimizer: 'sgd', rate: 2e-3, schedule: 'constant', warmup: 0, batch: 64, labelNoise: 0 },
      { ...base, optimizer: 'adamw', rate: 2e-3, schedule: 'cosine', warmup: 40, coarse: true },
    );
  }
  return out;
}

export interface Found {
  readonly flags: readonly string[];
  readonly unchecked: readonly string[];
  readonly pathRatio: number;
  readonly factor: number;
  readonly growth: number | null;
  readonly jump: number | null;
  readonly cosines: readonly number[];
  readonly sigmas: readonly number[];
  /** Residual ÷ rounding, where a segment is `RESOLVED_ROUNDINGS` times the rounding or more. */
  readonly onLine: readonly number[];
  readonly away: number;
}

export function look(run: readonly Weights[], setting: Setting, stored: 'F32' | 'BF16', schedule: boolean): Found {
  const kept = stored === 'F32' ? run : run.map((weights) => mapWeights(weights, bfloat));
  const path = trajectoryOf(totalOf(measured(kept, stored)));
  const rates = kept.slice(1).map((_, i) => {
    let sum = 0;
    for (let step = i * setting.every; step < (i + 1) * setting.every; step++) sum += rateOf(setting, step);
    return sum;
  });
  const facts: PathFacts = {
    path,
    names: kept.map((_, i) => `step${i * setting.every}`),
    steps: kept.map((_, i) => i * setting.every),
    rates: schedule ? rates : null,
    same: [],
    roundingKnown: true,
  };
  const scores = lengthScores(facts);
  const checks = judgePath(facts);
  const half = Math.floor(path.segments.length / 2);
  return {
    flags: checks.flatMap(({ flags }) => flags.map(({ code }) => code)),
    unchecked: checks.flatMap(({ id, outcome }) => (outcome === 'could-not-check' ? [id] : [])),
    pathRatio: path.unrounded ?? 0,
    factor:
      typeof scores === 'string'
        ? 0
        : Math.max(...neighbourFactors(facts).map((f, i) => ((scores[i] ?? 0) > 5 ? (f ?? 0) : 0))),
    growth: growth(facts),
    jump: typeof scores === 'string' ? null : Math.max(...scores.map((score) => score ?? 0)),
    cosines: path.turns.map(({ cosine }) => cosine ?? 0),
    sigmas: path.turns.map(({ sigmas }) => Math.abs(sigmas ?? 0)),
    onLine: path.turns.flatMap(({ residual, rounding, shorter }) =>
      residual === null || rounding === null || shorter < RESOLVED_ROUNDINGS * rounding ? [] : [residual / rounding],
    ),
    away: Math.max(0, ...path.toEnd.slice(half, -1).map((d, k, list) => (k === 0 ? 0 : d / list[k - 1]!))),
  };
}

/** A real run with something done to it. */
export const FORGERIES: Readonly<Record<string, (run: Weights[], setting: Setting) => Weights[]>> = {
  'straight line from first to last': (run) =>
    interpolated(
      run[0]!,
      run.at(-1)!,
      run.map((_, i) => i / (run.length - 1)),
    ),
  'every second checkpoint interpolated': (run) =>
    run.map((weights, i) =>
      i % 2 === 0 || i + 1 >= run.length ? weights : interpolated(run[i - 1]!, run[i + 1]!, [0.5])[0]!,
    ),
  'walk of noise': (run, { seed }) => noiseWalk(run, seed + 5),
  'line with noise around it': (run, { seed }) => noisyLine(run, seed + 5),
  'two runs glued in the middle': (run, setting) => {
    const other = train({ ...setting, seed: setting.seed + 500 });
    const middle = Math.floor(run.length / 2);
    return [...run.slice(0, middle), ...other.slice(middle)];
  },
  'two neighbours swapped early': (run) => swapped(run, 2),
  'two neighbours swapped late': (run) => swapped(run, run.length - 3),
  'turned round': (run) => run.toReversed(),
};

function swapped(run: readonly Weights[], i: number): Weights[] {
  const out = [...run];
  [out[i], out[i + 1]] = [out[i + 1]!, out[i]!];
  return out;
}

export { train };
