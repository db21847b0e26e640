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
  /** What turns the stored numbers into the tensor's own, applied in order. Absent: they are the same. */
  readonly transforms?: readonly TensorTransform[];
  /** How a runtime gets real numbers from stored integers. Said by the container; the canonical form is the integers. */
  readonly quantisation?: Quantisation;
  /** How the container describes it: for people and checks, never needed to read the numbers. */
  readonly origin?: TensorOrigin;
}

/**
 * `affine` (PyTorch): `fround((stored - zeroPoint) * fround(scale))` with one pair; with one pair per index along `axis`
 * the scale keeps its double precision: `fround((stored - zeroPoint) * scale)`.
 */
export type TensorTransform =
  | { readonly kind: 'conjugate' }
  | { readonly kind: 'negate' }
  | {
      readonly kind: 'affine';
      readonly scales: readonly number[];
      readonly zeroPoints: readonly number[];
      readonly axis?: number;
    };

/** `fround((stored - zeroPoint) * scale)`, with one pair for all or one per index along `axis` (TensorFlow Lite). */
export interface Quantisation {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

/** The container's own account of a tensor; all but `use` is PyTorch's. Strides and offset count elements. */
export interface TensorOrigin {
  /** ONNX: the first node of the main graph that takes this initialiser. */
  readonly use?: TensorUse;
  /** Steps from the root of the saved object, with `_modules`, `_parameters`, `_buffers`. */
  readonly path?: readonly string[];
  /** Key of the shared storage; tensors with one key share memory. */
  readonly storageKey?: string;
  readonly storageOffset?: number;
  readonly stride?: readonly number[];
  readonly contiguous?: boolean;
  /** The function that would rebuild it (`_rebuild_tensor_v2`). */
  readonly rebuild?: string;
  readonly requiresGrad?: boolean;
  readonly parameter?: boolean;
  /** Entry of the archive that holds the storage. */
  readonly record?: string;
}

/** Where a graph puts a constant in. */
export interface TensorUse {
  readonly operator: string;
  /** Name of the node: exporters put the path of the module there. */
  readonly node: string;
  /** Which of its inputs it is, from 0. */
  readonly input: number;
  /** Place of the node in the graph. */
  readonly order: number;
  /** `Gemm` with `transB`: the second matrix lies as the module has it. */
  readonly transB: boolean;
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
  /**
   * In another file of the model (ONNX external data, a shard): `path` as the model's artifacts are named. `length`: bytes
   * stated there, when that is not `byteLength`; held against the other file by `checkExternal`.
   */
  | {
      readonly kind: 'external';
      readonly path: string;
      readonly start: number;
      readonly length?: number;
      readonly order?: 'big';
    }
  /** Stated without data (meta device, external file that may not be read). */
  | { readonly kind: 'absent'; readonly why: string };
