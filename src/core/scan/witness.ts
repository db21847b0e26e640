import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { RangeCutter, type SharedRange } from '../hash/ranges.ts';
import { WITNESS_BYTES_MAX, WITNESS_PIECES_MAX } from '../limits.ts';

interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * What was read of a file before its pass, wherever in the file: tables at the end of archives, metadata in the middle.
 * The pass must see the same bytes; otherwise the description would be of one file and the digest of another.
 *
 * Kept up to `WITNESS_BYTES_MAX`; headers longer than that are vouched for by their digest (`HeaderGuard`).
 */
export class Witness {
  readonly source: ByteSource;
  readonly #pieces: Piece[] = [];
  #bytes = 0;
  #sealed = false;
  #cutter: RangeCutter | null = null;
  #ranges: readonly SharedRange[] = [];
  #changed = false;

  constructor(inner: ByteSource) {
    this.source = {
      name: inner.name,
      size: inner.size,
      random: inner.random,
      read: async (start, end, signal) => {
        const bytes = await inner.read(start, end, signal);
        this.#keep(start, bytes);
        return bytes;
      },
      stream: (start, end, signal) => inner.stream(start, end, signal),
      settle: (signal) => inner.settle(signal),
    };
  }

  /** The pass begins: what is read from now on is not kept. */
  seal(): void {
    this.#sealed = true;
    this.#pieces.sort((a, b) => a.start - b.start);
    this.#ranges = this.#pieces.map(({ start, bytes }) => ({ start, end: start + bytes.length, members: [] }));
    this.#cutter = new RangeCutter(this.#ranges);
  }

  /** Chunks come in order, after `seal`. */
  feed(chunk: Uint8Array, offset: number): void {
    if (this.#cutter === null) return;
    for (const { range, at, bytes } of this.#cutter.cut(chunk, offset)) {
      const seen = this.#pieces[range]!.bytes;
      for (let i = 0; i < bytes.length && !this.#changed; i++) this.#changed = bytes[i] !== seen[at + i];
    }
  }

  /** @throws AppError SOURCE_CHANGED {name, what: 'header'} */
  finish(): void {
    if (this.#changed) throw new AppError('SOURCE_CHANGED', { name: this.source.name, what: 'header' });
  }

  #keep(start: number, bytes: Uint8Array): void {
    if (this.#sealed || bytes.length === 0 || this.#pieces.length >= WITNESS_PIECES_MAX) return;
    if (this.#bytes + bytes.length > WITNESS_BYTES_MAX || this.#has(start, bytes.length)) return;
    this.#bytes += bytes.length;
    // A copy: what was read belongs to whoever asked.
    this.#pieces.push({ start, bytes: bytes.slice() });
  }

  /** Readers ask for the same place again and again, lately read ones most. */
  #has(start: number, length: number): boolean {
    return this.#pieces.slice(-8).some((p) => p.start <= start && start + length <= p.start + p.bytes.length);
  }
}
