/** What MPK keeps of a model's weights: the five signals, and what is needed to compare them. */
import type { SelfSimilarity } from './eas.ts';
import { easSimilarity } from './eas.ts';
import { endSimilarity, type NormHistogram } from './end.ts';
import { lepSimilarity } from './lep.ts';
import { nlfSimilarity, type NormFingerprint } from './nlf.ts';
import type { WeightScores } from './score.ts';
import { rounded } from './vector.ts';
import { wvcSimilarity, type LayerSamples } from './wvc.ts';

export interface WeightSignals {
  readonly eas: SelfSimilarity | null;
  readonly nlf: NormFingerprint | null;
  readonly lep: Float64Array | Float32Array | null;
  readonly end: Float64Array | Float32Array | null;
  readonly wvc: LayerSamples | null;
}

/** How MPK would have read the weights. */
export type LoadPath = 'full' | 'streaming' | 'sliced';

export interface ExtractedWeights extends WeightSignals {
  readonly path: LoadPath;
  readonly embedding: string | null;
  /** Embedding rows that EAS looks at. */
  readonly anchors: readonly number[];
  readonly histogram: NormHistogram | null;
  /** Energy by layer before it is divided by the largest. */
  readonly energies: ReadonlyMap<number, number>;
  readonly order: { readonly nlf: readonly string[]; readonly wvc: ReadonlyMap<number, readonly string[]> };
  /** Tensors that were passed over, and why. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

/** The five similarities, before rounding. */
export function compareWeights(a: WeightSignals | null, b: WeightSignals | null): WeightScores {
  if (a === null || b === null) return { eas: null, nlf: null, lep: null, end: null, wvc: null };
  return {
    eas: easSimilarity(a.eas, b.eas),
    nlf: nlfSimilarity(a.nlf, b.nlf),
    lep: lepSimilarity(a.lep, b.lep),
    end: endSimilarity(a.end, b.end),
    wvc: wvcSimilarity(a.wvc, b.wvc),
  };
}

export function roundScores(scores: WeightScores): WeightScores {
  const { eas, nlf, lep, end, wvc } = scores;
  return { eas: rounded(eas), nlf: rounded(nlf), lep: rounded(lep), end: rounded(end), wvc: rounded(wvc) };
}
