/** One side of a pair, ready to be read: its bytes where they lie in one piece, its numbers whatever it is stored as. */
import { throwIfAborted } from '../errors.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { elementCount } from '../tensors/dtypes.ts';
import type { StoredTensor } from '../tensors/decode/decoder.ts';
import { codecOf } from '../tensors/decode/registry.ts';
import { storedBytesOf, storedTensor } from '../tensors/read/stored.ts';
import type { LogicalTensor, TensorModel } from '../tensors/read/model.ts';
import { readTensor } from '../tensors/read/read.ts';
import { isPiece } from '../tensors/read/visit.ts';
import type { Piece } from './compare-bytes.ts';
import type { PairSide } from './compare-pairing.ts';
import type { Values } from './compare-sums.ts';
import { selected, selectedShape, StoredValues, unpaired, type ValueStream } from './compare-values.ts';

export interface SideTools {
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
}

/**
 * A part made of whole rows, where these lie together in the file, as a tensor of its own: nothing else has to be read
 * for it. Other parts stay as they are, and are cut out of all that is read.
 */
export function narrowed(
  tensor: LogicalTensor,
  side: PairSide,
): { readonly tensor: LogicalTensor; readonly side: PairSide } {
  const [first, ...rest] = side.selections;
  if (first === undefined || first.axis !== 0 || first.count !== 1) return { tensor, side };
  if (tensor.kind !== 'stored' || !isPiece(tensor.at.entry)) return { tensor, side };
  const { entry, file } = tensor.at;
  const codec = codecOf(entry.dtype);
  const [rows = 0, ...inner] = entry.shape;
  const values = inner.reduce((n, d) => n * d, 1);
  const rowBytes = entry.byteLength / rows;
  const { storage } = entry;
  const blocks = codec !== undefined && values % codec.blockValues === 0 && Number.isInteger(rowBytes);
  if (!blocks || storage.kind !== 'range' || entry.transforms !== undefined || entry.quantisation !== undefined) {
    return { tensor, side };
  }
  const part = {
    ...entry,
    shape: [first.length, ...inner],
    byteLength: rowBytes * first.length,
    storage: { ...storage, start: storage.start + first.start * rowBytes },
  };
  return { tensor: { ...tensor, shape: part.shape, at: { file, entry: part } }, side: { ...side, selections: rest } };
}

/** Where the bytes of a tensor lie, when that is one piece of its file. */
export function pieceOf(tensor: LogicalTensor): Piece | null {
  if (tensor.kind !== 'stored' || !isPiece(tensor.at.entry)) return null;
  const { storage, byteLength } = tensor.at.entry;
  const start = storage.kind === 'range' ? storage.start : 0;
  return { source: tensor.at.file.source, start, end: start + byteLength };
}

/** Stored bytes of the tensor behind a side. */
export function bytesOf(tensor: LogicalTensor): number {
  if (tensor.kind === 'stored') return tensor.at.entry.byteLength;
  return tensor.recipe.parts.reduce((sum, name) => sum + (tensor.parts.get(name)?.entry.byteLength ?? 0), 0);
}

export class ReadingSide {
  readonly tensor: LogicalTensor;
  /** Of the part that is compared. */
  readonly shape: readonly number[];
  readonly #side: PairSide;
  readonly #model: TensorModel;
  readonly #tools: SideTools;
  #first: AsyncIterable<Uint8Array> | null;

  /** @param first its bytes, where they come by as the file is read forward; used once */
  constructor(
    tensor: LogicalTensor,
    side: PairSide,
    model: TensorModel,
    first: AsyncIterable<Uint8Array> | null,
    tools: SideTools,
  ) {
    this.tensor = tensor;
    this.shape = side.shape;
    this.#side = side;
    this.#model = model;
    this.#first = first;
    this.#tools = tools;
  }

  /** Sides with the same form hold the same numbers when their bytes are equal; null: bytes alone do not tell. */
  get form(): string | null {
    const { headDim, selections } = this.#side;
    if (this.tensor.kind === 'made' || selections.length > 0 || headDim !== undefined) return null;
    const { dtype, shape, byteLength, transforms, quantisation } = this.tensor.at.entry;
    const { order } = this.stored();
    return JSON.stringify([dtype, elementCount(shape), byteLength, order, transforms, quantisation]);
  }

  stored(): StoredTensor {
    if (this.tensor.kind === 'made') return { dtype: 'F32', elements: elementCount(this.tensor.shape) };
    return storedTensor(this.tensor.at.entry, this.tensor.at.file.format);
  }

  /** Stored bytes of the whole tensor, from the first on. Only for what is stored. */
  bytes(): AsyncIterable<Uint8Array> {
    const first = this.#first;
    this.#first = null;
    if (first !== null) return first;
    if (this.tensor.kind === 'made') throw new TypeError('made of several tensors');
    return storedBytesOf(this.tensor.at, this.#model, this.#tools.signal);
  }

  /** Numbers of the part that is compared, in the order of the other side's rows; a new stream each time. */
  values(): ValueStream {
    const { kernels, signal } = this.#tools;
    let stream: ValueStream =
      this.tensor.kind === 'made' ? this.#made() : new StoredValues(this.bytes(), this.stored(), kernels, signal);
    let shape = this.tensor.shape;
    for (const selection of this.#side.selections) {
      stream = selected(stream, shape, selection);
      shape = selectedShape(shape, selection);
    }
    const { headDim } = this.#side;
    if (headDim === undefined) return stream;
    return unpaired(
      stream,
      headDim,
      shape.slice(1).reduce((n, d) => n * d, 1),
    );
  }

  /** A tensor that is made of several is pushed tile by tile: it waits whenever nobody has asked for more. */
  #made(): ValueStream {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#tools.signal]);
    const ready: Values[] = [];
    let wake: () => void = () => undefined;
    let asked: () => void = () => undefined;
    let ended = false;
    let failure: unknown = null;
    const run = async (): Promise<void> => {
      try {
        await readTensor(
          this.#model,
          this.tensor,
          { tile: (values) => ready.push(values.slice()) },
          {
            kernels: this.#tools.kernels,
            signal,
            room: async () => {
              if (ready.length === 0) return;
              wake();
              await new Promise<void>((resolve) => (asked = resolve));
              throwIfAborted(signal);
            },
          },
        );
      } catch (error) {
        failure = error;
      }
      ended = true;
      wake();
    };
    let running: Promise<void> | null = null;
    return {
      async next() {
        if (ready.length === 0 && !ended) {
          const woken = new Promise<void>((resolve) => (wake = resolve));
          running ??= run();
          asked();
          await woken;
        }
        if (failure !== null) throw failure;
        return ready.shift() ?? null;
      },
      async close() {
        stop.abort();
        asked();
        await running;
      },
    };
  }
}
