import { READ_CHUNK } from '../core/limits.ts';

/** Chunks kept for another use: two being read, one being hashed, the rest waiting for their leaves. */
const KEPT = 6;

/**
 * Chunks of shared memory, used over and over. A fresh 16 MiB costs the kernel as much (page faults, zeroing) as
 * reading a cached file into it; and what is shared needs no copy to be hashed on another thread.
 */
export class ChunkRing {
  readonly #free: Uint8Array[] = [];

  take(length: number): Uint8Array {
    const kept = length === READ_CHUNK ? this.#free.pop() : undefined;
    return kept ?? new Uint8Array(new SharedArrayBuffer(length));
  }

  /** Takes back a chunk that nobody reads any more. */
  give(chunk: Uint8Array): void {
    if (chunk.length === READ_CHUNK && this.#free.length < KEPT) this.#free.push(chunk);
  }
}
