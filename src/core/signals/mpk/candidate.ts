/** One model of a database of MPK fingerprints. */
import type { MetadataFingerprint } from './mfi.ts';
import type { TokenizerFeatures } from './tfv.ts';
import type { WeightSignals } from './weights.ts';

export interface Candidate {
  readonly asset_id: string;
  readonly model_id: string;
  readonly family_id: string;
  readonly family_name: string;
  readonly param_bucket: string;
  readonly source_uri: string;
  readonly mfi: MetadataFingerprint;
  /** As the database keeps it: without the text of the merges. */
  readonly tfv: Omit<TokenizerFeatures, 'all_merges_str'>;
  readonly signals: { readonly nlf_mode: string | null; readonly nlf_num_layers: number };
  readonly deep: DeepReference | null;
}

/** The file with the weight signals. */
export interface DeepReference {
  /** As the catalogue states it, `features/deep-signals/by-family/…parquet`. */
  readonly path: string;
  /** Lower-case hex; null when none is stated. */
  readonly sha256: string | null;
}

/** Gets the weight signals of a candidate; null when they are not at hand. */
export type DeepSignals = (candidate: Candidate) => Promise<WeightSignals | null>;
