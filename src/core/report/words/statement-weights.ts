/** Statements about the numbers of a model, compared with those of another. */
import type { CheckKind } from '../../claims/kinds.ts';
import { because } from './reasons.ts';
import type { StatementMaker } from './statement.ts';
import { count, sourceName, text } from './sources.ts';
import { formatCount, plural } from './units.ts';

export const WEIGHT_STATEMENTS: Readonly<Record<Extract<CheckKind, 'same-weights'>, StatementMaker>> = {
  'same-weights': (check) => {
    const other = sourceName(check.source);
    const [tensors, same] = [count(check, 'tensors'), count(check, 'same')];
    const leftOut = count(check, 'leftOut');
    const aside = leftOut === 0 ? '' : ` ${plural(leftOut, 'table or mask', 'tables and masks')} were left out.`;
    switch (check.outcome) {
      case 'matches': {
        const relaid = count(check, 'relaid');
        const order = relaid === 0 ? '' : ` (${formatCount(relaid)} of them with rows or dimensions in another order)`;
        const who = tensors === 1 ? 'The one tensor holds' : `All ${formatCount(tensors)} tensors hold`;
        return {
          text: `${who} the same numbers as ${other}${order}.${aside.replace('1 table or mask were', '1 table or mask was')}`,
        };
      }
      case 'contradicts':
        return contradicted(other, {
          tensors,
          same,
          differ: count(check, 'differ'),
          extra: count(check, 'extra'),
          lacking: count(check, 'lacking'),
          first: text(check, 'first'),
          missing: text(check, 'missing'),
        });
      case 'no-claim':
        return {
          text: `The numbers that both have in common with ${other} are constants, which unrelated models share: they say nothing.`,
        };
      default: {
        const unknown = count(check, 'unknown');
        const why = check.reason === undefined ? '' : `: ${because(check.reason)}`;
        if (unknown === 0) return { text: `The numbers were not compared with those of ${other}${why}.` };
        return {
          text: `${formatCount(same)} of ${plural(tensors, 'tensor')} hold the same numbers as ${other}; ${plural(unknown, 'tensor')} could not be compared${why}.`,
        };
      }
    }
  },
};

interface Counts {
  readonly tensors: number;
  readonly same: number;
  readonly differ: number;
  readonly extra: number;
  readonly lacking: number;
  readonly first: string;
  readonly missing: string;
}

function contradicted(other: string, { tensors, same, differ, extra, lacking, first, missing }: Counts) {
  const head =
    same === 0
      ? `None of ${plural(tensors, 'tensor')} holds the same numbers as ${other}`
      : `${formatCount(same)} of ${plural(tensors, 'tensor')} ${same === 1 ? 'holds' : 'hold'} the same numbers as ${other}`;
  const named = (name: string): string => (name === '' ? '' : ` (the first is ${name})`);
  const parts = [
    ...(differ > 0 ? [`${plural(differ, 'tensor')} ${differ === 1 ? 'holds' : 'hold'} others${named(first)}`] : []),
    ...(extra > 0
      ? [`${plural(extra, 'tensor')} ${extra === 1 ? 'is' : 'are'} only here${named(differ > 0 ? '' : first)}`]
      : []),
    ...(lacking > 0
      ? [`${plural(lacking, 'tensor')} ${lacking === 1 ? 'is' : 'are'} only there${named(missing)}`]
      : []),
  ];
  return { text: `${[head, ...parts].join('; ')}.` };
}
