import type { MpkComparison } from '../../../src/core/signals/mpk/compare.ts';
import type { VocabularyOverlap } from '../../../src/core/signals/mpk/voa.ts';
import type { ComputedPair } from './compute.ts';

export interface ExpectedPair {
  readonly a: string;
  readonly b: string;
  readonly error?: { readonly type: string };
  readonly result?: MpkComparison;
  readonly vocab_overlap?: VocabularyOverlap;
  /** Signals whose value lies so near to a rounding boundary that float32 decides. */
  readonly near_rounding_boundary?: readonly string[];
}

const UNIT = 1.0001e-4;

/** Equal to four decimals; one unit is allowed where MPK's own float32 arithmetic decides the rounding. */
export function comparePair(expected: ExpectedPair, found: ComputedPair): string[] {
  const { result } = expected;
  if (result === undefined)
    return found.mpk === null ? [] : [`expected ${expected.error?.type ?? 'an error'}, has a result`];
  const { mpk } = found;
  if (mpk === null) return [`no result: ${found.missing.join(', ')}`];
  const differ: string[] = [];
  const boundary = new Set(expected.near_rounding_boundary ?? []);
  const loose = boundary.size > 0 ? new Set([...boundary, 'identity_score', 'pipeline_score']) : boundary;
  const check = (name: string, want: unknown, is: unknown): void => {
    if (want === is) return;
    if (loose.has(name) && typeof want === 'number' && typeof is === 'number' && Math.abs(want - is) <= UNIT) return;
    differ.push(`${name}: expected ${String(want)}, is ${String(is)}`);
  };
  check('family_a', result.family_a, mpk.family_a);
  check('family_b', result.family_b, mpk.family_b);
  for (const part of ['signals', 'scores', 'interpretation'] as const) {
    const is = mpk[part] as Readonly<Record<string, unknown>>;
    for (const [key, want] of Object.entries(result[part])) check(key, want, is[key]);
  }
  for (const [key, want] of Object.entries(expected.vocab_overlap ?? {})) {
    check(`vocab_overlap.${key}`, want, found.overlap?.[key as keyof VocabularyOverlap]);
  }
  return differ;
}
