/**
 * A sequence of checkpoints, looked at without data and without training: the only thing the Checkpoints screen and
 * `assay checkpoints` read. Plain data. Nothing in it says how a model was trained; only what is consistent with it.
 */
import type { OrderBy, StepUnit } from '../checkpoints/order.ts';
import type { SequenceCheck } from '../checkpoints/check.ts';
import type { Attestation } from '../claims/attestations/attestation.ts';
import type { ErrorData } from '../errors.ts';
import type { Report } from './report.ts';

export const CHECKPOINTS_FORMAT = 'assay-checkpoints';
export const CHECKPOINTS_VERSION = 1;

export interface CheckpointRow {
  readonly name: string;
  readonly step: number | null;
  readonly files: number;
  /** Of its weights. */
  readonly bytes: number;
  readonly formats: readonly string[];
  /** Most numbers first. */
  readonly dtypes: readonly string[];
  readonly tensors: number;
  readonly parameters: number;
  /** ‖W‖, ‖W − W₀‖, ‖W − W_last‖ over the trained tensors; null when numbers were not read. */
  readonly norm: number | null;
  readonly fromStart: number | null;
  readonly toEnd: number | null;
}

export interface SegmentRow {
  readonly l1: number;
  readonly l2: number;
  readonly linf: number;
  readonly cosineDistance: number | null;
  readonly relative: number | null;
  readonly changed: number;
  /** Σ of the learning rates over its steps; null without a schedule or steps. */
  readonly rates: number | null;
  /** Robust z of log(l2 ÷ rates); null where lengths are not comparable. */
  readonly score: number | null;
  /** Cosine with the update of the next segment. */
  readonly cosineToNext: number | null;
  /** Distance of its end from the line between the neighbours, and what rounding makes of it. */
  readonly residual: number | null;
  readonly rounding: number | null;
}

/** Directions in one part of the model. */
export interface LayerRow {
  /** `layer 3`, `embedding`, `other`. */
  readonly name: string;
  readonly values: number;
  /** ‖ΔW‖ of each segment; cosines between neighbouring ones. */
  readonly moved: readonly number[];
  readonly cosines: readonly (number | null)[];
}

export interface CheckpointsResult {
  readonly format: typeof CHECKPOINTS_FORMAT;
  readonly version: typeof CHECKPOINTS_VERSION;
  readonly tool: Report['tool'];
  readonly created: string;
  /** The run was ended before everything was read. */
  readonly stopped: boolean;
  readonly seconds: number;
  readonly orderBy: OrderBy;
  readonly unit: StepUnit | null;
  /** Step numbers do not grow in this order. */
  readonly stepsGoBack: boolean;
  /** A recipe was given. */
  readonly recipe: boolean;
  readonly checkpoints: readonly CheckpointRow[];
  readonly segments: readonly SegmentRow[];
  readonly pathRatio: number | null;
  readonly layers: readonly LayerRow[];
  /** Tensors that every checkpoint has with one shape: whose numbers entered, and those left out. */
  readonly trained: { readonly tensors: number; readonly values: number };
  readonly leftOut: { readonly tensors: number };
  readonly unread: readonly { readonly name: string; readonly reason: ErrorData }[];
  readonly checks: readonly SequenceCheck[];
  /** Published chains and lists that were found or given, taken apart. */
  readonly chains: readonly Attestation[];
}
