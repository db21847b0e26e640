import { AppError } from '../../errors.ts';
import type { PyValue } from './value.ts';

/**
 * The value stack with its marks, as CPython's C reader keeps it: nothing below the last mark can be popped.
 *
 * @throws AppError FORMAT_PICKLE from every method that finds too little
 */
export class PickleStack {
  readonly #values: PyValue[] = [];
  readonly #marks: number[] = [];

  get depth(): number {
    return this.#marks.length;
  }

  /** Values and marks together. */
  get size(): number {
    return this.#values.length + this.#marks.length;
  }

  push(value: PyValue): void {
    this.#values.push(value);
  }

  mark(): void {
    this.#marks.push(this.#values.length);
  }

  pop(): PyValue {
    if (this.#values.length <= this.#fence) throw underflow();
    return this.#values.pop()!;
  }

  /** POP removes a mark when nothing lies above it. */
  popOrUnmark(): void {
    if (this.#marks.length > 0 && this.#marks.at(-1) === this.#values.length) this.#marks.pop();
    else this.pop();
  }

  top(): PyValue {
    if (this.#values.length <= this.#fence) throw underflow();
    return this.#values.at(-1)!;
  }

  /** The last `count` values, in order, removed. */
  take(count: number): PyValue[] {
    if (this.#values.length - count < this.#fence) throw underflow();
    return this.#values.splice(this.#values.length - count, count);
  }

  /** Everything above the last mark, in order; the mark is removed too. */
  takeMarked(): PyValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new AppError('FORMAT_PICKLE', { reason: 'no mark on the stack' });
    return this.#values.splice(mark);
  }

  get #fence(): number {
    return this.#marks.at(-1) ?? 0;
  }
}

function underflow(): AppError {
  return new AppError('FORMAT_PICKLE', { reason: 'the stack is empty' });
}
