/** Scores and labels of MPK (core/scoring.py). Null stands for its NaN. */
import { rounded } from './vector.ts';

export interface WeightScores {
  readonly eas: number | null;
  readonly nlf: number | null;
  readonly lep: number | null;
  readonly end: number | null;
  readonly wvc: number | null;
}

const IDENTITY: readonly (readonly [keyof WeightScores, number])[] = [
  ['eas', 0.36],
  ['nlf', 0.08],
  ['lep', 0.16],
  ['end', 0.19],
  ['wvc', 0.21],
];
const HIGH = 0.75;
const WEAK = 0.65;

/** Weighted mean of what is defined, its weights scaled up to one; null when nothing is. */
export function identityScore(scores: WeightScores): number | null {
  const defined = IDENTITY.filter(([key]) => scores[key] !== null);
  if (defined.length === 0) return null;
  const total = defined.reduce((sum, [, weight]) => sum + weight, 0);
  return rounded(defined.reduce((sum, [key, weight]) => sum + (weight / total) * scores[key]!, 0));
}

export function tokenizerScore(tfv: number, voa: number): number {
  return rounded(0.25 * tfv + 0.75 * voa);
}

export type ScoreLabel = 'High-Confidence Match' | 'Weak Match' | 'Not Matched' | 'Insufficient data';

export function scoreLabel(score: number | null): ScoreLabel {
  if (score === null) return 'Insufficient data';
  if (score > HIGH) return 'High-Confidence Match';
  return score > WEAK ? 'Weak Match' : 'Not Matched';
}

/**
 * MPK's gate: an equal configuration decides alone, whatever the weights say. That is a defect we report beside our own
 * verdict, and reproduce here.
 */
export function pipelineScore(
  mfi: { readonly score: number; readonly tier: 1 | 2 | 3 },
  identity: number | null,
): { readonly score: number; readonly decision: string } {
  if (mfi.tier <= 2) return { score: mfi.score, decision: 'Confirmed Match' };
  if (identity !== null) return { score: identity, decision: scoreLabel(identity) };
  return { score: mfi.score, decision: `${scoreLabel(mfi.score)} (metadata only)` };
}
