/** Words for sequences of checkpoints: what each check asks and found. Screen and command line share them. */
import type { CheckId, Facts, Flag, FlagCode, Reason, SequenceCheck } from '../../core/checkpoints/check.ts';
import type { OrderBy } from '../../core/checkpoints/order.ts';
import type { CheckpointsResult } from '../../core/report/checkpoints.ts';
import { clean } from '../../core/report/words/detail.ts';
import { plural } from '../../core/report/words/units.ts';

export const CHECK_WORDS: Readonly<Record<CheckId, { readonly title: string; readonly asks: string }>> = {
  chain: { title: 'Published digests', asks: 'Are the files the ones a published chain or list names?' },
  structure: { title: 'Structure', asks: 'Have all of them the same tensors, in the same shapes?' },
  frozen: { title: 'Frozen parts', asks: 'Did what is said to be frozen stay as it was?' },
  optimiser: { title: 'Reach of the optimiser', asks: 'Can the stated optimiser and rates move weights that far?' },
  duplicate: { title: 'Repeated checkpoints', asks: 'Is any of them in the sequence twice?' },
  jump: { title: 'Jumps', asks: 'Is one update far longer than its neighbours, as where two runs are glued?' },
  straight: {
    title: 'Straight line',
    asks: 'Is the way from first to last a straight line, as interpolation makes it?',
  },
  collinear: { title: 'Between neighbours', asks: 'Does a checkpoint lie on the line between its neighbours?' },
  direction: { title: 'Directions', asks: 'Do updates follow each other as training does, or as noise?' },
  approach: {
    title: 'Way to the end',
    asks: 'Does the sequence come nearer to its last checkpoint, in settling steps?',
  },
  init: { title: 'First checkpoint', asks: 'Do its weights look as they are said to have been filled?' },
  seed: { title: 'Seed', asks: 'Do the seed and the data give this very first checkpoint and order?' },
  memorisation: { title: 'Training data', asks: 'Does each checkpoint remember the data it is said to have seen?' },
  retraining: { title: 'Training again', asks: 'Does training a segment again lead to the same place?' },
};

export const NOT_PROOF = 'This is no proof of training data.';

/** Said once beside every result. */
export const FORGEABLE =
  'A sequence that passes can still be made up: evidence of this kind is forgeable (arXiv 2108.09454, 2208.03567). It can show that something does not fit, never that everything is as stated.';

const REASON_WORDS: Readonly<Record<Reason, (d: Facts) => string>> = {
  'few-checkpoints': (d) => `${plural(count(d, 'segments'), 'segment')}; this needs at least ${count(d, 'least')}.`,
  'no-chain': () => 'No hash chain or checksum list of these files is beside them.',
  'no-recipe': (d) =>
    d['field'] ? `The recipe does not state ${text(d, 'field')}.` : 'Nothing is stated to compare with: give a recipe.',
  'no-steps': () => 'The number of steps of each checkpoint is not known: state "steps" in the recipe.',
  'uneven-steps': () =>
    'The checkpoints are not evenly spaced, so lengths compare only with a learning rate: give a recipe.',
  rounding: () =>
    'The steps are too small against the rounding of the stored numbers, or how these are rounded is not known.',
  'no-gradient-bound': () => 'Plain SGD can go any distance unless gradients are clipped: state "max_grad_norm".',
  'no-match': () => 'No tensor has the names that are stated, or too few numbers to test.',
  'not-read': () => 'Not all of the checkpoints could be read.',
  'nothing-moved': () => 'Nothing moved.',
  stopped: () => 'You stopped before everything was read.',
  'needs-data': () => 'Needs the training data and runs of the model.',
  'needs-training': () => 'Needs training.',
  'needs-seed': () => 'Needs the training code, its random numbers and the data.',
};

