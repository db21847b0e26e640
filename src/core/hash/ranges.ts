/** Byte ranges of a file that digests are wanted of, and the cutting of a stream of chunks into them. */
import { RANGES_OPEN_MAX } from '../limits.ts';

/** Where a tensor's bytes are: [start, start + byteLength). */
export interface Placed {
  readonly start: number;
  readonly byteLength: number;
}

/** A distinct range with the tensors that have it: `members` are positions in the list that was given. */
export interface SharedRange {
  readonly start: number;
  readonly end: number;
  readonly members: number[];
}

/**
 * The distinct ranges in order of their start. Two tensors over the very same bytes share one range.
 *
 * Left out, so that the digest of such a tensor stays unknown: what does not lie inside the file, and the ninth range
 * over one byte (`RANGES_OPEN_MAX`). Work and memory are therefore bounded by the size of the file, whatever the table
 * of a hostile file states.
 *
 * @param size length of the file in bytes
 */
export function distinctRanges(placed: readonly Placed[], size: number): SharedRange[] {
  const order = placed.map((_, i) => i).filter((i) => isInside(placed[i]!, size));
  order.sort((a, b) => placed[a]!.start - placed[b]!.start || placed[a]!.byteLength - placed[b]!.byteLength);
  const ranges: SharedRange[] = [];
  let open: number[] = [];
  let last: SharedRange | undefined;
  for (const i of order) {
    const { start, byteLength } = placed[i]!;
    const end = start + byteLength;
    if (last !== undefined && last.start === start && last.end === end) {
      last.members.push(i);
      continue;
    }
    last = { start, end, members: [i] };
    if (open.length > 0) open = open.filter((e) => e > start);
    if (open.length >= RANGES_OPEN_MAX) continue;
    if (end > start) open.push(end);
    ranges.push(last);
  }
  return ranges;
}

function isInside(p: Placed, size: number): boolean {
  return (
    Number.isSafeInteger(p.start) &&
    Number.isSafeInteger(p.byteLength) &&
    p.start >= 0 &&
    p.byteLength >= 0 &&
    p.byteLength <= size - p.start
  );
}

/** The piece of one range that lies in one chunk. */
export interface Piece {
  /** Position in the list of ranges. */
  readonly range: number;
  /** Bytes of the range before this piece. */
  readonly at: number;
  /** A view of the chunk, not a copy. */
  readonly bytes: Uint8Array;
}

/** Cuts chunks, which must come in order and without gaps, into the ranges they cover. Empty ranges have no pieces. */
export class RangeCutter {
  readonly #ranges: readonly SharedRange[];
  #next = 0;
  #open: number[] = [];

  constructor(ranges: readonly SharedRange[]) {
    this.#ranges = ranges;
  }

  /** @param offset of the chunk's first byte in the file */
  *cut(chunk: Uint8Array, offset: number): Generator<Piece, void, undefined> {
    const stop = offset + chunk.length;
    const still: number[] = [];
    for (const range of this.#open) {
      yield this.#piece(range, chunk, offset);
      if (this.#ranges[range]!.end > stop) still.push(range);
    }
    while (this.#next < this.#ranges.length && this.#ranges[this.#next]!.start < stop) {
      const range = this.#next++;
      const { start, end } = this.#ranges[range]!;
      if (start === end) continue;
      yield this.#piece(range, chunk, offset);
      if (end > stop) still.push(range);
    }
    this.#open = still;
  }

  #piece(range: number, chunk: Uint8Array, offset: number): Piece {
    const { start, end } = this.#ranges[range]!;
    const from = Math.max(start, offset);
    const to = Math.min(end, offset + chunk.length);
    return { range, at: from - start, bytes: chunk.subarray(from - offset, to - offset) };
  }
}
