/** Stored bytes of many tensors of a model, one after the other, read forward wherever their order allows it. */
import type { ByteSource } from '../bytes/source.ts';
import { throwIfAborted } from '../errors.ts';

/** Bytes [start, end) of a file. */
export interface Piece {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;
}

/** Bytes between two pieces that are read and thrown away rather than asked for separately. */
const GAP_MAX = 4 * 1024 * 1024;

/**
 * Pieces are announced in the order in which they will be asked for. Neighbours in one file, forward and without large
 * gaps, share one stream; whatever goes backward or elsewhere begins another. Two models whose files have the same order
 * are thus read like two files side by side, and others tensor by tensor. Memory is the few chunks of one stream.
 */
export class ForwardReader {
  readonly #pieces: readonly Piece[];
  readonly #signal: AbortSignal;
  /** For each piece, where the stream that it belongs to ends. */
  readonly #ends: readonly number[];
  #stream: { readonly source: ByteSource; readonly chunks: AsyncIterator<Uint8Array>; at: number; end: number } | null =
    null;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(pieces: readonly Piece[], signal: AbortSignal) {
    this.#pieces = pieces;
    this.#signal = signal;
    const ends: number[] = [];
    for (let i = pieces.length - 1; i >= 0; i--) {
      const [here, next] = [pieces[i]!, pieces[i + 1]];
      ends[i] = next !== undefined && follows(here, next) ? ends[i + 1]! : here.end;
    }
    this.#ends = ends;
  }

  /** The bytes of piece `i`, in chunks that are views of what was read. Pieces are asked for in order, each once. */
  async *read(i: number): AsyncGenerator<Uint8Array, void, undefined> {
    const { source, start, end } = this.#pieces[i]!;
    if (start === end) return;
    await this.#open(source, start, this.#ends[i]!);
    const stream = this.#stream!;
    while (stream.at < end) {
      throwIfAborted(this.#signal);
      if (this.#rest.length === 0 && !(await this.#more())) return;
      // What lies between the last piece and this one.
      const skip = Math.min(Math.max(0, start - stream.at), this.#rest.length);
      const take = Math.min(this.#rest.length - skip, Math.max(0, end - stream.at - skip));
      const piece = this.#rest.subarray(skip, skip + take);
      this.#rest = this.#rest.subarray(skip + take);
      stream.at += skip + take;
      if (piece.length > 0) yield piece;
    }
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    this.#rest = new Uint8Array(0);
    await stream?.chunks.return?.();
  }

  async #open(source: ByteSource, start: number, end: number): Promise<void> {
    const now = this.#stream;
    // The one before may not have been read to its end: then it is skipped, or its stream is given up.
    if (now !== null && now.source === source && now.at <= start && start - now.at <= GAP_MAX && end <= now.end) return;
    await this.close();
    const chunks = source.stream(start, end, this.#signal)[Symbol.asyncIterator]();
    this.#stream = { source, chunks, at: start, end };
  }

  async #more(): Promise<boolean> {
    const next = await this.#stream!.chunks.next();
    if (next.done === true) return false;
    this.#rest = next.value;
    return true;
  }
}

function follows(here: Piece, next: Piece): boolean {
  return next.source === here.source && next.start >= here.end && next.start - here.end <= GAP_MAX;
}

/** Equal bytes; on the command line a native comparison may stand in for it. */
export type EqualBytes = (a: Uint8Array, b: Uint8Array) => boolean;

/** Four bytes at a time; what does not lie at a multiple of four is copied first, which is the lesser cost. */
export const equalBytes: EqualBytes = (a, b) => {
  if (a.length !== b.length) return false;
  const words = Math.floor(a.length / 4);
  const [x, y] = [inWords(a, words), inWords(b, words)];
  for (let i = 0; i < words; i++) if (x[i] !== y[i]) return false;
  for (let i = words * 4; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

function inWords(bytes: Uint8Array, words: number): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, words);
}
