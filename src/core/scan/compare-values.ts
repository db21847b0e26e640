/** The numbers of one tensor, pulled piece by piece, so that two of them can be walked through side by side. */
import { AppError, throwIfAborted } from '../errors.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { createDecoder, type Decoder, type StoredTensor } from '../tensors/decode/decoder.ts';
import { isWide, wideValues } from '../tensors/wide.ts';
import type { Values } from './compare-sums.ts';

/** Row-major numbers in order. What `next` gives is valid until it is called again; null: there are no more. */
export interface ValueStream {
  next(): Promise<Values | null>;
  /** Lets go of what it reads from. To be called once, however it ended. */
  close(): Promise<void>;
}

/** Stored bytes decoded at a time: at most 30 times as many come out, and others get a turn. */
const PIECE = 256 * 1024;

/** Decodes stored bytes as they come. Numbers that float32 cannot hold (F64, 32- and 64-bit integers) are float64. */
export class StoredValues implements ValueStream {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder: Decoder;
  readonly #signal: AbortSignal;
  readonly #ready: Values[] = [];
  readonly #free: Float32Array[] = [];
  #lent: Values | null = null;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  #ended = false;

  /** @throws AppError FORMAT_NOT_DECODED {dtype} */
  constructor(
    chunks: AsyncIterable<Uint8Array>,
    tensor: StoredTensor,
    kernels: Kernels | undefined,
    signal: AbortSignal,
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#signal = signal;
    const made = createDecoder(tensor, (values, stored) => this.#keep(values, stored), kernels);
    if ('notDecoded' in made) throw new AppError('FORMAT_NOT_DECODED', { dtype: made.notDecoded });
    this.#decoder = made;
  }

  async next(): Promise<Values | null> {
    if (this.#lent instanceof Float32Array) this.#free.push(this.#lent);
    this.#lent = null;
    while (this.#ready.length === 0 && !this.#ended) await this.#fill();
    this.#lent = this.#ready.shift() ?? null;
    return this.#lent;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #fill(): Promise<void> {
    throwIfAborted(this.#signal);
    if (this.#at < this.#chunk.length) {
      const piece = this.#chunk.subarray(this.#at, this.#at + PIECE);
      this.#at += piece.length;
      this.#decoder.push(piece);
      return;
    }
    const next = await this.#chunks.next();
    if (next.done === true) {
      this.#ended = true;
      this.#decoder.end();
    } else {
      this.#chunk = next.value;
      this.#at = 0;
    }
  }

  /** Tiles are views that the next one overwrites. */
  #keep(values: Float32Array, stored: Uint8Array): void {
    const { dtype } = this.#decoder;
    if (isWide(dtype)) {
      this.#ready.push(wideValues(dtype, stored, values.length));
      return;
    }
    const used = this.#free.pop();
    const room = used !== undefined && used.length === values.length ? used : new Float32Array(values.length);
    room.set(values);
    this.#ready.push(room);
  }
}

/** Places along one axis of a shape: `start + i * every + j` for i below `count`, j below `length`. */
export interface Selection {
  readonly axis: number;
  readonly start: number;
  readonly length: number;
  readonly every: number;
  readonly count: number;
}

/** The shape of what a selection leaves. */
export function selectedShape(shape: readonly number[], { axis, length, count }: Selection): readonly number[] {
  return shape.map((extent, d) => (d === axis ? length * count : extent));
}

/** A selection lies inside its shape, and its runs do not overlap. */
export function fits(shape: readonly number[], { axis, start, length, every, count }: Selection): boolean {
  const extent = shape[axis];
  if (extent === undefined || start < 0 || length < 1 || count < 1) return false;
  return start + (count - 1) * every + length <= extent && (count === 1 || every >= length);
}

/** Keeps the numbers that lie in the selection. @param shape of what `from` gives */
export function selected(from: ValueStream, shape: readonly number[], selection: Selection): ValueStream {
  const { axis, start, length, every, count } = selection;
  const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  const period = inner * shape[axis]!;
  let at = 0;
  return {
    close: () => from.close(),
    async next() {
      for (;;) {
        const values = await from.next();
        if (values === null) return null;
        let kept = 0;
        // Moved to the front of the tile: it is ours until the next call.
        for (let block = Math.floor(at / period); block * period < at + values.length; block++) {
          for (let i = 0; i < count; i++) {
            const begin = block * period + (start + i * every) * inner - at;
            const low = Math.max(0, begin);
            const high = Math.min(values.length, begin + length * inner);
            if (low >= high) continue;
            values.copyWithin(kept, low, high);
            kept += high - low;
          }
        }
        at += values.length;
        if (kept > 0) return values.subarray(0, kept);
      }
    },
  };
}

/**
 * Puts rows that pair up for rotary positions as (0, 1), (2, 3) … in the order of (0, n/2), (1, n/2 + 1) …, head by head
 * (Meta's release and GGUF of llama against Hugging Face's form).
 *
 * @param headDim rows of one head, even @param columns numbers in a row
 */
export function unpaired(from: ValueStream, headDim: number, columns: number): ValueStream {
  const head = new Float32Array(headDim * columns);
  const out = new Float32Array(headDim * columns);
  let values: Values | null = new Float32Array(0);
  let used = 0;
  return {
    close: () => from.close(),
    async next() {
      let filled = 0;
      while (filled < head.length) {
        if (values !== null && used === values.length) {
          values = await from.next();
          used = 0;
        }
        if (values === null) return null;
        const count = Math.min(values.length - used, head.length - filled);
        head.set(values.subarray(used, used + count), filled);
        filled += count;
        used += count;
      }
      for (let row = 0; row < headDim; row++) {
        const to = (row % 2) * (headDim / 2) + Math.floor(row / 2);
        out.set(head.subarray(row * columns, (row + 1) * columns), to * columns);
      }
      return out;
    },
  };
}
