/** The eight signals of the Model Provenance Kit in plain words, and why one may be missing. */
import type { ErrorData } from '../../core/errors.ts';
import type { ComparedModel, ModelComparison } from '../../core/report/comparison.ts';
import type { LineageSignal } from '../../core/report/lineage.ts';
import { explain } from './errors.ts';

export type MissingPart = ComparedModel['missing'][number]['part'];

interface SignalWords {
  /** As MPK abbreviates it. */
  readonly short: string;
  readonly title: string;
  /** What is compared, as the end of “compares …”. */
  readonly compares: string;
  /** What of a model it needs. */
  readonly part: 'metadata' | 'tokenizer' | 'weights';
}

export const SIGNAL_WORDS: Readonly<Record<LineageSignal, SignalWords>> = {
  eas: {
    short: 'EAS',
    title: 'Embedding anchors',
    compares: 'how 64 chosen tokens lie towards each other in the embedding',
    part: 'weights',
  },
  nlf: {
    short: 'NLF',
    title: 'Norm gains',
    compares: 'the gains of the normalisation layers',
    part: 'weights',
  },
  lep: {
    short: 'LEP',
    title: 'Layer energy',
    compares: 'how large the weights are, layer after layer',
    part: 'weights',
  },
  end: {
    short: 'END',
    title: 'Embedding lengths',
    compares: 'how the lengths of the embedding’s rows are spread',
    part: 'weights',
  },
  wvc: {
    short: 'WVC',
    title: 'Weight values',
    compares: 'weights at the same places, layer by layer',
    part: 'weights',
  },
  tfv: {
    short: 'TFV',
    title: 'Tokenizer traits',
    compares: 'kind, sizes, special tokens and merges of the tokenizers',
    part: 'tokenizer',
  },
  voa: {
    short: 'VOA',
    title: 'Vocabulary',
    compares: 'which tokens both vocabularies have',
    part: 'tokenizer',
  },
  mfi: {
    short: 'MFI',
    title: 'Configuration',
    compares: 'what the configurations state: not the weights',
    part: 'metadata',
  },
};

/** One row of a strip. */
export interface SignalRow {
  readonly signal: LineageSignal;
  readonly value: number | null;
  /** Why there is no value; empty when there is one. */
  readonly gap: string;
}

/** Weights first: they say most about descent. The configuration, which says least, last. */
export const SIGNAL_ORDER: readonly LineageSignal[] = ['wvc', 'eas', 'nlf', 'lep', 'end', 'voa', 'tfv', 'mfi'];

export function comparisonSignals({ mpk: opinion, sides, stopped }: ModelComparison): SignalRow[] {
  const { mpk, overlap } = opinion;
  return SIGNAL_ORDER.map((signal) => {
    const value =
      signal === 'mfi'
        ? (mpk?.scores.mfi_score ?? null)
        : signal === 'voa'
          ? (overlap?.jaccard ?? null)
          : (mpk?.signals[signal] ?? null);
    return { signal, value, gap: value === null ? gapOf(signal, sides, mpk !== null, stopped) : '' };
  });
}

/** Signals of weights may each be missing for a reason of their own. */
const OWN_REASON = { eas: true, nlf: true, lep: true, end: true, wvc: true };

/** What of a model is missing, as the beginning of a row. */
export function partTitle(part: MissingPart): string {
  if (part === 'metadata') return 'Configuration';
  if (part === 'tokenizer') return 'Tokenizer';
  return part === 'weights' ? 'Weights' : SIGNAL_WORDS[part].title;
}

function gapOf(signal: LineageSignal, sides: ModelComparison['sides'], scored: boolean, stopped: boolean): string {
  const { part } = SIGNAL_WORDS[signal];
  const needs: MissingPart[] = signal in OWN_REASON ? [signal as MissingPart, part] : [part];
  // The anchors are tokens: without a tokenizer there are none.
  if (signal === 'eas') needs.push('tokenizer');
  // Without a score there is none of its parts, whatever was read.
  if (!scored) needs.push('metadata', 'tokenizer', 'weights');
  for (const need of needs) {
    for (const [i, side] of sides.entries()) {
      const found = side.missing.find((missing) => missing.part === need);
      if (found) return `${i === 0 ? 'A' : 'B'}: ${reasonInShort(found.reason)}`;
    }
  }
  if (stopped) return 'you stopped the comparison before it';
  if (part !== 'weights') return 'one of the two has none';
  return 'one of the two has too little of it, or values without any spread';
}

export function reasonInShort(reason: ErrorData): string {
  const { title } = explain(reason);
  return title.charAt(0).toLowerCase() === title.charAt(0) || /^[A-Z]{2}/.test(title)
    ? title
    : title.charAt(0).toLowerCase() + title.slice(1);
}
