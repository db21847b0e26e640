/**
 * A chunk that several readers look at: the reading loop and leaf digests on other threads. When the last lets go, the
 * memory goes back to where it came from, if that wants it.
 */
export class ChunkLease {
  readonly chunk: Uint8Array;
  readonly #recycle: ((chunk: Uint8Array) => void) | undefined;
  #holders = 1;

  constructor(chunk: Uint8Array, recycle?: (chunk: Uint8Array) => void) {
    this.chunk = chunk;
    this.#recycle = recycle;
  }

  hold(): void {
    this.#holders++;
  }

  drop(): void {
    if (--this.#holders === 0) this.#recycle?.(this.chunk);
  }
}
