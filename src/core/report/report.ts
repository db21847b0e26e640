/** Report v1: the only thing screens and exporters read. The published schema is `public/schema/report-v1.json`. */
import type { Attestation } from '../claims/attestations/attestation.ts';
import type { Axis, Check, Outcome } from '../claims/check.ts';
import type { CoverageCounts } from './covered.ts';
import type { Finding } from '../content/finding.ts';
import type { PickleImport } from '../content/pickle/import.ts';
import type { ErrorData } from '../errors.ts';
import type { MetaEntry } from '../formats/format.ts';
import type { ModelFolder } from '../formats/set/model-folders.ts';
import type { NotAModel } from '../formats/not-a-model.ts';

export const REPORT_FORMAT = 'assay-report';
export const REPORT_VERSION = 1;

export interface ReportArtifact {
  readonly path: string;
  readonly size: number;
  readonly status: 'complete' | 'headers-only' | 'aborted' | 'failed' | 'not-read';
  readonly role: 'weights' | 'side' | 'claim' | 'other';
  readonly error?: ErrorData;
  readonly notAModel?: NotAModel;
  readonly format?: string;
  readonly formatError?: ErrorData;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly metadata: readonly MetaEntry[];
  /** What its pickles would import when loaded; absent where no pickle belongs. */
  readonly imports?: readonly PickleImport[];
  /** `algorithm` → lower-case hex. */
  readonly digests: Readonly<Record<string, string>>;
  readonly tensors: readonly ReportTensor[];
}

export interface ReportTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Offset in its file; absent for tensors that do not lie there in one piece. */
  readonly start?: number;
  /** The file that holds its bytes, by its path in the model, when that is not its own: `start` counts there. */
  readonly file?: string;
  /** Stored bytes. */
  readonly bytes: number;
  /** `assay-tensor-v1` digest, hex; absent when the body was not read. */
  readonly digest?: string;
}

/** Where one of these bytes was published before, from the database. */
export interface Sighting {
  readonly path: string;
  readonly sha256: string;
  readonly repo: string;
  readonly file: string;
  readonly revision?: string;
  readonly license?: string;
  readonly trust: 'commit' | 'pinned' | 'enforced' | 'listed';
  readonly moved: boolean;
  readonly old: boolean;
  readonly disputed: boolean;
  readonly source: { readonly name: string; readonly url: string; readonly license?: string; readonly read?: string };
}

export interface DatabaseInfo {
  /** SHA-256 of its manifest, hex. */
  readonly id: string;
  /** ISO date of its newest fact. */
  readonly created: string;
  readonly files: number;
  /** Goes up with every published change; a lower one than seen before is refused. */
  readonly sequence?: number;
  /** What is known of its signature. */
  readonly signature?: 'unsigned';
}

export interface Report {
  readonly format: typeof REPORT_FORMAT;
  readonly version: typeof REPORT_VERSION;
  readonly tool: { readonly name: 'assay'; readonly version: string; readonly commit?: string };
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly subject: {
    readonly name: string;
    readonly origin: 'local' | 'hub' | 'url';
    readonly repo?: string;
    readonly commit?: string;
    readonly revision?: string;
    readonly url?: string;
    readonly files: number;
    readonly bytes: number;
  };
  readonly depth: 'headers' | 'full';
  /** True when the person stopped the run: what was not read is marked in the checks. */
  readonly stopped: boolean;
  readonly read: { readonly bytes: number; readonly seconds: number };
  readonly artifacts: readonly ReportArtifact[];
  /** What the folders are (adapter, pipeline, MLX, transformers), as their configurations say; absent: nothing says so. */
  readonly models?: readonly ModelFolder[];
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
  readonly sightings: readonly Sighting[];
  /** Signatures and records found beside the files, step by step. */
  readonly attestations: readonly Attestation[];
  /** How many weights signatures, records and lists cover; absent where nobody states anything. */
  readonly coverage?: CoverageCounts;
  readonly database: DatabaseInfo | null;
  readonly axes: Readonly<Record<Axis, { readonly outcome: Outcome; readonly line: string }>>;
  readonly verdict: { readonly outcome: Outcome; readonly sentence: string; readonly note?: string };
}
