/** Two models side by side: the only thing the Compare screen, its exporters and `assay compare` read. Plain data. */
import type { ErrorData } from '../errors.ts';
import type { Comparison as MpkOpinion } from '../signals/mpk/compare.ts';
import type { Missing } from '../signals/mpk/model.ts';

export const COMPARISON_FORMAT = 'assay-comparison';
export const COMPARISON_VERSION = 1;

export interface ComparedModel {
  readonly name: string;
  readonly origin: 'local' | 'hub' | 'url';
  readonly repo?: string;
  readonly commit?: string;
  /** Containers its tensors came from: `safetensors`, `gguf` … */
  readonly formats: readonly string[];
  /** As its configuration states it, when there is one. */
  readonly architecture?: string;
  /** Weight files that were looked at, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Weight files that belong to it and could not be opened; absent: none. */
  readonly unread?: readonly { readonly path: string; readonly reason: ErrorData }[];
  readonly tensors: number;
  /** Numbers in all tensors. */
  readonly parameters: number;
  /** Signals of this model that could not be had, and why. */
  readonly missing: readonly Missing[];
  /** Parts that no file of the model states: rebuilt from what its GGUF file does. */
  readonly derived?: readonly ('metadata' | 'tokenizer')[];
  /** Its signals were taken from the feature cache: these bytes were looked at before. */
  readonly cached?: boolean;
  /** What extracting took: metadata and tokenizer, then weights. */
  readonly seconds?: { readonly base: number; readonly weights: number };
}

/** How two tensors that stand for the same part of both models relate. */
export type TensorRelation =
  /** The stored bytes are the same, in the same dtype and shape. */
  | 'identical-bytes'
  /** The decoded numbers are the same; container, dtype or layout differ. */
  | 'same-numbers'
  | 'differs'
  /** One counterpart, other extents: there is nothing to compare number by number. */
  | 'other-shape'
  | 'only-a'
  | 'only-b'
  /** Not read or not decoded: `reason` says why. */
  | 'not-compared';

export interface ComparedTensor {
  readonly a: TensorSide | null;
  readonly b: TensorSide | null;
  /** `attention.q`, `mlp.up`, `norm.input` … null where unknown. */
  readonly role: string | null;
  readonly component: string | null;
  readonly layer: number | null;
  /** `s`: the expert that all tokens use. `all`: experts stacked in one tensor. */
  readonly expert: number | 's' | 'all' | null;
  /** `weight`, `bias`, `scale` … of that role; null where unknown. */
  readonly parameter: string | null;
  readonly relation: TensorRelation;
  readonly reason?: ErrorData;
  /** One side stores the matrix turned ([in, out] instead of [out, in]); it was compared turned back. */
  readonly transposed?: boolean;
  /** Cosine of the angle between both, over all numbers; present for `differs`. Absent where a norm is zero. */
  readonly cosine?: number;
  /** ‖a − b‖₂ ÷ ‖a‖₂; present for `differs`. Absent where ‖a‖₂ is zero. */
  readonly distance?: number;
  /** Largest |a − b|; present for `differs`. */
  readonly largest?: number;
  /** Numbers that differ; present for `differs`. */
  readonly changed?: number;
  /** Numbers that were compared: all of the tensor, or of the part of it that has a counterpart. */
  readonly values?: number;
  /**
   * Places where a side has NaN or an infinity; absent: none. They are in `changed` when the two differ, and in none of
   * the other numbers.
   */
  readonly notFinite?: number;
}

export interface TensorSide {
  readonly name: string;
  readonly path: string;
  readonly dtype: string;
  /** Of the part, where it is a part. */
  readonly shape: readonly number[];
  /** Set when the counterpart is a part of this stored tensor: `q`, `k`, `v`, `gate`, `up` of a fused one. */
  readonly part?: string;
}

export interface ModelComparison {
  readonly format: typeof COMPARISON_FORMAT;
  readonly version: typeof COMPARISON_VERSION;
  readonly tool: { readonly name: 'assay'; readonly version: string; readonly commit?: string };
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly sides: readonly [ComparedModel, ComparedModel];
  /** How much was looked at: `signals` reads what MPK's signals need, `tensors` every number of both. */
  readonly depth: 'signals' | 'tensors';
  /** True when the person stopped the run: what was not compared is marked. */
  readonly stopped: boolean;
  readonly seconds: number;
  /**
   * By layer, those without a layer first; within one in the order of A's files, then what only B has. Empty at depth
   * `signals`.
   */
  readonly tensors: readonly ComparedTensor[];
  /** MPK's signals and what it would say, apart from any verdict of ours. */
  readonly mpk: MpkOpinion;
}