const FLAG_WORDS: Readonly<Record<FlagCode, (d: Facts) => string>> = {
  'names-differ': (d) =>
    `${text(d, 'second')} lacks ${count(d, 'missing')} and has ${count(d, 'more')} more tensors than ${text(d, 'first')}, such as ${text(d, 'tensor')}.`,
  'dtypes-differ': (d) =>
    `${text(d, 'second')} stores ${text(d, 'tensor')} as ${text(d, 'actual')}, ${text(d, 'first')} as ${text(d, 'expected')}.`,
  'same-numbers': (d) => `${text(d, 'second')} has the same numbers as ${text(d, 'first')}.`,
  jump: (d) =>
    `From ${text(d, 'from')} to ${text(d, 'to')}: ${short(d, 'factor')} times as far as either neighbour (robust z ${short(d, 'score')}). Consistent with two runs put together.`,
  'straight-line': (d) =>
    `First to last is ${percent(d, 'ratio')} of the way gone. Consistent with interpolation; training turns.`,
  'on-the-line': (d) =>
    `${text(d, 'name')} lies on the line between its neighbours, up to rounding. Consistent with interpolation.`,
  noise: (d) =>
    `All ${count(d, 'turns')} cosines between neighbouring updates are those of independent noise. Consistent with made-up updates.`,
  'turned-back': (d) =>
    `At ${text(d, 'name')} the way turns back (cosine ${short(d, 'cosine')}). Consistent with checkpoints in the wrong order.`,
  'away-from-end': (d) =>
    `${text(d, 'name')} is ${short(d, 'share')} times as far from the last checkpoint as the one before it.`,
  'faster-later': (d) =>
    `Late segments are ${short(d, 'times')} times as long as early ones. Consistent with a reversed order, or with a run that became unstable.`,
  'beyond-usual': (d) =>
    `${part(d)} moved ${short(d, 'went')} from ${text(d, 'from')} to ${text(d, 'to')}: possible, but beyond the usual bound of ${short(d, 'usual')}.`,
  'not-as-filled': (d) =>
    `${text(d, 'tensor')} does not look like ${text(d, 'distribution').replaceAll('_', ' ')} (Kolmogorov–Smirnov distance ${short(d, 'distance')}). Consistent with weights that were trained before.`,
  'not-finite': (d) =>
    `In ${plural(count(d, 'places'), 'place')} a checkpoint has no finite number; these are left out of all sums.`,
};

const HELD_WORDS: Readonly<Partial<Record<CheckId, (d: Facts) => string>>> = {
  chain: (d) =>
    `${plural(count(d, 'same'), 'file')} as published${d['open'] ? `; not established: ${text(d, 'open')}` : ''}.`,
  structure: (d) => `${plural(count(d, 'tensors'), 'tensor')} in ${plural(count(d, 'checkpoints'), 'checkpoint')}.`,
  frozen: (d) => `${plural(count(d, 'tensors'), 'tensor')} unchanged throughout.`,
  optimiser: (d) => `Within reach: at most ${percent(d, 'closest')} of what is possible.`,
  duplicate: () => 'No two have the same numbers.',
  jump: (d) => `No jump in ${plural(count(d, 'segments'), 'segment')}.`,
  straight: (d) => `First to last is ${percent(d, 'ratio')} of the way gone.`,
  collinear: (d) => `None of ${count(d, 'checkpoints')} on the line between its neighbours.`,
  direction: (d) => `Cosines between neighbouring updates from ${short(d, 'least')} to ${short(d, 'most')}.`,
  approach: () => 'It comes nearer to its end as a run does.',
  init: (d) => `${plural(count(d, 'tensors'), 'tensor')} of ${text(d, 'name')} consistent with it.`,
};

const CONTRADICTED_WORDS: Readonly<Partial<Record<CheckId, (d: Facts) => string>>> = {
  chain: (d) =>
    d['file']
      ? `${text(d, 'file')} is not the file that is listed.`
      : `${text(d, 'chain')} does not hold: see its steps.`,
  structure: (d) =>
    `${text(d, 'tensor')} is ${text(d, 'actual')} in ${text(d, 'second')} and ${text(d, 'expected')} in ${text(d, 'first')}.`,
  frozen: (d) =>
    `${text(d, 'tensor')} changed from ${text(d, 'from')} to ${text(d, 'to')}, in ${plural(count(d, 'places'), 'place')}.`,
  optimiser: (d) =>
    `${part(d)} moved ${short(d, 'went')} from ${text(d, 'from')} to ${text(d, 'to')}; at most ${short(d, 'possible')} is possible as stated.`,
};

