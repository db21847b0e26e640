/** Stored bytes of one tensor, in any chunks, to float32 values in tiles. */
import type { Kernels } from '../../kernels/kernels.ts';
import { TILE_VALUES } from '../../kernels/tile.ts';
import { AppError } from '../../errors.ts';
import type { TensorTransform } from '../entry.ts';
import { canonicalNaN, storedBytes, swapFields, type Codec } from './codec.ts';
import { codecOf, valuesPerElement } from './registry.ts';
import { Tiles } from './tiles.ts';
import { tileTransform, transformedDtype, type TileTransform } from './transforms.ts';

/** What has to be known of a tensor to decode it. */
export interface StoredTensor {
  /** Canonical dtype name. */
  readonly dtype: string;
  /** Number of elements: the product of the shape. */
  readonly elements: number;
  /** `big` when multi-byte elements and the scales of blocks are stored big-endian. */
  readonly order?: 'big';
  /**
   * Stated by containers that define how six-bit codes lie in bytes (ONNX: one stream of bits, lowest first).
   * safetensors does not, so its F6 tensors are bytes only.
   */
  readonly sixBitStream?: boolean;
  /** Outermost dimension first; needed with transforms that differ along an axis. */
  readonly shape?: readonly number[];
  /** Applied to what was stored, in order. */
  readonly transforms?: readonly TensorTransform[];
}

/** Present, digested, but nobody here knows what numbers its bytes mean. */
export interface NotDecoded {
  readonly notDecoded: string;
}

/**
 * Receives one tile: `values` has `TILE_VALUES` float32 (the last fewer), `stored` the little-endian bytes of the same
 * numbers in `Decoder.dtype`. Both are views that are valid only during the call.
 */
export type TileSink = (values: Float32Array, stored: Uint8Array) => void;

export class Decoder {
  /** What the numbers are: the stored dtype, or F32 where transforms make floats of integers. */
  readonly dtype: string;
  /** Values in all: elements, twice that for complex types. */
  readonly values: number;
  /** Stored bytes in all. */
  readonly byteLength: number;
  readonly #codec: Codec;
  readonly #swap: boolean;
  readonly #kernels: Kernels | undefined;
  readonly #tiles: Tiles;
  readonly #sink: TileSink;
  readonly #transform: TileTransform | undefined;
  #own: Float32Array | null = null;
  #taken = 0;
  #emitted = 0;

  constructor(codec: Codec, tensor: StoredTensor, sink: TileSink, kernels: Kernels | undefined) {
    const { dtype, shape = [], transforms = [] } = tensor;
    this.dtype = transformedDtype(dtype, transforms);
    this.#transform = tileTransform(dtype, shape, transforms);
    this.#codec = codec;
    this.#swap = tensor.order === 'big' && codec.fields.length > 0;
    this.#kernels = kernels;
    this.#sink = sink;
    this.#tiles = new Tiles((TILE_VALUES / codec.blockValues) * codec.blockBytes);
    this.values = tensor.elements * valuesPerElement(tensor.dtype);
    this.byteLength = storedBytes(codec, this.values);
  }

  /** @throws AppError FORMAT_SIZE_MISMATCH when there are more bytes than the tensor has room for */
  push(chunk: Uint8Array): void {
    this.#taken += chunk.length;
    if (this.#taken > this.byteLength) this.#mismatch();
    this.#tiles.push(chunk, this.#tile);
  }

  /** @throws AppError FORMAT_SIZE_MISMATCH when bytes are missing */
  end(): void {
    if (this.#taken !== this.byteLength) this.#mismatch();
    this.#tiles.end(this.#tile);
  }

  readonly #tile = (bytes: Uint8Array): void => {
    const count = Math.min(TILE_VALUES, this.values - this.#emitted);
    const { blockBytes, fields, kernel, table } = this.#codec;
    const stored = this.#swap ? swapFields(bytes, blockBytes, fields) : bytes;
    const fast = kernel === undefined ? undefined : this.#kernels?.decode(kernel, stored, count, table);
    const values = fast ?? this.#plain(stored, count);
    const own = this.#transform?.(values, stored, this.#emitted) ?? stored;
    this.#emitted += count;
    this.#sink(values, own);
  };

  #plain(stored: Uint8Array, count: number): Float32Array {
    this.#own ??= new Float32Array(count);
    const values = this.#own.subarray(0, count);
    this.#codec.decode(stored, values);
    canonicalNaN(values);
    return values;
  }

  #mismatch(): never {
    throw new AppError('FORMAT_SIZE_MISMATCH', { expected: this.byteLength, actual: this.#taken });
  }
}

/**
 * A decoder for a tensor, or why there is none. Never throws for an unknown dtype.
 *
 * Without `kernels` the plain TypeScript codecs are used: the same values, slower.
 */
export function createDecoder(tensor: StoredTensor, sink: TileSink, kernels?: Kernels): Decoder | NotDecoded {
  const codec = codecOf(tensor.dtype);
  if (codec === undefined) return { notDecoded: tensor.dtype };
  if (codec.kernel === 'lut6' && tensor.sixBitStream !== true) return { notDecoded: tensor.dtype };
  return new Decoder(codec, tensor, sink, kernels);
}
