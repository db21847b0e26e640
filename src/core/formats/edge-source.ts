import type { ByteSource } from '../bytes/source.ts';

/** Enough for the header of most safetensors files. */
const HEAD = 64 * 1024;
/** Enough for a ZIP end record with the longest comment. */
const TAIL = 64 * 1024 + 32;

/**
 * A source whose first and last 64 KiB are kept: every step of looking at a file asks for them, and over HTTP each
 * question would be a request.
 */
export class EdgeSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly random: boolean;
  readonly head: Uint8Array;
  /** Absent when the source cannot be read from the end. */
  readonly tail: Uint8Array | undefined;
  readonly #inner: ByteSource;

  private constructor(inner: ByteSource, head: Uint8Array, tail: Uint8Array | undefined) {
    this.name = inner.name;
    this.size = inner.size;
    this.random = inner.random;
    this.head = head;
    this.tail = tail;
    this.#inner = inner;
  }

  static async over(inner: ByteSource, signal?: AbortSignal): Promise<EdgeSource> {
    const { size } = inner;
    const head = await inner.read(0, Math.min(size, HEAD), signal);
    if (size <= HEAD) return new EdgeSource(inner, head, head);
    if (!inner.random) return new EdgeSource(inner, head, undefined);
    return new EdgeSource(inner, head, await inner.read(Math.max(0, size - TAIL), size, signal));
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    const inside = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end;
    // Copies: what is read belongs to whoever asked.
    if (inside && end <= this.head.length) return this.head.slice(start, end);
    const tail = this.tail;
    const tailStart = this.size - (tail?.length ?? 0);
    if (inside && tail !== undefined && start >= tailStart && end <= this.size) {
      return tail.slice(start - tailStart, end - tailStart);
    }
    return this.#inner.read(start, end, signal);
  }

  stream(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#inner.stream(start, end, signal);
  }

  settle(signal?: AbortSignal): Promise<void> {
    return this.#inner.settle(signal);
  }
}
