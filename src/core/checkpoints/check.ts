/** Checks of a sequence as plain data. Words: src/app/text/checkpoints.ts. */
import type { Outcome } from './outcome.ts';

export const CHECK_IDS = [
  /** Files against a published hash chain or checksum list. */
  'chain',
  /** Names, shapes, types. */
  'structure',
  /** Tensors that are said not to have been trained. */
  'frozen',
  /** What the stated optimiser can reach at most. */
  'optimiser',
  /** Checkpoints with the same numbers. */
  'duplicate',
  /** One update far longer than the others. */
  'jump',
  /** The whole way is a straight line. */
  'straight',
  /** A checkpoint lies on the line between its neighbours, up to rounding. */
  'collinear',
  /** How updates turn from one segment to the next. */
  'direction',
  /** The way towards the last checkpoint. */
  'approach',
  /** The first checkpoint against the initialisation that is stated. */
  'init',
  /** What no checkpoint can show. */
  'seed',
  'memorisation',
  'retraining',
] as const;
export type CheckId = (typeof CHECK_IDS)[number];

/** Never checked here: they need data, code or training. */
export const BEYOND: readonly CheckId[] = ['seed', 'memorisation', 'retraining'];

/** Why a check could not be made, as far as it is not an error of reading. */
export const REASONS = [
  'few-checkpoints',
  'no-chain',
  'no-recipe',
  'no-steps',
  'uneven-steps',
  'rounding',
  'no-gradient-bound',
  'no-match',
  'not-read',
  'nothing-moved',
  'stopped',
  'needs-data',
  'needs-training',
  'needs-seed',
] as const;
export type Reason = (typeof REASONS)[number];

/** What was found beside the outcome: unusual, and no contradiction. */
export const FLAGS = [
  'names-differ',
  'dtypes-differ',
  'same-numbers',
  'jump',
  'straight-line',
  'on-the-line',
  'noise',
  'turned-back',
  'away-from-end',
  'faster-later',
  'beyond-usual',
  'not-as-filled',
  'not-finite',
] as const;
export type FlagCode = (typeof FLAGS)[number];

export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface Flag {
  readonly code: FlagCode;
  /** Names of checkpoints and tensors come from files: show as text. */
  readonly detail: Facts;
}

export interface SequenceCheck {
  readonly id: CheckId;
  /** `matches`: looked at and nothing against it. Flags stand beside it and take nothing back. */
  readonly outcome: Outcome;
  readonly flags: readonly Flag[];
  readonly reason?: Reason;
  readonly detail: Facts;
}

export function holds(id: CheckId, detail: Facts = {}, flags: readonly Flag[] = []): SequenceCheck {
  return { id, outcome: 'matches', flags, detail };
}

export function contradicts(id: CheckId, detail: Facts): SequenceCheck {
  return { id, outcome: 'contradicts', flags: [], detail };
}

export function unchecked(id: CheckId, reason: Reason, detail: Facts = {}): SequenceCheck {
  return { id, outcome: 'could-not-check', flags: [], reason, detail };
}
