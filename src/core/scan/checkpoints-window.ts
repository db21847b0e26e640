/** Small reads: many files are held open side by side, and each may hold only its share of the memory. */
import type { ByteSource } from '../bytes/source.ts';
import { throwIfAborted } from '../errors.ts';

/** Bytes read ahead over all checkpoints together. */
const READ_AHEAD = 64 * 1024 * 1024;
const SMALLEST = 128 * 1024;
const LARGEST = 4 * 1024 * 1024;

/** Bytes of one read when `count` files are read side by side. */
export function windowOf(count: number): number {
  return Math.max(SMALLEST, Math.min(LARGEST, Math.floor(READ_AHEAD / count)));
}

export class WindowedSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly random: boolean;
  readonly #source: ByteSource;
  readonly #window: number;

  constructor(source: ByteSource, window: number) {
    this.name = source.name;
    this.size = source.size;
    this.random = source.random;
    this.#source = source;
    this.#window = window;
  }

  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#source.read(start, end, signal);
  }

  /** One read after the other, none ahead. */
  async *stream(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = start; at < end; at += this.#window) {
      throwIfAborted(signal);
      yield await this.#source.read(at, Math.min(end, at + this.#window), signal);
    }
  }

  settle(signal?: AbortSignal): Promise<void> {
    return this.#source.settle(signal);
  }
}
