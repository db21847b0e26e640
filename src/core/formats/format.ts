/** The contract of a container format. A format is one file here plus one line in `registry.ts`. */
import type { ByteSource } from '../bytes/source.ts';
import type { Finding } from '../content/finding.ts';
import type { PickleImport } from '../content/pickle/import.ts';
import type { ErrorData } from '../errors.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { VirtualTensor } from '../tensors/schemes/scheme.ts';

export type FormatId =
  | 'safetensors'
  | 'gguf'
  | 'pytorch-zip'
  | 'pytorch-legacy'
  | 'pytorch-tar'
  | 'torchscript'
  | 'torch-export'
  | 'pickle'
  | 'onnx'
  | 'hdf5'
  | 'keras'
  | 'npy'
  | 'npz'
  | 'tflite'
  | 'tensorflow-graphdef'
  | 'tensorflow-savedmodel'
  | 'tensorflow-checkpoint';

/** A metadata value as stored, bounded for display: long arrays are cut and counted, 64-bit integers are strings. */
export type MetaValue =
  | string
  | number
  | boolean
  | null
  /** Text that is not valid UTF-8, as hex. */
  | { readonly invalidUtf8: string }
  | { readonly elementType: string; readonly length: number; readonly values: readonly MetaValue[] };

export interface MetaEntry {
  readonly key: string;
  /** The format's own type name (`STRING`, `UINT32`, `ARRAY`). */
  readonly type: string;
  readonly value: MetaValue;
}

/** What a byte range of the file is for. Regions are sorted, do not overlap, and gaps between them are unreferenced. */
export interface Region {
  readonly kind: 'header' | 'padding' | 'tensor' | 'unreferenced';
  readonly start: number;
  readonly end: number;
  /** Tensor name for `tensor`. */
  readonly name?: string;
}

/** A checksum of the container over bytes [start, end) of the artifact. */
export interface InnerChecksum {
  readonly algorithm: 'crc32';
  readonly start: number;
  readonly end: number;
  readonly value: number;
  /** The entry of the archive. */
  readonly name: string;
}

/** A readable artifact. Only headers were read to make it. */
export interface OpenArtifact {
  readonly format: FormatId;
  readonly tensors: readonly TensorEntry[];
  /** Tensors that its own graph makes of stored ones (ONNX). */
  readonly made?: readonly VirtualTensor[];
  readonly metadata: readonly MetaEntry[];
  readonly findings: readonly Finding[];
  /** Every name that its pickles would import when loaded, allowed ones too; absent where no pickle belongs. */
  readonly imports?: readonly PickleImport[];
  /**
   * Why the artifact could not be read to its end although findings came up before: they stand, tensors may be missing,
   * and nothing may call it clean. Without such findings `open` throws the same error instead.
   */
  readonly incomplete?: ErrorData;
  /** CRC-32 sums that the container states over stored bytes, for the full pass to compare. */
  readonly checksums?: readonly InnerChecksum[];
  /** Format-level facts (version, alignment, header length …), as the golden files name them where they do. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** Bytes [0, headerEnd) were parsed; the full pass checks that it sees the same ones. */
  readonly headerEnd: number;
  /** SHA-256 (hex) of bytes [0, headerEnd) as parsed. */
  readonly headerSha256: string;
  /**
   * Row-major stored bytes of a tensor whose storage is `assembled`, in chunks. Not part of the data that crosses a
   * worker boundary: only the worker that opened the artifact can call it.
   */
  payload?(tensor: TensorEntry, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface Format {
  readonly id: FormatId;
  readonly title: string;
  /** File name endings, lower case, with the dot. Used for words and order of trial; content decides. */
  readonly extensions: readonly string[];
  /** Looks at the first bytes only. `head` has at most 4,096 bytes. */
  match(head: Uint8Array, source: { readonly name: string; readonly size: number }): boolean;
  /**
   * Reads headers and describes the artifact.
   * @throws AppError FORMAT_* when the bytes break the format; SOURCE_* when they cannot be read.
   */
  open(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact>;
}
