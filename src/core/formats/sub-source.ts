import { checkRange } from '../bytes/ranges.ts';
import type { ByteSource } from '../bytes/source.ts';

/** Bytes [start, end) of another source as a source of their own: an uncompressed entry of an archive. */
export class SubSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly random: boolean;
  readonly #inner: ByteSource;
  readonly #start: number;

  constructor(inner: ByteSource, name: string, start: number, end: number) {
    checkRange(inner.name, inner.size, start, end);
    this.name = name;
    this.size = end - start;
    this.random = inner.random;
    this.#inner = inner;
    this.#start = start;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRange(this.name, this.size, start, end);
    return this.#inner.read(this.#start + start, this.#start + end, signal);
  }

  stream(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    checkRange(this.name, this.size, start, end);
    return this.#inner.stream(this.#start + start, this.#start + end, signal);
  }

  settle(signal?: AbortSignal): Promise<void> {
    return this.#inner.settle(signal);
  }
}
