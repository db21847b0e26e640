/**
 * Where known defects of the Model Provenance Kit's score touch the answer at hand. Its label is quoted and never
 * adopted: an equal configuration alone is no match of weights.
 */
import type { ComparedTensor } from '../../core/report/comparison.ts';
import type { LineageSignal } from '../../core/report/lineage.ts';
import { SIGNAL_WORDS } from './compare-signals.ts';

/** The numbers of one comparison or one match, under MPK's names. */
export interface MpkScores {
  readonly mfi_tier: 1 | 2 | 3;
  readonly identity_score: number | null;
  readonly pipeline_score: number;
}

const WEIGHTS: readonly LineageSignal[] = ['eas', 'nlf', 'lep', 'end', 'wvc'];
/** Where MPK begins to speak of a match. */
const WEAK = 0.65;
const HIGH_ANYWAY = 'EAS, NLF, LEP and END also run high between models of one design that were trained apart.';
/** Weights of independent models come to about zero, number by number; trained and quantised copies stay far above. */
const APART = 0.2;
const TOGETHER = 0.5;

/**
 * Median cosine of the matrices of both, number by number; equal ones count as 1. Vectors of gains point the same way in
 * most models and are left out. Null when none was compared.
 */
export function medianCosine(tensors: readonly ComparedTensor[]): number | null {
  const cosines = tensors
    .flatMap(({ a, relation, cosine }) => {
      if ((a?.shape.length ?? 0) < 2) return [];
      if (relation === 'identical-bytes' || relation === 'same-numbers') return [1];
      return relation === 'differs' && cosine !== undefined ? [cosine] : [];
    })
    .sort((x, y) => x - y);
  return cosines[Math.floor((cosines.length - 1) / 2)] ?? null;
}

/**
 * Full sentences, the weightiest first; empty when no known defect bites here.
 * @param median of `medianCosine`; null where the numbers themselves were not compared
 */
export function mpkCautions(
  scores: MpkScores,
  signals: Readonly<Record<'eas' | 'nlf' | 'lep' | 'end' | 'wvc', number | null>>,
  median: number | null,
): string[] {
  const said: string[] = [];
  const { mfi_tier: tier, identity_score: identity } = scores;
  if (tier <= 2) {
    const what =
      tier === 1
        ? 'The configurations state equal dimensions, and the Kit lets that decide alone. '
        : 'The configurations state equal traits, width and depth, and the Kit lets that decide alone; it does not look at the size of the vocabulary or of the MLP. ';
    const weights =
      identity === null
        ? 'It compared no weights.'
        : `Its own weight signals alone would come to ${identity.toFixed(4)}.`;
    said.push(`${what}Models with unrelated weights share a configuration. ${weights}`);
  } else if (identity === null) {
    said.push('No weights were compared: this is about the configurations only.');
  }
  const { wvc } = signals;
  const low = wvc !== null && wvc < APART;
  if (identity !== null && identity > WEAK && median !== null && median < APART) {
    said.push(
      `Number by number their matrices do not agree: the median cosine is ${median.toFixed(4)}. ${HIGH_ANYWAY}`,
    );
  } else if (low && median !== null && median > TOGETHER) {
    said.push(
      `WVC is ${wvc.toFixed(4)} though the matrices agree number by number (median cosine ${median.toFixed(4)}): it depends on the order in which files list their tensors and rows.`,
    );
  } else if (low && median === null && identity !== null && identity > WEAK) {
    said.push(
      `WVC is ${wvc.toFixed(4)}: the weights do not agree, or the files list them in another order. ${HIGH_ANYWAY}`,
    );
  }
  const gaps = WEIGHTS.filter((signal) => signals[signal as keyof typeof signals] === null);
  if (identity !== null && gaps.length > 0) {
    said.push(
      `${gaps.map((signal) => SIGNAL_WORDS[signal].short).join(', ')} could not be compared. The Kit gives ${gaps.length === 1 ? 'its' : 'their'} share to the others, as if ${gaps.length === 1 ? 'it' : 'they'} had agreed as well.`,
    );
  }
  return said;
}

/** MPK's tiers of configurations, in words. */
export const TIER_WORDS: Readonly<Record<1 | 2 | 3, string>> = {
  1: 'equal dimensions',
  2: 'equal traits, width and depth',
  3: 'weighted resemblance',
};
