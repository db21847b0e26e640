/** Two tensors that stand for the same part: equal bytes, equal numbers, or how far apart. */
import { AppError, throwIfAborted } from '../errors.ts';
import { TILE_VALUES } from '../kernels/tile.ts';
import { codecOf } from '../tensors/decode/registry.ts';
import { isWide } from '../tensors/wide.ts';
import { decodedDtype } from '../tensors/read/read.ts';
import type { EqualBytes } from './compare-bytes.ts';
import { squeezed } from './compare-pairing.ts';
import type { ReadingSide, SideTools } from './compare-side.ts';
import { Sums, type Difference, type Values } from './compare-sums.ts';
import { StoredValues, type ValueStream } from './compare-values.ts';

export interface PairTools extends SideTools {
  readonly equal: EqualBytes;
  /** One turn for others between pieces of work. */
  readonly step: () => Promise<void>;
  /** Numbers of a turned matrix held at once; tests give less. */
  readonly panel?: number;
}

export type Measured =
  | { readonly relation: 'identical-bytes'; readonly values: number }
  | { readonly relation: 'same-numbers' | 'differs'; readonly difference: Difference };

/** Bytes compared at a time while everything is equal. */
const PIECE = 1024 * 1024;
/** Numbers of a turned matrix that are held: 64 MiB. A larger one takes one pass over the other side for each. */
const PANEL_VALUES = 16 * 1024 * 1024;

/**
 * Memory is a few chunks of either side, whatever the size; turned matrices take `PANEL_VALUES` more.
 *
 * @throws AppError FORMAT_* of the tensors, SOURCE_* of their files
 */
export async function comparePair(
  a: ReadingSide,
  b: ReadingSide,
  transposed: boolean,
  tools: PairTools,
): Promise<Measured> {
  const sums = new Sums();
  if (transposed) await turned(a, b, sums, tools);
  else if (a.form !== null && a.form === b.form) {
    if (await sameBytes(a, b, sums, tools)) return { relation: 'identical-bytes', values: countOf(a) };
  } else await lockStep(a.values(), b.values(), sums, tools);
  const difference = sums.result();
  return { relation: difference.changed === 0 ? 'same-numbers' : 'differs', difference };
}

function countOf({ shape }: ReadingSide): number {
  return shape.reduce((n, d) => n * d, 1);
}

/** Adds both streams to the sums, number by number, and closes them. */
async function lockStep(a: ValueStream, b: ValueStream, sums: Sums, { step }: PairTools): Promise<void> {
  try {
    let [x, y]: [Values | null, Values | null] = [await a.next(), await b.next()];
    let i = 0;
    let j = 0;
    while (x !== null && y !== null) {
      const count = Math.min(x.length - i, y.length - j);
      sums.add(x, i, y, j, count);
      i += count;
      j += count;
      if (i === x.length) [x, i] = [await a.next(), 0];
      if (j === y.length) [y, j] = [await b.next(), 0];
      await step();
    }
    if (x !== null || y !== null) throw new AppError('FORMAT_SIZE_MISMATCH', {});
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}

/**
 * Compares bytes as long as they are equal. From the first piece that differs on, numbers are compared; what came before
 * is decoded once, for the norms.
 *
 * @returns true when all bytes are equal; else the sums are complete
 */
async function sameBytes(a: ReadingSide, b: ReadingSide, sums: Sums, tools: PairTools): Promise<boolean> {
  const [x, y] = [new Bytes(a.bytes()), new Bytes(b.bytes())];
  try {
    const codec = codecOf(a.stored().dtype);
    const tile = codec === undefined ? 1 : (TILE_VALUES / codec.blockValues) * codec.blockBytes;
    let done = 0;
    // Equal bytes since the last tile began: decoding takes up there.
    let tail: Uint8Array = new Uint8Array(0);
    for (;;) {
      throwIfAborted(tools.signal);
      const [left, right] = [await x.peek(), await y.peek()];
      if (left === null || right === null) {
        if (left !== right) throw new AppError('FORMAT_SIZE_MISMATCH', {});
        return true;
      }
      const count = Math.min(left.length, right.length, PIECE);
      const piece = left.subarray(0, count);
      if (!tools.equal(piece, right.subarray(0, count))) break;
      x.take(count);
      y.take(count);
      done += count;
      const over = done % tile;
      tail = over <= count ? piece.slice(count - over) : joined(tail, piece);
      await tools.step();
    }
    const start = done - (done % tile);
    const restart = a.stored().transforms !== undefined;
    if (restart || codec === undefined) {
      // Scales that go by place: from the beginning.
      await Promise.all([x.close(), y.close()]);
      await lockStep(a.values(), b.values(), sums, tools);
      return false;
    }
    const values = (start / codec.blockBytes) * codec.blockValues;
    if (values > 0) await addPrefix(a, start, values, sums, tools);
    const rest = { ...a.stored(), elements: a.stored().elements - values / perElement(a) };
    const stream = (bytes: Bytes): ValueStream => new StoredValues(bytes.rest(tail), rest, tools.kernels, tools.signal);
    await lockStep(stream(x), stream(y), sums, tools);
    return false;
  } finally {
    await Promise.all([x.close(), y.close()]);
  }
}

function perElement(side: ReadingSide): 1 | 2 {
  const { dtype } = side.stored();
  return dtype === 'C64' || dtype === 'C128' ? 2 : 1;
}

/** The first `end` bytes, known to be equal on both sides, read again from one. */
async function addPrefix(a: ReadingSide, end: number, values: number, sums: Sums, tools: PairTools): Promise<void> {
  const prefix = { ...a.stored(), elements: values / perElement(a) };
  const stream = new StoredValues(firstOf(a.bytes(), end), prefix, tools.kernels, tools.signal);
  try {
    for (let tile = await stream.next(); tile !== null; tile = await stream.next()) {
      sums.same(tile);
      await tools.step();
    }
  } finally {
    await stream.close();
  }
}

async function* firstOf(chunks: AsyncIterable<Uint8Array>, end: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = end;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
    if (left === 0) return;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** A stream of bytes with a look ahead. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #closed = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async peek(): Promise<Uint8Array | null> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return null;
      this.#chunk = next.value;
    }
    return this.#chunk;
  }

  take(count: number): void {
    this.#chunk = this.#chunk.subarray(count);
  }

  /** What was not taken, after `before`. */
  async *rest(before: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    if (before.length > 0) yield before;
    for (let chunk = await this.peek(); chunk !== null; chunk = await this.peek()) {
      this.take(chunk.length);
      yield chunk;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#chunks.return?.();
  }
}

