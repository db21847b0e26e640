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
  readonly #shift: number;
  #at = 0;

  /** @param shift added to every number, in float32 */
  constructor(elements: number, shift = 0) {
    this.values = new Float32Array(elements);
    this.#shift = shift;
  }

  tile(values: Float32Array): void {
    this.values.set(this.#shift === 0 ? values : values.map((x) => x + this.#shift), this.#at);
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

/** Sum of squares of chosen columns. */
export class ColumnSquares implements TensorVisitor {
  readonly #columns: number;
  readonly #wanted: readonly number[];
  #at = 0;
  sum = 0;

  /** @param wanted rising */
  constructor(columns: number, wanted: readonly number[]) {
    this.#columns = columns;
    this.#wanted = wanted;
  }

  tile(values: Float32Array): void {
    const columns = this.#columns;
    for (let row = Math.floor(this.#at / columns); row * columns < this.#at + values.length; row++) {
      for (const column of this.#wanted) this.sum += (values[row * columns + column - this.#at] ?? 0) ** 2;
    }
    this.#at += values.length;
  }

  done(): void {}
}

/** The samples WVC takes, of a tensor whose numbers lie in another order. */
export class PlacedSamples implements TensorVisitor {
  readonly values: Float32Array;
  readonly #places: Float64Array;
  readonly #into: readonly number[];
  #seen = 0;
  #taken = 0;

  /** @param place row-major index → index among the stored numbers */
  constructor(elements: number, place: (index: number) => number) {
    const { stride, count } = sampling(elements);
    this.values = new Float32Array(count);
    const places = Float64Array.from({ length: count }, (_, i) => place(i * stride));
    this.#into = Array.from({ length: count }, (_, i) => i).sort((a, b) => places[a]! - places[b]!);
    this.#places = Float64Array.from(this.#into, (i) => places[i]!);
  }

  tile(values: Float32Array): void {
    const end = this.#seen + values.length;
    for (; this.#taken < this.#into.length && this.#places[this.#taken]! < end; this.#taken++) {
      this.values[this.#into[this.#taken]!] = values[this.#places[this.#taken]! - this.#seen]!;
    }
    this.#seen = end;
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
