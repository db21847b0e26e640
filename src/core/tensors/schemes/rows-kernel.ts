/** Scaling of decoded codes by the kernels module: the runs of a tile that share a scale are listed, and done in one call. */
import { AppError } from '../../errors.ts';
import { RUNS_MAX, type Kernels, type Runs } from '../../kernels/kernels.ts';

/** Where scales and the rest come from, by row of the tensor and place among the scales. */
export interface RowNumbers {
  readonly columns: number;
  /** Values of a row that share a scale. */
  readonly run: number;
  /** Scales of a row. */
  readonly width: number;
  /** Row of the scales for a row of the tensor. */
  shared(row: number): number;
  scale(index: number): number;
  zero?: (row: number, index: number) => number;
  extra?: (index: number) => number;
  readonly last: 'nothing' | 'add' | 'multiply';
}

export class RowsKernel {
  readonly #kernels: Kernels;
  readonly #by: RowNumbers;
  readonly #runs: Runs = {
    ends: new Int32Array(RUNS_MAX),
    scales: new Float32Array(RUNS_MAX),
    zeros: new Float32Array(RUNS_MAX),
    extras: new Float32Array(RUNS_MAX),
  };
  #row = 0;
  #column = 0;

  constructor(kernels: Kernels, by: RowNumbers) {
    this.#kernels = kernels;
    this.#by = by;
  }

  /**
   * Scales the values that come next, in place.
   *
   * @returns whether a scale or an extra was not finite, so that NaN may have come about
   * @throws AppError FORMAT_BOUNDS when a row has more runs than scales
   */
  next(values: Float32Array): boolean {
    const { columns, run, width, zero, extra, last } = this.#by;
    const { ends, scales, zeros, extras } = this.#runs;
    let odd = false;
    for (let done = 0; done < values.length;) {
      const begin = done;
      let count = 0;
      while (done < values.length && count < RUNS_MAX) {
        const group = Math.floor(this.#column / run);
        if (group >= width) throw new AppError('FORMAT_BOUNDS', { group, groups: width });
        const index = this.#by.shared(this.#row) * width + group;
        const scale = this.#by.scale(index);
        // Never beyond the row, and never beyond the values: what is left of a run waits for the next tile.
        const length = Math.min((group + 1) * run, columns) - this.#column;
        const take = Math.min(length, values.length - done);
        done += take;
        ends[count] = done - begin;
        scales[count] = scale;
        if (zero !== undefined) zeros[count] = zero(this.#row, index);
        if (scale - scale !== 0) odd = true;
        if (extra !== undefined) {
          const more = extra(index);
          extras[count] = more;
          if (more - more !== 0) odd = true;
        }
        count++;
        this.#column += take;
        if (this.#column === columns) {
          this.#column = 0;
          this.#row++;
        }
      }
      this.#kernels.rescale(values.subarray(begin, done), this.#runs, count, last);
    }
    return odd;
  }
}
