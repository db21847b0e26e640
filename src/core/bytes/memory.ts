import { throwIfAborted } from '../errors.ts';
import { streamByReads } from './chunks.ts';
import { checkRange } from './ranges.ts';
import type { ByteSource } from './source.ts';

/** Bytes already in memory: pasted text, built-in demo models, tests. Every read is a copy, as the contract asks. */
export class MemorySource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly random = true;
  readonly #bytes: Uint8Array;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, start, end);
    return this.#bytes.slice(start, end);
  }

  async *stream(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, start, end);
    yield* streamByReads((a, b) => this.read(a, b, signal), start, end, signal);
  }

  async settle(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
  }
}
