/** Kolmogorov and Smirnov's test of the first checkpoint against the distribution it is said to have been filled from. */
import { erf } from './erf.ts';
import type { DeclaredInit } from './recipe.ts';

/**
 * Numbers of a tensor that are looked at, evenly spread. More would see the steps of bfloat16 itself: rounding moves the
 * distribution by up to 1/512 of it, and at 16,384 numbers the test sees differences from 1/78 on.
 */
export const INIT_SAMPLE = 16_384;
/** Fewer say nothing: every bias of a small layer would pass. */
export const INIT_LEAST = 100;

export interface InitFit {
  /** Largest distance of the two distributions, 0 to 1. */
  readonly distance: number;
  /** Chance of one at least as large, were they the same. */
  readonly chance: number;
  readonly sample: number;
}

/** Takes an even sample of numbers as they come by. */
export class Sample {
  readonly #every: number;
  readonly #kept: number[] = [];
  #at = 0;

  /** @param total numbers that will come */
  constructor(total: number) {
    this.#every = Math.max(1, Math.ceil(total / INIT_SAMPLE));
  }

  add(values: ArrayLike<number>, from: number, length: number): void {
    const first = (this.#every - (this.#at % this.#every)) % this.#every;
    for (let i = first; i < length; i += this.#every) this.#kept.push(values[from + i]!);
    this.#at += length;
  }

  sorted(): Float64Array {
    return Float64Array.from(this.#kept).sort();
  }
}

/** @param shape of the tensor, as a module of PyTorch has it: [out, in, …] @returns null when the rule needs a matrix and this is none */
export function testInit(sorted: Float64Array, rule: DeclaredInit, shape: readonly number[]): InitFit | null {
  const sample = sorted.length;
  if (rule.distribution === 'constant') {
    const value = rule.value ?? 0;
    const off = sorted.reduce((n, x) => n + (Math.abs(x - value) <= Math.abs(value) / 256 ? 0 : 1), 0);
    return { distance: sample === 0 ? 0 : off / sample, chance: off === 0 ? 1 : 0, sample };
  }
  const cdf = distribution(rule, shape);
  if (cdf === null || sample === 0) return null;
  let distance = 0;
  for (let i = 0; i < sample; i++) {
    // Equal numbers are one step of the distribution: its ends are what is compared.
    if (i > 0 && sorted[i] === sorted[i - 1]) continue;
    let last = i;
    while (last + 1 < sample && sorted[last + 1] === sorted[i]) last++;
    const p = cdf(sorted[i]!);
    distance = Math.max(distance, p - i / sample, (last + 1) / sample - p);
  }
  return { distance, chance: ksChance(distance, sample), sample };
}

/**
 * Chance of a distance this large or larger, with Stephens's correction for small samples (Journal of the Royal Statistical
 * Society B 32, 1970): Q(λ) = 2 Σ (−1)^(k−1) exp(−2k²λ²), λ = (√n + 0.12 + 0.11/√n) D.
 */
export function ksChance(distance: number, n: number): number {
  const root = Math.sqrt(n);
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  // The series converges slowly where the answer is 1 to four digits.
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-12) break;
  }
  return Math.max(0, Math.min(1, 2 * sum));
}

type Cdf = (x: number) => number;

function distribution(rule: DeclaredInit, shape: readonly number[]): Cdf | null {
  const { distribution: name, mean = 0, std = 1, bound = 1 } = rule;
  const normal =
    (deviation: number): Cdf =>
    (x) =>
      (1 + erf((x - mean) / (deviation * Math.SQRT2))) / 2;
  const uniform =
    (half: number): Cdf =>
    (x) =>
      Math.max(0, Math.min(1, (x + half) / (2 * half)));
  if (name === 'normal') return normal(std);
  if (name === 'trunc_normal') return truncated(normal(std), mean, std, rule.bound ?? 2);
  if (name === 'uniform') return uniform(bound);
  const fans = fansOf(shape);
  if (fans === null) return null;
  // PyTorch nn.init: kaiming std = gain/√fan, uniform bound = √3·std; xavier std = gain·√(2/(fan_in + fan_out)).
  const deviation = name.startsWith('kaiming')
    ? (rule.gain ?? Math.sqrt(2 / (1 + (rule.a ?? 0) ** 2))) / Math.sqrt(fans[rule.mode ?? 'fan_in'])
    : (rule.gain ?? 1) * Math.sqrt(2 / (fans.fan_in + fans.fan_out));
  return name.endsWith('uniform') ? uniform(Math.sqrt(3) * deviation) : normal(deviation);
}

/** Cut at ± `at` deviations, as `nn.init.trunc_normal_` is used with std 1 and `jax.nn.initializers` always. */
function truncated(cdf: Cdf, mean: number, std: number, at: number): Cdf {
  const [low, high] = [cdf(mean - at * std), cdf(mean + at * std)];
  return (x) => Math.max(0, Math.min(1, (cdf(x) - low) / (high - low)));
}

/** Numbers that go into one output, and come out of one input: [out, in, kernel …]. */
function fansOf([out, inside, ...kernel]: readonly number[]): {
  readonly fan_in: number;
  readonly fan_out: number;
} | null {
  if (out === undefined || inside === undefined) return null;
  const field = kernel.reduce((n, d) => n * d, 1);
  return { fan_in: inside * field, fan_out: out * field };
}
