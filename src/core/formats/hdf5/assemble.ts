import { AppError, throwIfAborted } from '../../errors.ts';
import { ChunkGrid, readChunks, type ChunkedLayout, type ChunkPlace } from './chunks.ts';
import type { Dataset } from './dataset.ts';
import type { H5File } from './file.ts';
import { undoFilters } from './filters.ts';

/** Rows that are put together at a time. */
const SLAB_MAX = 32 * 1024 * 1024;
/** Unpacked chunks that are kept because the next rows lie in them too. */
const CACHE_MAX = 32 * 1024 * 1024;
/** A layout that makes every chunk be unpacked more often than this is refused: it is not how anything is written. */
const REPEATS_MAX = 64;

/**
 * The row-major bytes of a chunked dataset, in pieces of whole rows. Missing chunks are the fill value.
 *
 * @throws AppError FORMAT_*; SOURCE_*
 */
export async function* assembleChunks(
  file: H5File,
  dataset: Dataset,
  layout: ChunkedLayout,
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { shape } = dataset.space;
  if (shape.includes(0)) return;
  const { chunk, elementSize } = layout;
  const places = await readChunks(file, layout, dataset.space, dataset.filters.length > 0);
  const reader = new ChunkReader(file, dataset, layout, places, name, signal);
  const grid = new ChunkGrid(shape, chunk);
  const level = slabLevel(shape, chunk, elementSize);
  refuseRepeats(shape, chunk, elementSize, level, name);

  // Outside `level` one index at a time, along `level` one row of chunks, everything inside.
  const outer = shape.slice(0, level);
  const rowBytes = shape.slice(level + 1).reduce((product, size) => product * size, elementSize);
  for (const at of indexes(outer)) {
    for (let row = 0; row < grid.counts[level]!; row += 1) {
      throwIfAborted(signal);
      const rows = Math.min(chunk[level]!, shape[level]! - row * chunk[level]!);
      const slab = new Uint8Array(rows * rowBytes);
      fillWith(slab, dataset.fill, elementSize);
      for (const inner of indexes(grid.counts.slice(level + 1))) {
        const place = [...at.map((index, d) => Math.floor(index / chunk[d]!)), row, ...inner];
        const bytes = await reader.read(place, grid);
        if (bytes !== null) copyInto(slab, bytes, shape, chunk, elementSize, level, at, place, rows);
      }
      yield slab;
    }
  }
}

/** The fill value again and again: a dataset that was never written. */
export function* assembleFill(
  fill: Uint8Array,
  elementSize: number,
  byteLength: number,
): Generator<Uint8Array, void, undefined> {
  const piece = Math.max(elementSize, Math.floor((256 * 1024) / elementSize) * elementSize);
  for (let done = 0; done < byteLength; done += piece) {
    const bytes = new Uint8Array(Math.min(piece, byteLength - done));
    fillWith(bytes, fill, elementSize);
    yield bytes;
  }
}

function fillWith(bytes: Uint8Array, fill: Uint8Array, elementSize: number): void {
  if (fill.length !== elementSize || fill.every((byte) => byte === 0)) return;
  for (let at = 0; at < bytes.length; at += elementSize)
    bytes.set(fill.subarray(0, Math.min(elementSize, bytes.length - at)), at);
}

/** The first dimension from which a row of chunks with everything inside fits into a slab. */
function slabLevel(shape: readonly number[], chunk: readonly number[], elementSize: number): number {
  for (let level = 0; level < shape.length - 1; level += 1) {
    const inside = shape.slice(level + 1).reduce((product, size) => product * size, elementSize);
    if (Math.min(chunk[level]!, shape[level]!) * inside <= SLAB_MAX) return level;
  }
  return shape.length - 1;
}

function refuseRepeats(
  shape: readonly number[],
  chunk: readonly number[],
  elementSize: number,
  level: number,
  name: string,
): void {
  const chunkBytes = chunk.reduce((product, size) => product * size, elementSize);
  const across = shape.slice(level).reduce((product, size, d) => product * Math.ceil(size / chunk[level + d]!), 1);
  if (across * chunkBytes <= CACHE_MAX) return;
  const repeats = chunk.slice(0, level).reduce((product, size, d) => product * Math.min(size, shape[d]!), 1);
  if (repeats > REPEATS_MAX)
    throw new AppError('FORMAT_TOO_LARGE', { what: `chunks of ${name}`, size: repeats, limit: REPEATS_MAX });
}

