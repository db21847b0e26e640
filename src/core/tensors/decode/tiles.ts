/**
 * Cuts a stream of bytes into pieces of exactly `size` bytes, the last one shorter, wherever its chunks begin and end.
 * A piece that lies inside one chunk is a view of it; only one that crosses a border is copied.
 */
export class Tiles {
  readonly #size: number;
  /** Made when a piece first crosses a border: most tensors are small and arrive whole. */
  #carry: Uint8Array | null = null;
  #carried = 0;

  constructor(size: number) {
    this.#size = size;
  }

  push(chunk: Uint8Array, piece: (bytes: Uint8Array) => void): void {
    let at = 0;
    if (this.#carry !== null && this.#carried > 0) {
      at = Math.min(chunk.length, this.#size - this.#carried);
      this.#carry.set(chunk.subarray(0, at), this.#carried);
      this.#carried += at;
      if (this.#carried < this.#size) return;
      this.#carried = 0;
      piece(this.#carry);
    }
    for (; at + this.#size <= chunk.length; at += this.#size) piece(chunk.subarray(at, at + this.#size));
    if (at < chunk.length) {
      this.#carry ??= new Uint8Array(this.#size);
      this.#carry.set(chunk.subarray(at));
      this.#carried = chunk.length - at;
    }
  }

  /** Hands out what is left. */
  end(piece: (bytes: Uint8Array) => void): void {
    if (this.#carry !== null && this.#carried > 0) piece(this.#carry.subarray(0, this.#carried));
    this.#carried = 0;
  }
}
