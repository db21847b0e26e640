/** The typed values that pass between the steps of a scan: intake → plan → artifact scans → report. */
import type { SourceSpec } from '../bytes/source.ts';
import type { Finding } from '../content/finding.ts';
import type { PickleImport } from '../content/pickle/import.ts';
import type { ErrorData } from '../errors.ts';
import type { FormatId, MetaEntry, Region } from '../formats/format.ts';
import type { ModelFolder } from '../formats/set/model-folders.ts';
import type { NotAModel } from '../formats/not-a-model.ts';
import type { Algorithm } from '../hash/hasher.ts';
import type { HubRef, HubSnapshot } from '../hub/ref.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { VirtualTensor } from '../tensors/schemes/scheme.ts';
import type { TensorNumbers } from './decode-lane-one.ts';

/** headers: kilobytes. full: every byte. (Sampled depth comes with the fingerprints.) */
export type Depth = 'headers' | 'full';

/** What a person gave. */
export type Intake =
  | { readonly kind: 'local'; readonly name: string; readonly files: readonly LocalFile[] }
  | { readonly kind: 'hub'; readonly ref: HubRef; readonly endpoint?: string; readonly token?: string }
  | { readonly kind: 'url'; readonly url: string };

export interface LocalFile {
  /** Path inside what was dropped, `/`-separated. */
  readonly path: string;
  readonly size: number;
  readonly spec: SourceSpec;
  /** The path of another of these files, when this one is a link to it. */
  readonly linkTo?: string;
}

/** What to compare with, as a person gave it. */
export type Against =
  /** A digest, a `algorithm:hex`, or the text of a checksum list. */
  | { readonly kind: 'text'; readonly name: string; readonly text: string }
  | { readonly kind: 'hub'; readonly ref: HubRef; readonly endpoint?: string; readonly token?: string };

export type ModelOrigin =
  | { readonly kind: 'local' }
  | { readonly kind: 'hub'; readonly repo: string; readonly commit: string; readonly revision?: string }
  | { readonly kind: 'url'; readonly url: string };

/** One file of the model with what the work on it will be. */
export interface PlannedArtifact {
  readonly path: string;
  readonly size: number;
  readonly spec: SourceSpec;
  /** `weights`: a container to open. `side`: config, tokenizer, index. `claim`: somebody's statement. `other`: hashed only. */
  readonly role: 'weights' | 'side' | 'claim' | 'other';
  /** Digests that some claim asks for, besides SHA-256. */
  readonly algorithms: readonly Algorithm[];
  /** Tensor digests that some claim asks for, besides `assay-tensor-v1`. */
  readonly tensorAlgorithms: readonly Algorithm[];
  /** Also decode every tensor: canonical digests, statistics and what they tell. Absent: no. */
  readonly numbers?: boolean;
  /** Other names under which the very same file was given. */
  readonly aliases?: readonly string[];
  /** What shows that a download of it is not finished, when that lies beside it: `model.gguf.aria2`. */
  readonly unfinished?: string;
}

/** A check that will be possible, or will not and why; shown before work starts. */
export interface PlannedCheck {
  readonly kind: string;
  readonly possible: boolean;
  readonly reason?: ErrorData;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

export interface Plan {
  readonly name: string;
  readonly origin: ModelOrigin;
  readonly depth: Depth;
  readonly artifacts: readonly PlannedArtifact[];
  /** Bytes that will be read at this depth. */
  readonly bytes: number;
  readonly checks: readonly PlannedCheck[];
  /** What the folders are, as far as names tell, and on this device their configurations. Absent: nothing says so. */
  readonly models?: readonly ModelFolder[];
  /** The listing, when the model itself is on the Hub. */
  readonly snapshot?: HubSnapshot;
}

/** Everything computed about one artifact. Plain data: it crosses worker boundaries and is kept in IndexedDB. */
export interface ArtifactScan {
  readonly path: string;
  readonly size: number;
  readonly status: 'complete' | 'headers-only' | 'aborted' | 'failed';
  /** Why status is `failed`. */
  readonly error?: ErrorData;
  /** What the file is instead of a model. */
  readonly notAModel?: NotAModel;
  readonly format?: FormatId;
  /** Why the container could not be opened. The file is hashed all the same. */
  readonly formatError?: ErrorData;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly metadata: readonly MetaEntry[];
  readonly findings: readonly Finding[];
  /** Tensors that its own graph makes of stored ones (ONNX). */
  readonly made?: readonly VirtualTensor[];
  /** What its pickles would import when loaded; absent where no pickle belongs. */
  readonly imports?: readonly PickleImport[];
  readonly tensors: readonly TensorEntry[];
  readonly regions: readonly Region[];
  /** Lower-case hex, by algorithm; empty unless status is `complete`. */
  readonly digests: Partial<Record<Algorithm, string>>;
  /** In the order of `tensors`: `assay-tensor-v1` digests, lower-case hex. Empty unless complete. */
  readonly tensorDigests: readonly string[];
  /** Where they were wanted: canonical digests and statistics, in the order of `tensors`; null: its bytes are in another file. */
  readonly tensorNumbers?: readonly (TensorNumbers | null)[];
  /** Other tensor digests that a claim asked for: algorithm → in the order of `tensors`. */
  readonly tensorExtra: Partial<Record<Algorithm, readonly string[]>>;
  /** gguf-hash style digests over all tensor bytes in file order. */
  readonly tensorData: Partial<Record<Algorithm, string>>;
  readonly bytesRead: number;
  readonly seconds: number;
}