function* indexes(counts: readonly number[]): Generator<readonly number[], void, undefined> {
  const at = counts.map(() => 0);
  if (counts.includes(0)) return;
  for (;;) {
    yield at;
    let d = counts.length - 1;
    for (; d >= 0; d -= 1) {
      at[d] = at[d]! + 1;
      if (at[d]! < counts[d]!) break;
      at[d] = 0;
    }
    if (d < 0) return;
  }
}

/** Copies the part of a chunk that lies in the slab, line by line along the last dimension. */
function copyInto(
  slab: Uint8Array,
  bytes: Uint8Array,
  shape: readonly number[],
  chunk: readonly number[],
  elementSize: number,
  level: number,
  outer: readonly number[],
  place: readonly number[],
  rows: number,
): void {
  const last = shape.length - 1;
  // Extent of the chunk inside the dataset along the dimensions that vary.
  const extent = shape
    .slice(level)
    .map((size, i) => (i === 0 ? rows : Math.min(chunk[level + i]!, size - place[level + i]! * chunk[level + i]!)));
  const line = extent.at(-1)! * elementSize;
  for (const at of indexes(extent.slice(0, -1))) {
    let from = 0;
    let to = 0;
    for (let d = 0; d <= last; d += 1) {
      const inner = d < level ? outer[d]! % chunk[d]! : (at[d - level] ?? 0);
      from = from * chunk[d]! + inner;
      if (d === level) to = inner;
      else if (d > level) to = to * shape[d]! + place[d]! * chunk[d]! + inner;
    }
    // A one-dimensional slab has a single line that begins at its start.
    slab.set(bytes.subarray(from * elementSize, from * elementSize + line), to * elementSize);
  }
}

/** Unpacks chunks and keeps the latest. */
class ChunkReader {
  readonly #file: H5File;
  readonly #dataset: Dataset;
  readonly #layout: ChunkedLayout;
  readonly #places: ReadonlyMap<number, ChunkPlace>;
  readonly #name: string;
  readonly #signal: AbortSignal | undefined;
  readonly #size: number;
  readonly #cache = new Map<number, Uint8Array>();

  constructor(
    file: H5File,
    dataset: Dataset,
    layout: ChunkedLayout,
    places: ReadonlyMap<number, ChunkPlace>,
    name: string,
    signal: AbortSignal | undefined,
  ) {
    this.#file = file;
    this.#dataset = dataset;
    this.#layout = layout;
    this.#places = places;
    this.#name = name;
    this.#signal = signal;
    this.#size = layout.chunk.reduce((product, size) => product * size, layout.elementSize);
  }

  async read(place: readonly number[], grid: ChunkGrid): Promise<Uint8Array | null> {
    const number = grid.number(place);
    const where = number === null ? undefined : this.#places.get(number);
    if (number === null || where === undefined) return null;
    const kept = this.#cache.get(number);
    if (kept !== undefined) return kept;
    const bytes = await this.#unpack(place, where);
    if ((this.#cache.size + 1) * this.#size > CACHE_MAX) {
      const [oldest] = this.#cache.keys();
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
    if (this.#size <= CACHE_MAX) this.#cache.set(number, bytes);
    return bytes;
  }

  async #unpack(place: readonly number[], { address, stored, mask }: ChunkPlace): Promise<Uint8Array> {
    // Filters make data smaller, or larger by a header; a stored size far beyond that is damage.
    if (stored > 2 * this.#size + 65_536)
      throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: this.#name, expected: this.#size, actual: stored });
    const start = this.#file.place(address, stored, `chunk of ${this.#name.slice(0, 200)}`);
    const bytes = await this.#file.source.read(start, start + stored, this.#signal);
    const edge = this.#layout.plainEdges && this.#reachesOver(place);
    return undoFilters(bytes, edge ? [] : this.#dataset.filters, mask, this.#size, this.#name);
  }

  #reachesOver(place: readonly number[]): boolean {
    const { shape } = this.#dataset.space;
    return place.some((at, d) => (at + 1) * this.#layout.chunk[d]! > shape[d]!);
  }
}
