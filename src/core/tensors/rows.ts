import type { Reductions } from '../kernels/kernels.ts';

/** Squared Euclidean norms of the rows of a matrix that comes by in tiles, row-major. */
export class RowSquares {
  readonly #columns: number;
  readonly #reductions: Reductions;
  readonly #row: (squares: number, row: number) => void;
  #column = 0;
  #open = 0;
  #index = 0;

  /** @param row called for each row once it is complete, in order */
  constructor(columns: number, reductions: Reductions, row: (squares: number, row: number) => void) {
    this.#columns = columns;
    this.#reductions = reductions;
    this.#row = row;
  }

  add(values: Float32Array): void {
    if (values.length === 0 || this.#columns === 0) return;
    const parts = this.#reductions.rowSquares(values, this.#columns, this.#column);
    const end = this.#column + values.length;
    const complete = Math.floor(end / this.#columns);
    for (let i = 0; i < parts.length; i++) {
      this.#open += parts[i]!;
      if (i >= complete) continue;
      this.#row(this.#open, this.#index++);
      this.#open = 0;
    }
    this.#column = end - complete * this.#columns;
  }
}
