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

/** Where the stored bytes are. More kinds (compressed, strided, typed fields) join with their containers. */
export type TensorStorage = {
  readonly kind: 'range';
  /** Absolute offset of the first byte in its artifact. */
  readonly start: number;
  /** `big` when multi-byte elements are stored big-endian. Absent: little-endian. */
  readonly order?: 'big';
};
