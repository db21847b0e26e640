/** What is gathered from the values of one tensor while they stream by. */
import type { Kernels } from '../../kernels/kernels.ts';
import { RowSquares } from '../../tensors/rows.ts';
import type { TensorVisitor } from './tensor-stream.ts';
import { sampling } from './wvc.ts';

/** Several collectors over one reading. */
export function together(visitors: readonly TensorVisitor[]): TensorVisitor {
  return {
    tile: (values) => visitors.forEach((visitor) => visitor.tile(values)),
    done: () => visitors.forEach((visitor) => visitor.done()),
  };
}

/** The same, of values rounded to float16 first. */
export function asHalf(visitors: readonly TensorVisitor[]): TensorVisitor {
  const all = together(visitors);
  return { tile: (values) => all.tile(values.map(roundToHalf)), done: all.done };
}

/** The nearest float16, ties to even. */
function roundToHalf(value: number): number {
  const size = Math.abs(value);
  if (!(size < 65520)) return Number.isNaN(value) ? value : Math.sign(value) * Infinity;
  // One unit of the last of eleven bits; below 2^-14 numbers are subnormal and the unit stays the same.
  const unit = 2 ** (Math.max(Math.floor(Math.log2(size)), -14) - 10);
  const quotient = value / unit;
  const floor = Math.floor(quotient);
  const rest = quotient - floor;
  return (rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1) * unit;
}

/** All values, for norm vectors. */
export class Whole implements TensorVisitor {
  readonly values: Float32Array;
  #at = 0;

  constructor(elements: number) {
    this.values = new Float32Array(elements);
  }

  tile(values: Float32Array): void {
    this.values.set(values, this.#at);
    this.#at += values.length;
  }

  done(): void {}
}

/** Sum of squares. */
export class Squares implements TensorVisitor {
  readonly #kernels: Kernels;
  sum = 0;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  tile(values: Float32Array): void {
    this.sum += this.#kernels.squares(values);
  }

  done(): void {}
}

/** Evenly strided samples, as WVC takes them. */
export class Samples implements TensorVisitor {
  readonly values: Float32Array;
  readonly #stride: number;
  #seen = 0;
  #taken = 0;

  constructor(elements: number) {
    const { stride, count } = sampling(elements);
    this.#stride = stride;
    this.values = new Float32Array(count);
  }

  tile(values: Float32Array): void {
    let i = this.#taken * this.#stride - this.#seen;
    for (; i < values.length && this.#taken < this.values.length; i += this.#stride) {
      this.values[this.#taken++] = values[i]!;
    }
    this.#seen += values.length;
  }

  done(): void {}
}

/** L2 norms of all rows, and the rows of the anchors. */
export class Rows implements TensorVisitor {
  readonly norms: Float32Array;
  readonly #columns: number;
  readonly #squares: RowSquares;
  readonly #wanted: ReadonlyMap<number, Float32Array>;
  #at = 0;

  constructor(rows: number, columns: number, anchors: readonly number[], kernels: Kernels) {
    this.norms = new Float32Array(rows);
    this.#columns = columns;
    this.#wanted = new Map(anchors.map((row) => [row, new Float32Array(columns)]));
    this.#squares = new RowSquares(columns, kernels, (square, row) => (this.norms[row] = Math.sqrt(square)));
  }

  tile(values: Float32Array): void {
    if (this.#columns === 0) return;
    const first = Math.floor(this.#at / this.#columns);
    const last = Math.floor((this.#at + values.length - 1) / this.#columns);
    for (let row = first; row <= last; row++) {
      const into = this.#wanted.get(row);
      if (into === undefined) continue;
      const from = row * this.#columns - this.#at;
      const part = values.subarray(Math.max(0, from), from + this.#columns);
      into.set(part, Math.max(0, -from));
    }
    this.#squares.add(values);
    this.#at += values.length;
  }

  done(): void {}

  row(index: number): Float32Array {
    return this.#wanted.get(index)!;
  }
}
