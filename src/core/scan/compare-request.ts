/** What crosses to the worker that compares two models, or one with a catalogue. Plain data. */
import type { SourceSpec } from '../bytes/source.ts';
import type { LocalFile, Plan } from './model.ts';

/** A model as the plan of either depth lists it; what else the plan says is not looked at. */
export type ModelInput = Pick<Plan, 'name' | 'origin' | 'artifacts'>;

export interface CompareRequest {
  readonly models: readonly [ModelInput, ModelInput];
  /** `signals`: what MPK's signals need. `tensors`: also every number of both, tensor by tensor. */
  readonly depth: 'signals' | 'tensors';
  /** ISO time to stamp the result with. */
  readonly now: string;
}

/** Where weight signals of catalogue entries are. */
export type DeepPlace =
  | { readonly kind: 'none' }
  /** `deep-signals.zip` of the Kit: a file, or an address that is read by ranges. */
  | { readonly kind: 'zip'; readonly spec: SourceSpec }
  /** A folder of the Kit (`--db-root`), which then is the catalogue as well. Paths are relative to it. */
  | { readonly kind: 'folder'; readonly files: readonly LocalFile[] };

export interface LineageRequest {
  readonly model: ModelInput;
  /** Where the database's static files are. Not looked at when `deep` is a folder of the Kit with a catalogue. */
  readonly database: string;
  /** Highest sequence of this database that was used before; a lower one is refused (`DB_ROLLED_BACK`). */
  readonly databaseSeen?: number;
  readonly deep: DeepPlace;
  /** Most matches; absent: 3, as MPK. */
  readonly top?: number;
  /** Least score, 0 to 1; absent: 0.5, as MPK. */
  readonly threshold?: number;
  /** ISO time to stamp the result with. */
  readonly now: string;
}