/** Flags of one check that are told one by one. */
const FLAGS_TOLD = 4;

/** What a check found, a sentence each. */
export function checkFound({ id, outcome, flags, reason, detail }: SequenceCheck): readonly string[] {
  if (outcome === 'contradicts') return [CONTRADICTED_WORDS[id]?.(detail) ?? 'It does not fit.'];
  if (reason !== undefined) return [REASON_WORDS[reason](detail)];
  if (flags.length > FLAGS_TOLD) {
    const more = flags.length - FLAGS_TOLD + 1;
    return [
      ...flags.slice(0, FLAGS_TOLD - 1).map(flagWords),
      `And ${plural(more, 'more like these', 'more like these')}.`,
    ];
  }
  if (flags.length > 0) return flags.map(flagWords);
  return [HELD_WORDS[id]?.(detail) ?? 'Nothing against it.'];
}

export function flagWords({ code, detail }: Flag): string {
  return FLAG_WORDS[code](detail);
}

/** The whole result in one sentence. */
export function checkpointsSentence({ checks, checkpoints, stopped, unread }: CheckpointsResult): string {
  const n = plural(checkpoints.length, 'checkpoint');
  const broken = checks.filter(({ outcome }) => outcome === 'contradicts');
  if (broken.length > 0) {
    return `${n}: ${broken.map(({ id }) => CHECK_WORDS[id].title.toLowerCase()).join(', ')} ${broken.length === 1 ? 'contradicts' : 'contradict'} what is stated or found.`;
  }
  const odd = checks.filter(({ flags }) => flags.length > 0);
  if (odd.length > 0) {
    return `Something unusual in ${n}: ${odd.map(({ id }) => CHECK_WORDS[id].title.toLowerCase()).join(', ')}. Unusual is no contradiction.`;
  }
  if (stopped) return `${n}: you stopped before everything was read.`;
  if (unread.length > 0 || !checks.some(({ outcome }) => outcome === 'matches'))
    return `${n}: not all of it could be read.`;
  return `No inconsistency found in ${n}. ${NOT_PROOF}`;
}

/** How the order came about. */
export function orderWords({
  orderBy,
  unit,
  stepsGoBack,
}: Pick<CheckpointsResult, 'orderBy' | 'unit' | 'stepsGoBack'>): string {
  const by: Readonly<Record<OrderBy, string>> = {
    given: 'In the order you gave',
    steps: 'In the order of the steps in their names',
    numbers:
      unit === 'epoch' ? 'In the order of the epochs in their names' : 'In the order of the numbers in their names',
    none: 'Their names say no order: as they were given',
  };
  return `${by[orderBy]}${stepsGoBack ? '; the steps go back in it' : ''}.`;
}

/** Numbers of very different sizes in little room: `0.0123`, `1.2e-7`, `4,100`. */
export function shortNumber(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const shown = size >= 1e6 || size < 1e-3 ? value.toExponential(2) : Number(value.toPrecision(3)).toString();
  return shown.replace(/^-/, '−').replace('e-', 'e−').replace('e+', 'e');
}

/** A cosine with two digits, and its sign. */
export function shortCosine(value: number | null): string {
  return value === null ? '–' : value.toFixed(2).replace('-', '−');
}

function text(detail: Facts, key: string): string {
  return clean(String(detail[key] ?? '?'), 120);
}

function count(detail: Facts, key: string): number {
  const value = detail[key];
  return typeof value === 'number' ? value : 0;
}

function short(detail: Facts, key: string): string {
  return shortNumber(count(detail, key));
}

function percent(detail: Facts, key: string): string {
  const share = 100 * count(detail, key);
  return `${share >= 99.95 ? '100' : share.toFixed(share < 1 ? 2 : 1)} %`;
}

function part(detail: Facts): string {
  return text(detail, 'tensor') === '' ? 'The weights together' : text(detail, 'tensor');
}
