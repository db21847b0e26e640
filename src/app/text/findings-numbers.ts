/** Words for what the decoded numbers of tensors tell. */
import type { ErrorDetail } from '../../core/errors.ts';
import type { FindingCode } from '../../core/content/finding.ts';
import { num, phrase } from '../../core/report/words/detail.ts';
import { formatCount } from '../../core/report/words/units.ts';
import { named, type FindingText } from './finding-text.ts';

type NumberCode = Extract<FindingCode, 'all-zero-tensor' | 'equal-tensors' | 'non-finite-values'>;

/** `12 further tensors …`, for what is not told one by one. */
function further(d: ErrorDetail, what: string, otherwise: string): string {
  const n = num(d, 'tensors');
  return n === null ? otherwise : `${formatCount(n)} further ${n === 1 ? 'tensor' : 'tensors'} ${what}`;
}

function others(d: ErrorDetail): string {
  const n = (num(d, 'tensors') ?? 1) - 1;
  return n > 0 ? `, and so ${n === 1 ? 'does 1 other' : `do ${formatCount(n)} others`}` : '';
}

function odd(d: ErrorDetail): string {
  const [nan, infinite] = [num(d, 'nan') ?? 0, num(d, 'infinite') ?? 0];
  const parts = [
    ...(nan > 0
      ? [`${formatCount(nan)} ${nan === 1 ? 'value' : 'values'} that ${nan === 1 ? 'is' : 'are'} no number`]
      : []),
    ...(infinite > 0 ? [`${formatCount(infinite)} infinite ${infinite === 1 ? 'value' : 'values'}`] : []),
  ];
  return parts.length === 0 ? 'values that are not finite' : parts.join(' and ');
}

export const NUMBER_FINDINGS: Readonly<Record<NumberCode, FindingText>> = {
  'all-zero-tensor': {
    title: (d) => `${named(d, 'A tensor')} holds nothing but zeros${others(d)}`,
    why: 'Ordinary for biases and counters that were never trained. In a weight matrix it means that the layer does nothing.',
  },
  'equal-tensors': {
    title: (d) =>
      phrase(
        d,
        ['other'],
        (o) => `${named(d, 'A tensor')} holds the same numbers as ${o}`,
        further(d, 'are there twice', 'A tensor is there twice'),
      ),
    why: 'Stored twice, under two names. Ordinary for tied weights; it also shows layers that were copied.',
  },
  'non-finite-values': {
    title: (d) =>
      phrase(
        d,
        ['tensor'],
        (t) => `${t} holds ${odd(d)}`,
        further(d, 'hold values that are not finite', 'A tensor holds values that are not finite'),
      ),
    why: 'Minus infinity belongs in masks. A value that is no number spreads to everything computed from it: the file is damaged, or its training had gone wrong.',
  },
};
