/**
 * How far an optimiser can move one weight, whatever the gradients were. Held against the largest change of a segment:
 * what lies beyond `possible` was not made by the stated optimiser with the stated rates.
 */
import type { Recipe } from './recipe.ts';

export interface Reach {
  /** No gradients lead further: a proven bound. */
  readonly possible: number;
  /** Unusual beyond this. */
  readonly usual: number;
  /** What is bounded: the largest change of one weight, or the length of the whole update. */
  readonly of: 'linf' | 'l2';
}

export type ReachMissing = 'optimizer' | 'learning_rate' | 'max_grad_norm' | 'betas';

export interface SegmentFacts {
  /** Σ η over its steps. */
  readonly rates: number;
  /** Number of steps since the very first one, at its end. */
  readonly stepsSoFar: number;
  /** Largest |w| at its beginning, and ‖w‖₂. */
  readonly peak: number;
  readonly norm: number;
}

/** PyTorch's and the paper's defaults (Kingma & Ba, arXiv 1412.6980, algorithm 1). */
const BETAS: readonly [number, number] = [0.9, 0.999];

/** @returns what is missing to say it */
export function reachOf(recipe: Recipe, segment: SegmentFacts): Reach | ReachMissing {
  const { optimizer, weightDecay = 0 } = recipe;
  if (optimizer === undefined) return 'optimizer';
  const { rates, peak } = segment;
  if (optimizer === 'sgd') return sgd(recipe, segment);
  const [worst, paper] = optimizer === 'lion' ? [1, 1] : adamStep(recipe.betas ?? BETAS, segment.stepsSoFar);
  // With plain Adam the decay is part of the gradient, and what is divided by its own size knows no size.
  const decay = optimizer === 'adam' ? 0 : weightDecay;
  // |w| itself can grow on the way by what the steps add; decay only shrinks it (as long as ηλ stays below 2).
  const far = (c: number): number => (rates === 0 ? 0 : rates * (c + decay * (peak + rates * c)));
  return { possible: far(worst), usual: far(paper), of: 'linf' };
}

/** Steps for which bias correction is followed one by one; after them it is all but 1. */
const CORRECTED_STEPS = 20_000;

/**
 * Largest |m̂|/√v̂ of Adam within `steps` steps, proven and as published.
 *
 * Proven: after t steps m = (1−β₁)Σβ₁ᵏg and v = (1−β₂)Σβ₂ᵏg², k below t, so by Cauchy and Schwarz
 * |m|/√v ≤ (1−β₁)/√(1−β₂) · √(Σ(β₁²/β₂)ᵏ), times √(1−β₂ᵗ)/(1−β₁ᵗ) for bias correction. Section 2.1 of the paper gives
 * (1−β₁)/√(1−β₂), the value for one gradient after zeros; gradients that grow by β₂/β₁ a step go beyond it (7.27 instead
 * of 3.16 with the defaults).
 */
export function adamStep([b1, b2]: readonly [number, number], steps: number): readonly [number, number] {
  const paper = Math.max(1, (1 - b1) / Math.sqrt(1 - b2));
  // Where v forgets at once and m does not, nothing bounds their ratio.
  const q = b1 === 0 ? 0 : (b1 * b1) / b2;
  const plain = (1 - b1) / Math.sqrt(1 - b2);
  // Where β₂ is next to nothing the ratio has no number: then nothing is bounded.
  const sum = (t: number): number => {
    if (q === 1) return t;
    return Number.isFinite(q) ? (1 - q ** t) / (1 - q) : t === 1 ? 1 : Infinity;
  };
  let worst = 1;
  for (let t = 1; t <= Math.min(steps, CORRECTED_STEPS); t++) {
    worst = Math.max(worst, (plain * Math.sqrt(sum(t)) * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t));
  }
  if (steps > CORRECTED_STEPS) {
    worst = Math.max(worst, (plain * Math.sqrt(sum(steps))) / (1 - b1 ** CORRECTED_STEPS));
  }
  return [worst, paper];
}

/** Gradients have no bound of their own: only clipping gives one, of the whole length. */
function sgd(
  { maxGradNorm, momentum = 0, weightDecay = 0 }: Recipe,
  { rates, norm }: SegmentFacts,
): Reach | ReachMissing {
  if (maxGradNorm === undefined) return 'max_grad_norm';
  // v ← μv + g has |v| ≤ G/(1−μ); Nesterov's variant g + μv as well.
  const step = maxGradNorm / (1 - momentum);
  const decay = weightDecay / (1 - momentum);
  // d|w| ≤ η(step + decay·|w|): Grönwall's inequality bounds |w|, and with it the way.
  const largest = (norm + rates * step) * Math.exp(Math.min(700, rates * decay));
  const far = rates * (step + decay * largest);
  // Momentum that was built up before the segment may hold decay of larger weights than are seen here.
  const possible = momentum > 0 && weightDecay > 0 ? Infinity : far;
  return { possible, usual: far, of: 'l2' };
}
