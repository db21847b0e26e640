/** MPK's scan: the nearest models of a database by its score, and what its size filter left out. */
import type { Candidate, DeepSignals } from './candidate.ts';
import { mfiSimilarity } from './mfi.ts';
import type { ModelSignals } from './model.ts';
import { estimateParameters, nearBuckets, parameterBucket, type Bucket } from './parameters.ts';
import { identityScore, pipelineScore, tokenizerScore } from './score.ts';
import { tfvSimilarity } from './tfv.ts';
import { compareWeights, roundScores } from './weights.ts';

export const DEFAULT_TOP = 3;
export const DEFAULT_THRESHOLD = 0.5;

/** MPK's `ScanMatch` without the time of its run. */
export interface ScanMatch {
  readonly asset_id: string;
  readonly model_id: string;
  readonly family_id: string;
  readonly family_name: string;
  readonly param_bucket: string;
  readonly match_type: 'exact_arch' | 'family_hash' | 'mfi_only' | 'similarity';
  readonly scores: {
    readonly pipeline_score: number;
    readonly identity_score: number | null;
    readonly mfi_score: number;
    readonly mfi_tier: 1 | 2 | 3;
    readonly mfi_match_type: string;
    readonly tokenizer_score: number;
    readonly eas: number | null;
    readonly nlf: number | null;
    readonly lep: number | null;
    readonly end: number | null;
    readonly wvc: number | null;
    readonly tfv: number;
  };
  readonly provenance_decision: string;
}

export interface ScanOutcome {
  readonly bucket: Bucket;
  readonly matches: readonly ScanMatch[];
  /** Candidates that were scored. */
  readonly scored: number;
  /** Candidates of other sizes, which MPK does not look at. */
  readonly leftOut: number;
  /** Of those scored, how many had weight signals at hand. */
  readonly withWeights: number;
}

export interface ScanOptions {
  readonly top?: number;
  readonly threshold?: number;
  /** Weight signals of candidates; absent: metadata and tokenizer only. */
  readonly deep?: DeepSignals;
}

/**
 * @param model with a metadata fingerprint and tokenizer features
 * @param candidates in catalogue order, which decides between equal scores
 */
export async function scanDatabase(
  model: ModelSignals & { readonly fingerprint: object; readonly tokenizer: object },
  candidates: readonly Candidate[],
  { top = DEFAULT_TOP, threshold = DEFAULT_THRESHOLD, deep }: ScanOptions = {},
): Promise<ScanOutcome> {
  const bucket = parameterBucket(estimateParameters(model.fingerprint!));
  const allowed: readonly string[] = nearBuckets(bucket);
  const near = candidates.filter((candidate) => allowed.includes(candidate.param_bucket));
  const matches: ScanMatch[] = [];
  let withWeights = 0;
  for (const candidate of near) {
    const theirs = model.weights === null || deep === undefined ? null : await deep(candidate);
    if (theirs !== null) withWeights++;
    matches.push(score(model, candidate, roundScores(compareWeights(model.weights, theirs))));
  }
  const ranked = matches.sort((a, b) => b.scores.pipeline_score - a.scores.pipeline_score);
  return {
    bucket,
    matches: ranked.filter((match) => match.scores.pipeline_score >= threshold).slice(0, top),
    scored: near.length,
    leftOut: candidates.length - near.length,
    withWeights,
  };
}

function score(model: ModelSignals, candidate: Candidate, weights: ReturnType<typeof roundScores>): ScanMatch {
  const fingerprint = model.fingerprint!;
  const mfi = mfiSimilarity(fingerprint, candidate.mfi);
  const tfv = tfvSimilarity(model.tokenizer!, { ...candidate.tfv, all_merges_str: '' });
  const identity = identityScore(weights);
  const { score: pipeline, decision } = pipelineScore(mfi, identity);
  const { asset_id, model_id, family_id, family_name, param_bucket } = candidate;
  return {
    asset_id,
    model_id,
    family_id,
    family_name,
    param_bucket,
    match_type: matchType(fingerprint, candidate, identity),
    scores: {
      pipeline_score: pipeline,
      identity_score: identity,
      mfi_score: mfi.score,
      mfi_tier: mfi.tier,
      mfi_match_type: mfi.match_type,
      // The vocabulary of the candidate is not in the database: its overlap counts as none.
      tokenizer_score: tokenizerScore(tfv, 0),
      ...weights,
      tfv,
    },
    provenance_decision: decision,
  };
}

function matchType(
  own: NonNullable<ModelSignals['fingerprint']>,
  { mfi }: Candidate,
  identity: number | null,
): ScanMatch['match_type'] {
  if (own.arch_hash === mfi.arch_hash) return 'exact_arch';
  if (own.family_hash === mfi.family_hash) return 'family_hash';
  return identity === null ? 'mfi_only' : 'similarity';
}
