/** What crosses to the worker that looks at a sequence of checkpoints. Plain data. */
import type { OrderBy, StepUnit } from '../checkpoints/order.ts';
import type { Expectations } from '../claims/attestations/kind.ts';
import type { ModelInput } from './compare-request.ts';
import type { Intake, LocalFile } from './model.ts';

export interface SequenceRequest {
  /** One folder with all checkpoints in it, or several checkpoints. */
  readonly intakes: readonly Intake[];
  /** Names of the checkpoints in the order a person gave. Absent: by their names. */
  readonly order?: readonly string[];
}

export interface PlannedCheckpoint {
  /** Folder, file or revision. */
  readonly name: string;
  readonly step: number | null;
  readonly model: ModelInput;
  /** Of its weights. */
  readonly bytes: number;
}

export interface SequencePlan {
  readonly orderBy: OrderBy;
  readonly unit: StepUnit | null;
  readonly checkpoints: readonly PlannedCheckpoint[];
  /** Every file that was given, as published chains and lists name them. */
  readonly files: readonly LocalFile[];
}

export interface CheckpointsRequest {
  readonly plan: SequencePlan;
  /** Text of the recipe file. */
  readonly recipe: string | null;
  /** What timestamps of a chain are checked with. */
  readonly expect?: Expectations;
  /** ISO time to stamp the result with. */
  readonly now: string;
}
