import type { ByteSource } from '../bytes/source.ts';

/**
 * Separate pieces of a file that are told apart. A reader of scattered metadata may ask for more; then gaps between
 * neighbouring pieces count as read, never more than the file.
 */
const PIECES_MAX = 4096;

/**
 * The same source, with a count of the bytes that were delivered: each byte of the file once, however often it was asked
 * for, because headers are read before the body and again with it.
 */
export function counted(inner: ByteSource): { readonly source: ByteSource; read(): number } {
  const covered = new Covered();
  const source: ByteSource = {
    name: inner.name,
    size: inner.size,
    random: inner.random,
    async read(start, end, signal) {
      const result = await inner.read(start, end, signal);
      covered.add(start, start + result.length);
      return result;
    },
    async *stream(start, end, signal) {
      let at = start;
      for await (const chunk of inner.stream(start, end, signal)) {
        covered.add(at, at + chunk.length);
        at += chunk.length;
        yield chunk;
      }
    },
    settle: (signal) => inner.settle(signal),
  };
  return { source, read: () => covered.bytes() };
}

/** Pieces in order, apart from each other. */
class Covered {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  add(start: number, end: number): void {
    if (end <= start) return;
    // Pieces that touch or overlap the new one: [first, last).
    const first = countBelow(this.#ends, start);
    const last = countBelow(this.#starts, end + 1);
    if (last > first) {
      start = Math.min(start, this.#starts[first]!);
      end = Math.max(end, this.#ends[last - 1]!);
    } else if (this.#starts.length >= PIECES_MAX) {
      this.#stretch(first, start, end);
      return;
    }
    this.#starts.splice(first, last - first, start);
    this.#ends.splice(first, last - first, end);
  }

  bytes(): number {
    return this.#ends.reduce((sum, end, i) => sum + end - this.#starts[i]!, 0);
  }

  /** Joins a new piece with the one before it, or after it when there is none before. */
  #stretch(place: number, start: number, end: number): void {
    if (place > 0) this.#ends[place - 1] = end;
    else this.#starts[0] = start;
  }
}

/** How many of the rising numbers are below `limit`. */
function countBelow(rising: readonly number[], limit: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (rising[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
