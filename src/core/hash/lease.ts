type Taker = (chunk: Uint8Array) => void;

/**
 * A chunk that several readers look at: the reading loop and leaf digests on other threads. When the last lets go, the
 * memory goes on: back to where it came from (a ring of buffers in Node), or to whoever asked for it.
 */
export class ChunkLease {
  readonly chunk: Uint8Array;
  #next: Taker | undefined;
  #holders = 1;

  /** @param next gets the chunk in the end; absent: garbage collection does */
  constructor(chunk: Uint8Array, next?: Taker) {
    this.chunk = chunk;
    this.#next = next;
  }

  hold(): void {
    this.#holders++;
  }

  /** Hands the chunk to somebody else in the end: a thread that gets it for its own. */
  passOn(next: Taker): void {
    this.#next = next;
  }

  drop(): void {
    if (--this.#holders === 0) this.#next?.(this.chunk);
  }
}
