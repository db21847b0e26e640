/** Words of the Lineage screen. Every number in it is MPK's; resemblance is told as resemblance. */
import type { LineageMatch, LineageResult, LineageSignal, SignalGap } from '../../core/report/lineage.ts';
import { clean } from '../../core/report/words/detail.ts';
import { formatCount, plural } from '../../core/report/words/units.ts';
import { reasonInShort, SIGNAL_ORDER, type SignalRow } from './compare-signals.ts';
import { date } from './units.ts';

const GAP_WORDS: Readonly<Record<SignalGap, string>> = {
  model: 'this model has none of it',
  'not-at-hand': 'the signals of the catalogue are not at hand',
  'not-recorded': 'the catalogue records none for this entry',
  unreadable: 'the catalogue’s file could not be used',
  'not-kept': 'the catalogue does not keep whole vocabularies',
  undefined: 'too few values, or values without any spread',
  stopped: 'you stopped before it',
};

/** In the order of the Compare screen. */
export function matchSignals({ signals }: LineageMatch): SignalRow[] {
  const known = new Map<LineageSignal, SignalRow>(
    signals.map(({ signal, value, gap, error }) => {
      const why = gap ? GAP_WORDS[gap] : '';
      return [signal, { signal, value, gap: error ? `${why}: ${reasonInShort(error)}` : why }];
    }),
  );
  return SIGNAL_ORDER.flatMap((signal) => known.get(signal) ?? []);
}

/** What was not compared and why, one sentence for each reason. */
export function matchGaps(match: LineageMatch): string[] {
  const byReason = new Map<string, string[]>();
  for (const { signal, gap } of matchSignals(match)) {
    if (gap !== '') byReason.set(gap, [...(byReason.get(gap) ?? []), signal.toUpperCase()]);
  }
  return [...byReason].map(([reason, signals]) => `Not compared: ${signals.join(', ')}; ${reason}.`);
}

/** Those that every match has. */
export function lineageGaps({ matches }: LineageResult): string[] {
  const [first, ...others] = matches.map((match) => matchGaps(match));
  return (first ?? []).filter((gap) => others.every((gaps) => gaps.includes(gap)));
}

export function lineageSentence(result: LineageResult): string {
  const { matches, database, info, counts } = result;
  const [first] = matches;
  if (!database) return 'The database, or what was given for it, could not be read: nothing was compared.';
  if (!info) return 'This model could not be compared with the database.';
  if (!first) {
    const of = [plural(counts.entries, 'model'), ...(database.created ? [date(database.created)] : [])].join(', ');
    return `Nothing in the database (${of}) resembles this.`;
  }
  const name = clean(first.model);
  if (first.configurationOnly) {
    return first.weightsCompared
      ? `The configuration is like that of ${name}; its weights decide nothing in this score.`
      : `The configuration is like that of ${name}. No weights were compared.`;
  }
  return `Of ${plural(counts.scored, 'model')} scored, ${name} resembles this most.`;
}

/** What was looked at, and what not. */
export function countsSentence({ counts, threshold, info, stopped }: LineageResult): string {
  const said = [
    `${formatCount(counts.scored)} of ${plural(counts.entries, 'entry', 'entries')} scored${info ? `, those of a similar size (${info.param_bucket})` : ''}`,
  ];
  if (counts.leftOut > 0) said.push(`${formatCount(counts.leftOut)} of other sizes left out, as the Kit does`);
  if (counts.below > 0) said.push(`${formatCount(counts.below)} below the threshold of ${threshold.toFixed(2)}`);
  if (stopped && counts.notReached > 0) said.push(`${formatCount(counts.notReached)} not reached: you stopped`);
  said.push(
    counts.withWeights === 0
      ? 'none by its weights'
      : `${formatCount(counts.withWeights)} of them by their weights as well`,
  );
  return `${said.join('; ')}.`;
}
