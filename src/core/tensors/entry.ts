/**
 * One tensor as a container states it.
 *
 * `shape` is outermost dimension first (row-major), element counts. `byteLength` counts stored bytes.
 */
export interface TensorEntry {
  readonly name: string;
  /** Canonical name: safetensors spelling for plain types (`F32`, `BF16`, `F8_E4M3`), ggml's for block types (`Q4_K`). */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byteLength: number;
  readonly storage: TensorStorage;
}

/** Where the stored bytes are. */
export type TensorStorage =
  | {
      readonly kind: 'range';
      /** Absolute offset in its artifact of the first element (for a view: of element [0, 0, …]). */
      readonly start: number;
      /** `big` when multi-byte elements are stored big-endian. Absent: little-endian. */
      readonly order?: 'big';
      /** Elements between neighbours along each dimension; absent: row-major contiguous. */
      readonly strides?: readonly number[];
    }
  /** Compressed, chunked, or held in typed fields: `OpenArtifact.payload` yields the row-major stored bytes. */
  | { readonly kind: 'assembled'; readonly order?: 'big' }
  /** In another file of the model (ONNX external data, a shard). */
  | { readonly kind: 'external'; readonly path: string; readonly start: number }
  /** Stated without data (meta device, external file that may not be read). */
  | { readonly kind: 'absent'; readonly why: string };
