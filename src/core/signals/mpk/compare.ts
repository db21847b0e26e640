/** What MPK would say about two models: its result, field for field, without a verdict of ours. */
import { mfiSimilarity, type MetadataSimilarity } from './mfi.ts';
import type { ModelSignals } from './model.ts';
import { identityScore, pipelineScore, scoreLabel, tokenizerScore, type ScoreLabel } from './score.ts';
import { tfvSimilarity } from './tfv.ts';
import { vocabularyOverlap, type VocabularyOverlap } from './voa.ts';
import { compareWeights, roundScores } from './weights.ts';
import { layerCosines, type LayerCosine } from './wvc.ts';

/** MPK's `CompareResult` without the names and the times of its run. */
export interface MpkComparison {
  readonly family_a: string;
  readonly family_b: string;
  readonly signals: Readonly<Record<'eas' | 'nlf' | 'lep' | 'end' | 'wvc' | 'tfv' | 'voa', number | null>>;
  readonly scores: {
    readonly mfi_score: number;
    readonly mfi_tier: 1 | 2 | 3;
    readonly mfi_match: MetadataSimilarity['match_type'];
    readonly identity_score: number | null;
    readonly tokenizer_score: number | null;
    readonly pipeline_score: number;
    readonly provenance_decision: string;
  };
  readonly interpretation: { readonly label: ScoreLabel; readonly colour: string };
}

export interface Comparison {
  /** Null where MPK itself would end with an error, or where its metadata could not be rebuilt: see `missing`. */
  readonly mpk: MpkComparison | null;
  readonly overlap: VocabularyOverlap | null;
  readonly layers: readonly LayerCosine[];
}

const COLOURS: Readonly<Record<ScoreLabel, string>> = {
  'Insufficient data': '#999999',
  'High-Confidence Match': '#2ecc71',
  'Weak Match': '#f39c12',
  'Not Matched': '#e74c3c',
};

export function compareModels(a: ModelSignals, b: ModelSignals): Comparison {
  const weights = roundScores(compareWeights(a.weights, b.weights));
  const overlap = a.vocab === null || b.vocab === null ? null : vocabularyOverlap(a.vocab, b.vocab);
  const layers = a.weights?.wvc && b.weights?.wvc ? layerCosines(a.weights.wvc, b.weights.wvc) : [];
  // MPK needs metadata and tokenizer of both, and ends when extraction raises.
  const stops = [a, b].some(({ missing }) => missing.some(({ reason }) => reason.code === 'SIGNAL_MPK_STOPS'));
  if (
    a.fingerprint === null ||
    b.fingerprint === null ||
    a.tokenizer === null ||
    b.tokenizer === null ||
    overlap === null ||
    stops
  ) {
    return { mpk: null, overlap, layers };
  }
  const mfi = mfiSimilarity(a.fingerprint, b.fingerprint);
  const tfv = tfvSimilarity(a.tokenizer, b.tokenizer);
  const identity = identityScore(weights);
  const pipeline = pipelineScore(mfi, identity);
  const label = scoreLabel(pipeline.score);
  const mpk: MpkComparison = {
    family_a: a.family,
    family_b: b.family,
    signals: { ...weights, tfv, voa: overlap.jaccard },
    scores: {
      mfi_score: mfi.score,
      mfi_tier: mfi.tier,
      mfi_match: mfi.match_type,
      identity_score: identity,
      tokenizer_score: tokenizerScore(tfv, overlap.jaccard),
      pipeline_score: pipeline.score,
      provenance_decision: pipeline.decision,
    },
    interpretation: { label, colour: COLOURS[label] },
  };
  return { mpk, overlap, layers };
}
