/** Vocabulary Overlap Analysis: how many token strings two vocabularies share. */
import { rounded } from './vector.ts';

export interface VocabularyOverlap {
  /** |A ∩ B| / |A ∪ B|, four decimals; 0 when both are empty. */
  readonly jaccard: number;
  readonly vocab_a_size: number;
  readonly vocab_b_size: number;
  readonly intersection: number;
  readonly union: number;
  readonly only_a: number;
  readonly only_b: number;
  readonly overlap_pct_a: number;
  readonly overlap_pct_b: number;
}

export function vocabularyOverlap(a: ReadonlySet<string>, b: ReadonlySet<string>): VocabularyOverlap {
  let intersection = 0;
  for (const token of a) if (b.has(token)) intersection++;
  const union = a.size + b.size - intersection;
  const share = (of: number): number => (of === 0 ? 0 : rounded(intersection / of));
  return {
    jaccard: share(union),
    vocab_a_size: a.size,
    vocab_b_size: b.size,
    intersection,
    union,
    only_a: a.size - intersection,
    only_b: b.size - intersection,
    overlap_pct_a: share(a.size),
    overlap_pct_b: share(b.size),
  };
}
