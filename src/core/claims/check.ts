/** Outcomes, axes and checks: the words in which every answer of Assay is given. */
import type { ErrorData } from '../errors.ts';

/** Four, never three: "could not check" is not "no claim", and neither is a match. */
export type Outcome = 'matches' | 'contradicts' | 'could-not-check' | 'no-claim';

/** Four axes, never one score. */
export type Axis = 'bytes' | 'signer' | 'lineage' | 'contents';

/** Who stated what a check compares with. */
export interface TrustSource {
  /** `hub`, `sums`, `hex`, `gguf-hash`, `known-files`, `layout`, `index`, `format` … */
  readonly kind: string;
  /** For people, fit to stand inside a sentence: `org/name at a1b2c3d`, `SHA256SUMS`, `the digest you pasted`. */
  readonly name: string;
  /** False when the statement comes from the same place as the bytes. */
  readonly independent: boolean;
  /** ISO date the statement was read or made, when known. */
  readonly date?: string;
}

/** One comparison of evidence with a claim. */
export interface Check {
  /** Stable within a report: `bytes/sums/model.safetensors/sha256`. */
  readonly id: string;
  readonly axis: Axis;
  readonly outcome: Outcome;
  /** A machine-readable name of what was compared: one of `CHECK_KINDS` in `kinds.ts`. */
  readonly kind: string;
  readonly source: TrustSource;
  /** What it is about; absent for the whole model. */
  readonly path?: string;
  readonly tensor?: string;
  readonly algorithm?: string;
  /** What the claim states and what was computed, lower-case hex without prefix, or sizes as text. */
  readonly expected?: string;
  readonly actual?: string;
  /** Why a check could not be made, or the likely cause of a contradiction. */
  readonly reason?: ErrorData;
  /** Facts for the words. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}
