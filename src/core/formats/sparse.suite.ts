import { streamByReads } from '../bytes/chunks.ts';
import { checkRange } from '../bytes/ranges.ts';
import type { ByteSource } from '../bytes/source.ts';

/** A file of any size made of a few pieces; the rest is zeros. Counts what is read of it. */
export class SparseSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly random = true;
  bytesRead = 0;
  readonly #pieces: readonly { readonly at: number; readonly bytes: Uint8Array }[];

  constructor(name: string, size: number, pieces: readonly { readonly at: number; readonly bytes: Uint8Array }[]) {
    this.name = name;
    this.size = size;
    this.#pieces = pieces;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    checkRange(this.name, this.size, start, end);
    this.bytesRead += end - start;
    const out = new Uint8Array(end - start);
    for (const { at, bytes } of this.#pieces) {
      const from = Math.max(start, at);
      const to = Math.min(end, at + bytes.length);
      if (from < to) out.set(bytes.subarray(from - at, to - at), from - start);
    }
    return out;
  }

  stream(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return streamByReads((a, b) => this.read(a, b), start, end, signal);
  }

  async settle(): Promise<void> {}
}
