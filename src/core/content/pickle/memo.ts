import type { PyValue } from './value.ts';

/** Slots kept in an array; what lies further out, as no honest writer puts it, goes into a map. */
const DENSE_SLACK = 1024;

/** The memo table of one stream: any index may be given, only what is stored takes memory. */
export class Memo {
  readonly #dense: (PyValue | undefined)[] = [];
  readonly #sparse = new Map<number, PyValue>();
  #count = 0;

  /** Stored slots, which is the index MEMOIZE uses. */
  get count(): number {
    return this.#count;
  }

  get(index: number): PyValue | undefined {
    return index < this.#dense.length ? this.#dense[index] : this.#sparse.get(index);
  }

  set(index: number, value: PyValue): void {
    if (this.get(index) === undefined) this.#count += 1;
    if (index < this.#dense.length) this.#dense[index] = value;
    else if (index <= this.#dense.length + DENSE_SLACK && !this.#sparse.has(index)) {
      while (this.#dense.length < index) {
        const waiting = this.#sparse.get(this.#dense.length);
        this.#sparse.delete(this.#dense.length);
        this.#dense.push(waiting);
      }
      this.#dense.push(value);
    } else this.#sparse.set(index, value);
  }
}
