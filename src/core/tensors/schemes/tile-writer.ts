import { TILE_VALUES } from '../../kernels/tile.ts';
import { canonicalNaN } from '../decode/codec.ts';

/** Collects values into tiles. */
export class TileWriter {
  readonly #emit: (values: Float32Array) => void;
  readonly #mayBeNaN: boolean;
  readonly #tile = new Float32Array(TILE_VALUES);
  #filled = 0;

  constructor(emit: (values: Float32Array) => void, mayBeNaN: boolean) {
    this.#emit = emit;
    this.#mayBeNaN = mayBeNaN;
  }

  write(values: Float32Array): void {
    for (let at = 0; at < values.length;) {
      // Whole tiles need no copy: what they are views of is written again only after this.
      if (this.#filled === 0 && values.length - at >= TILE_VALUES) {
        this.#out(values.subarray(at, at + TILE_VALUES));
        at += TILE_VALUES;
        continue;
      }
      const take = Math.min(values.length - at, TILE_VALUES - this.#filled);
      this.#tile.set(values.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === TILE_VALUES) this.flush();
    }
  }

  flush(): void {
    if (this.#filled === 0) return;
    const filled = this.#filled;
    this.#filled = 0;
    this.#out(this.#tile.subarray(0, filled));
  }

  #out(values: Float32Array): void {
    if (this.#mayBeNaN) canonicalNaN(values);
    this.#emit(values);
  }
}
