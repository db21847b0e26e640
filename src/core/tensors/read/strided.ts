import type { ByteSource } from '../../bytes/source.ts';
import { AppError, throwIfAborted } from '../../errors.ts';
import { STRIDED_HELD_MAX } from '../../limits.ts';
import { aligned } from '../decode/codec.ts';
import { Tiles } from '../decode/tiles.ts';
import { elementCount } from '../dtypes.ts';

/** Bytes looked at between two chances for others. A multiple of every element. */
const PIECE = 1024 * 1024;

/** A dimension of what is put together: length, step in the source and step in the result, in elements. */
interface Axis {
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Row-major stored bytes of a view with strides (a transposed matrix, every other row, columns first).
 *
 * What fits into `held` is put together in one pass over the span it lies in; a larger view takes one such pass per
 * `held` bytes of result. Memory is `held` and a few chunks, whatever the size.
 *
 * @param start offset in the source of element [0, 0, …]
 * @param strides elements between neighbours along each dimension, not negative
 * @param size bytes of one element: 1, 2, 4, 8 or 16
 * @throws AppError ENGINE_UNSUPPORTED for negative strides or other element sizes; SOURCE_* as the source does
 */
export async function* stridedBytes(
  source: ByteSource,
  start: number,
  shape: readonly number[],
  strides: readonly number[],
  size: number,
  signal?: AbortSignal,
  held: number = STRIDED_HELD_MAX,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (![1, 2, 4, 8, 16].includes(size) || strides.length !== shape.length || strides.some((step) => !(step >= 0))) {
    throw new AppError('ENGINE_UNSUPPORTED', { what: 'strides', size });
  }
  if (elementCount(shape) === 0) return;
  if (size > 4) {
    // Words that lie next to each other: a number could lose the payload of a NaN on its way.
    const words = size / 4;
    const apart = strides.map((step) => words * step);
    yield* stridedBytes(source, start, [...shape, words], [...apart, 1], 4, signal, held);
    return;
  }
  const most = Math.max(1, Math.floor(held / size));
  // Dimensions after `along` are taken whole, `along` in stripes, those before it one index at a time.
  let along = shape.length - 1;
  let inner = 1;
  while (along > 0 && inner * shape[along]! <= most) inner *= shape[along--]!;
  const length = shape[along] ?? 1;
  const step = strides[along] ?? 1;
  const rows = Math.max(1, Math.min(length, Math.floor(most / inner)));
  for (const base of starts(shape.slice(0, Math.max(0, along)), strides)) {
    for (let row = 0; row < length; row += rows) {
      const box = axes([Math.min(rows, length - row), ...shape.slice(along + 1)], [step, ...strides.slice(along + 1)]);
      yield await gather(source, start + (base + row * step) * size, box, size, signal);
    }
  }
}

/** Where each index of the outer dimensions begins, in elements. */
function* starts(shape: readonly number[], strides: readonly number[]): Generator<number, void, undefined> {
  const index = shape.map(() => 0);
  for (;;) {
    yield index.reduce((sum, i, d) => sum + i * strides[d]!, 0);
    let d = shape.length - 1;
    while (d >= 0 && ++index[d]! === shape[d]) index[d--] = 0;
    if (d < 0) return;
  }
}

/** The dimensions by falling step in the source, with where they go in a dense row-major result. */
function axes(shape: readonly number[], strides: readonly number[]): readonly Axis[] {
  let to = 1;
  const list: Axis[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d]! > 1) list.push({ length: shape[d]!, from: strides[d]!, to });
    to *= shape[d]!;
  }
  return list.sort((a, b) => b.from - a.from);
}

async function gather(
  source: ByteSource,
  start: number,
  box: readonly Axis[],
  size: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const count = box.reduce((product, { length }) => product * length, 1);
  /** Elements from the first to the last of dimensions i and after. */
  const spans = box.map((_, i) => box.slice(i).reduce((sum, { length, from }) => sum + (length - 1) * from, 0));
  const out = new Uint8Array(count * size);
  const put = placer(out, box, spans, size);
  const tiles = new Tiles(PIECE);
  let at = 0;
  const piece = (bytes: Uint8Array): void => {
    put(aligned(bytes, size), at);
    at += bytes.length / size;
  };
  for await (const chunk of source.stream(start, start + ((spans[0] ?? 0) + 1) * size, signal)) {
    for (let done = 0; done < chunk.length; done += PIECE) {
      throwIfAborted(signal);
      tiles.push(chunk.subarray(done, done + PIECE), piece);
    }
  }
  tiles.end(piece);
  return out;
}

type Elements = Uint8Array | Uint16Array | Uint32Array;

function elementsOf(bytes: Uint8Array, size: number): Elements {
  const count = bytes.length / size;
  if (size === 4) return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
  return size === 2 ? new Uint16Array(bytes.buffer, bytes.byteOffset, count) : bytes;
}

/** Puts every element of the box that lies in a piece of the source at its place. */
function placer(
  out: Uint8Array,
  box: readonly Axis[],
  spans: readonly number[],
  size: number,
): (piece: Uint8Array, first: number) => void {
  const target = elementsOf(out, size);
  return (piece, first) => {
    const elements = elementsOf(piece, size);
    const end = first + elements.length;
    const visit = (axis: number, from: number, to: number): void => {
      const here = box[axis];
      if (here === undefined) {
        if (from >= first && from < end) target[to] = elements[from - first]!;
        return;
      }
      // Only indices whose elements reach into the piece.
      const low = here.from === 0 ? 0 : Math.max(0, Math.ceil((first - (spans[axis + 1] ?? 0) - from) / here.from));
      const high =
        here.from === 0 ? here.length - 1 : Math.min(here.length - 1, Math.floor((end - 1 - from) / here.from));
      if (axis < box.length - 1) {
        for (let i = low; i <= high; i++) visit(axis + 1, from + i * here.from, to + i * here.to);
        return;
      }
      if (here.from === 0 && (from < first || from >= end)) return;
      for (let i = low, a = from + low * here.from - first, b = to + low * here.to; i <= high; i++) {
        target[b] = elements[a]!;
        a += here.from;
        b += here.to;
      }
    };
    visit(0, 0, 0);
  };
}
