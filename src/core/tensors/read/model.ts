/** What reading decoded values needs to know of a model: its files as they were opened, and where others lie. */
import type { ByteSource } from '../../bytes/source.ts';
import type { TensorEntry } from '../entry.ts';
import type { SchemeId, VirtualTensor } from '../schemes/scheme.ts';

/** One opened weight file. An `OpenArtifact` with its path and source is one. */
export interface TensorFile {
  /** Path within the model, `/`-separated. */
  readonly path: string;
  readonly source: ByteSource;
  /** A `FormatId`; ONNX defines how its six-bit types are packed. */
  readonly format: string;
  readonly tensors: readonly TensorEntry[];
  /** Tensors that the file's own graph makes of stored ones (ONNX DequantizeLinear, MatMulNBits). */
  readonly made?: readonly VirtualTensor[];
  /** Row-major stored bytes of tensors whose storage is `assembled`. */
  payload?(tensor: TensorEntry, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Files that belong together. */
export interface TensorModel {
  readonly files: readonly TensorFile[];
  /**
   * Opens another file of the model by its path: where external tensors lie. Null when there is none. Absent: the model
   * has no files but `files`.
   */
  open?(path: string, signal?: AbortSignal): Promise<ByteSource | null>;
  /** The parsed `config.json` (or `quantize_config.json`) of a folder; undefined when there is none. '' is the top. */
  config?(folder: string): unknown;
}

/** A stored tensor with the file it is in. */
export interface LocatedTensor {
  readonly file: TensorFile;
  readonly entry: TensorEntry;
}

/** A tensor as a runtime has it: stored, or made of several stored ones. */
export type LogicalTensor =
  | { readonly kind: 'stored'; readonly name: string; readonly shape: readonly number[]; readonly at: LocatedTensor }
  | {
      readonly kind: 'made';
      readonly name: string;
      readonly shape: readonly number[];
      readonly scheme: SchemeId;
      readonly recipe: VirtualTensor;
      /** Stored tensors of the same set, by name; `recipe.parts` are among them. */
      readonly parts: ReadonlyMap<string, LocatedTensor>;
    };

/** Folder of a path, '' for the top. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