/** A is [rows, columns], B is [columns, rows]: as many rows of A as may be held, against B from its beginning. */
async function turned(a: ReadingSide, b: ReadingSide, sums: Sums, tools: PairTools): Promise<void> {
  const [rows = 1, columns = 1] = squeezed(a.shape);
  const most = Math.max(1, Math.floor((tools.panel ?? PANEL_VALUES) / columns));
  const wide = isWide(decodedDtype(a.tensor)) || isWide(decodedDtype(b.tensor));
  const from = new Numbers(a.values());
  try {
    for (let row = 0; row < rows; row += most) {
      const height = Math.min(most, rows - row);
      const held = wide ? new Float64Array(height * columns) : new Float32Array(height * columns);
      await from.fill(held, tools);
      await againstPanel({ held, row, height, rows, columns }, new Numbers(b.values()), sums, tools);
    }
    await from.end();
  } finally {
    await from.close();
  }
}

interface Panel {
  readonly held: Values;
  readonly row: number;
  readonly height: number;
  readonly rows: number;
  readonly columns: number;
}

async function againstPanel(panel: Panel, b: Numbers, sums: Sums, tools: PairTools): Promise<void> {
  const { held, row, height, rows, columns } = panel;
  const line = held instanceof Float64Array ? new Float64Array(rows) : new Float32Array(rows);
  const column = held instanceof Float64Array ? new Float64Array(height) : new Float32Array(height);
  try {
    for (let i = 0; i < columns; i++) {
      await b.fill(line, tools);
      for (let r = 0; r < height; r++) column[r] = held[r * columns + i]!;
      sums.add(column, 0, line, row, height);
    }
    await b.end();
  } finally {
    await b.close();
  }
}

/** A stream of numbers in lengths of one's own. */
class Numbers {
  readonly #from: ValueStream;
  #values: Values | null = new Float32Array(0);
  #used = 0;

  constructor(from: ValueStream) {
    this.#from = from;
  }

  /** @throws AppError FORMAT_SIZE_MISMATCH when there are fewer */
  async fill(room: Values, { step }: PairTools): Promise<void> {
    for (let filled = 0; filled < room.length;) {
      if (this.#values === null) throw new AppError('FORMAT_SIZE_MISMATCH', {});
      const count = Math.min(this.#values.length - this.#used, room.length - filled);
      room.set(this.#values.subarray(this.#used, this.#used + count), filled);
      filled += count;
      this.#used += count;
      if (this.#used === this.#values.length) {
        this.#values = await this.#from.next();
        this.#used = 0;
        await step();
      }
    }
  }

  /** @throws AppError FORMAT_SIZE_MISMATCH when there are more */
  async end(): Promise<void> {
    if (this.#values !== null && (this.#used < this.#values.length || (await this.#from.next()) !== null)) {
      throw new AppError('FORMAT_SIZE_MISMATCH', {});
    }
  }

  close(): Promise<void> {
    return this.#from.close();
  }
}
