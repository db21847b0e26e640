/**
 * One model against a catalogue of models: the only thing the Lineage screen, its exporters and `assay scan` read. Plain
 * data. Every number in it is MPK's; a verdict of ours is not in here.
 */
import type { ErrorData } from '../errors.ts';
import type { Missing } from '../signals/mpk/model.ts';
import type { ScanMatch } from '../signals/mpk/scan.ts';
import type { ComparedModel } from './comparison.ts';

export const LINEAGE_FORMAT = 'assay-lineage';
export const LINEAGE_VERSION = 1;

/** The signals of a match, in the order in which they are shown: two of metadata, one of vocabularies, five of weights. */
export const LINEAGE_SIGNALS = ['mfi', 'tfv', 'voa', 'eas', 'nlf', 'lep', 'end', 'wvc'] as const;
export type LineageSignal = (typeof LINEAGE_SIGNALS)[number];

/** Why a signal has no value; words in `words/lineage.ts`. */
export type SignalGap =
  /** The model at hand has none of it: `error` says why where that is known. */
  | 'model'
  /** The weight signals of the catalogue were not at hand. */
  | 'not-at-hand'
  /** The catalogue has no weight signals of this entry at all. */
  | 'not-recorded'
  /** The entry's file was there and could not be used: `error` says why. */
  | 'unreadable'
  /** No catalogue keeps what it needs (whole vocabularies). */
  | 'not-kept'
  /** Both sides have it, and it is undefined for these two: too few values, no variance. */
  | 'undefined'
  /** The run was stopped first. */
  | 'stopped';

export interface SignalReading {
  readonly signal: LineageSignal;
  /** 0 to 1, rounded to 4 decimals as MPK does; null: not compared. */
  readonly value: number | null;
  /** Present when there is no value. */
  readonly gap?: SignalGap;
  readonly error?: ErrorData;
}

export interface LineageMatch {
  /** The catalogue's own id of the entry. */
  readonly id: string;
  /** `org/name`. */
  readonly model: string;
  readonly family: { readonly id: string; readonly name: string };
  /** MPK's size class of the entry. */
  readonly bucket: string;
  /** Where the catalogue says the entry's files came from; empty when it does not. */
  readonly uri: string;
  /** What decided the rank: MPK's `pipeline_score`. */
  readonly score: number;
  /** One for each of `LINEAGE_SIGNALS`, in that order. */
  readonly signals: readonly SignalReading[];
  /** Weights of both were compared: at least one of the five has a value. */
  readonly weightsCompared: boolean;
  /**
   * The score rests on configurations alone: MPK's first two tiers, or no weights compared. To be tagged wherever the
   * score is shown; never worded as a match of weights.
   */
  readonly configurationOnly: boolean;
  /** MPK's own record of the match, its field names, its label and its defects. */
  readonly mpk: ScanMatch;
}

export interface LineageResult {
  readonly format: typeof LINEAGE_FORMAT;
  readonly version: typeof LINEAGE_VERSION;
  readonly tool: { readonly name: 'assay'; readonly version: string; readonly commit?: string };
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly model: ComparedModel;
  /** What MPK's `ScanModelInfo` says of the model; null when its configuration could not be read: then nothing was scored. */
  readonly info: LineageModelInfo | null;
  /** The catalogue that was searched; null when it could not be read: `databaseError` says why. */
  readonly database: LineageDatabase | null;
  readonly databaseError?: ErrorData;
  /** Least score that is shown, 0 to 1. */
  readonly threshold: number;
  /** Most matches that are shown. */
  readonly top: number;
  readonly counts: {
    /** Entries of the catalogue. */
    readonly entries: number;
    /** Of a similar size, and scored. */
    readonly scored: number;
    /** Of other sizes: MPK does not look at them. */
    readonly leftOut: number;
    /** Of those scored, how many had their weights compared. */
    readonly withWeights: number;
    /** Of those scored, how many have weight signals that were not come to, because the run was stopped. */
    readonly notReached: number;
    /** Scored, and below the threshold. */
    readonly below: number;
  };
  /** Ranked: highest score first, catalogue order between equals. Empty: nothing reached the threshold. */
  readonly matches: readonly LineageMatch[];
  /** True when the person stopped the run. */
  readonly stopped: boolean;
  readonly seconds: number;
  readonly missing: readonly Missing[];
}

export interface LineageDatabase {
  readonly kind: 'assay-db' | 'mpk-folder';
  /** Of the manifest: SHA-256, lower-case hex. Null for a folder of the Kit, which has no such thing. */
  readonly id: string | null;
  /** ISO date, `2026-05-12`; null when the catalogue states none. */
  readonly created: string | null;
  /** Where weight signals were looked for; `database`: beside its own catalogue. */
  readonly deep: 'none' | 'zip' | 'folder' | 'database';
}

/** MPK's `ScanModelInfo` without path and times. */
export interface LineageModelInfo {
  readonly model_type: string;
  readonly architectures: readonly string[];
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number | null;
  readonly head_dim: number | null;
  readonly intermediate_size: number;
  readonly vocab_size: number;
  readonly tie_word_embeddings: boolean | null;
  readonly hidden_act: string | null;
  readonly num_parameters: null;
  readonly arch_hash: string;
  readonly family_hash: string;
  readonly param_bucket: string;
  readonly has_weight_signals: boolean;
}
