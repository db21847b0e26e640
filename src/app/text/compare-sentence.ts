/** The headline of a comparison, from what was counted: bytes and numbers, nothing about descent. */
import type { ModelComparison, TensorRelation } from '../../core/report/comparison.ts';
import { formatCount, plural } from '../../core/report/words/units.ts';

export interface ComparisonVerdict {
  readonly sentence: string;
  readonly note: string;
}

export function comparisonVerdict({ tensors, stopped, depth }: ModelComparison): ComparisonVerdict {
  const note = stopped ? 'You stopped before everything was read; what was not compared is marked.' : '';
  if (tensors.length === 0) {
    const sentence =
      depth === 'signals'
        ? 'Only the signals of these two models were compared.'
        : 'No weights of these two could be compared.';
    return { sentence, note };
  }
  const of = (...relations: readonly TensorRelation[]): number =>
    tensors.filter(({ relation }) => relations.includes(relation)).length;
  const same = of('identical-bytes', 'same-numbers');
  const all = plural(tensors.length, 'tensor');
  if (same === tensors.length) return { sentence: `Both hold the same numbers: all ${all} are equal.`, note };
  const parts = [`${formatCount(same)} of ${all} ${same === 1 ? 'is' : 'are'} equal`];
  const add = (count: number, words: string): void => {
    if (count > 0) parts.push(`${formatCount(count)} ${words}`);
  };
  add(of('differs'), of('differs') === 1 ? 'differs' : 'differ');
  add(of('other-shape'), 'of other shapes');
  add(of('only-a', 'only-b'), 'on one side only');
  add(of('not-compared'), 'not compared');
  return { sentence: `${parts.join(', ')}.`, note };
}
