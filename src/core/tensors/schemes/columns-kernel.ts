/** Packed columns by the kernels module: a few columns and a few thousand rows at a time. */
import { COLUMN_PACKINGS, RUNS_MAX, type ColumnPacking, type Kernels, type Runs } from '../../kernels/kernels.ts';
import { TILE_VALUES } from '../../kernels/tile.ts';
import type { ColumnsRecipe } from './scheme.ts';

/** Columns unpacked together: whole cache lines of a row of words, and results that stay in the second-level cache. */
const GPTQ_COLUMNS = 32;
const AWQ_COLUMNS = 64;

/** Scales and zero points [groups, n], and for every input row its group and where the run of that group ends. */
export interface ColumnScales {
  readonly scales: Float32Array;
  readonly zeros: Float32Array;
  readonly group: Int32Array;
  readonly ends: Int32Array;
}

/** Which kernel unpacks this layout, or null for extents that it does not take. */
function packingOf({ packing, bits, n, k, groups }: ColumnsRecipe): ColumnPacking | null {
  const gptq = { 2: 'gptq2', 3: 'gptq3', 4: 'gptq4', 8: 'gptq8' } as const;
  const name = packing === 'awq' ? 'awq' : (gptq[bits as keyof typeof gptq] ?? null);
  if (name === null) return null;
  const { columns, unit } = COLUMN_PACKINGS[name];
  return n % columns === 0 && k % unit === 0 && groups * columns <= TILE_VALUES ? name : null;
}

export class ColumnsKernel {
  /** Columns of one block. */
  readonly columns: number;
  readonly #recipe: ColumnsRecipe;
  readonly #kernels: Kernels;
  readonly #packing: ColumnPacking;
  readonly #by: ColumnScales;
  /** Rows of one call: with its columns they fill a tile. */
  readonly #chunk: number;
  readonly #words: Int32Array;
  readonly #runs: Runs;
  /** Groups that change within a word: codes are unpacked alone, and scaled by the group of each row. */
  readonly #scattered: boolean;

  private constructor(recipe: ColumnsRecipe, kernels: Kernels, packing: ColumnPacking, by: ColumnScales) {
    const { columns, unit, bits } = COLUMN_PACKINGS[packing];
    this.#recipe = recipe;
    this.#kernels = kernels;
    this.#packing = packing;
    this.#by = by;
    this.columns = Math.min(recipe.n, packing === 'awq' ? AWQ_COLUMNS : GPTQ_COLUMNS);
    this.#chunk = Math.min(recipe.k, TILE_VALUES / columns);
    this.#words = new Int32Array(
      packing === 'awq' ? (this.#chunk * this.columns) / 8 : (this.#chunk * bits * this.columns) / 32,
    );
    let runs = 0;
    let whole = true;
    for (let row = 0; row < recipe.k; row = by.ends[row]!) {
      runs++;
      if (by.ends[row]! % unit !== 0) whole = false;
    }
    this.#scattered = !whole || runs > RUNS_MAX / columns;
    const numbers = this.#scattered ? Math.max(1, recipe.groups) * columns : 2 * RUNS_MAX;
    this.#runs = {
      ends: new Int32Array(RUNS_MAX),
      scales: new Float32Array(numbers),
      zeros: new Float32Array(numbers),
      extras: new Float32Array(0),
    };
  }

  /** Null where no kernel knows the layout. */
  static create(recipe: ColumnsRecipe, kernels: Kernels | undefined, by: ColumnScales): ColumnsKernel | null {
    const packing = packingOf(recipe);
    return kernels === undefined || packing === null ? null : new ColumnsKernel(recipe, kernels, packing, by);
  }

  /**
   * Values of `count` columns from `column` on, each as a row of k.
   *
   * @param words of a stripe of columns, `width` words to a word row, the first of them column `start`
   * @param rows receives count * k values
   */
  block(words: Int32Array, width: number, start: number, column: number, count: number, rows: Float32Array): void {
    const { k, packing } = this.#recipe;
    const { columns } = COLUMN_PACKINGS[this.#packing];
    for (let first = 0; first < k; first += this.#chunk) {
      const length = Math.min(this.#chunk, k - first);
      const runs = this.#scattered ? 0 : this.#ends(first, length);
      if (packing === 'awq') this.#gatherRows(words, width, (column - start) / 8, count / 8, first, length);
      else this.#gatherWords(words, width, column - start, count, first, length);
      for (let c = 0; c < count; c += columns) {
        const values = this.#unpack(c, column + c, first, length, runs);
        for (let j = 0; j < columns; j++) rows.set(values.subarray(j * length, (j + 1) * length), (c + j) * k + first);
      }
    }
  }

  #unpack(c: number, column: number, first: number, length: number, runs: number): Float32Array {
    const { columns, bits } = COLUMN_PACKINGS[this.#packing];
    const { scales, zeros, ends } = this.#runs;
    const size = this.#packing === 'awq' ? length : ((length * bits) / 32) * columns;
    const place = (c / columns) * size;
    const words = this.#words.subarray(place, place + size);
    if (!this.#scattered) {
      this.#ofRuns(column, first, runs);
      return this.#kernels.columns(this.#packing, words, length, this.#runs, runs);
    }
    ends[0] = length;
    scales.fill(1, 0, columns);
    zeros.fill(0, 0, columns);
    const values = this.#kernels.columns(this.#packing, words, length, this.#runs, 1);
    this.#ofGroups(column);
    this.#kernels.regroup(values, this.#by.group.subarray(first, first + length), scales, zeros, this.#recipe.groups);
    return values;
  }

  /** For each run of rows the numbers of the columns. */
  #ofRuns(column: number, first: number, runs: number): void {
    const { columns } = COLUMN_PACKINGS[this.#packing];
    const { scales, zeros, ends } = this.#runs;
    const by = this.#by;
    for (let r = 0, row = first, to = 0; r < runs; r++, row = first + ends[r - 1]!) {
      const from = by.group[row]! * this.#recipe.n + column;
      for (let j = 0; j < columns; j++, to++) {
        scales[to] = by.scales[from + j]!;
        zeros[to] = by.zeros[from + j]!;
      }
    }
  }

  /** For each column the numbers of all groups. */
  #ofGroups(column: number): void {
    const { columns } = COLUMN_PACKINGS[this.#packing];
    const { groups, n } = this.#recipe;
    const { scales, zeros } = this.#runs;
    for (let j = 0, to = 0; j < columns; j++) {
      for (let g = 0, from = column + j; g < groups; g++, from += n, to++) {
        scales[to] = this.#by.scales[from]!;
        zeros[to] = this.#by.zeros[from]!;
      }
    }
  }

  /** Ends of the runs of equal groups in [first, first + length), counted from `first`. */
  #ends(first: number, length: number): number {
    const { ends } = this.#by;
    let count = 0;
    for (let row = first; row < first + length; row = ends[row]!) {
      this.#runs.ends[count++] = Math.min(ends[row]! - first, length);
    }
    return count;
  }

  /** GPTQ: words of four columns side by side, one list for each four. */
  #gatherWords(words: Int32Array, width: number, from: number, count: number, first: number, length: number): void {
    const { bits } = COLUMN_PACKINGS[this.#packing];
    const own = this.#words;
    const list = (length * bits) / 8;
    const last = ((first + length) * bits) / 32;
    for (
      let row = (first * bits) / 32, at = row * width + from, place = 0;
      row < last;
      row++, at += width, place += 4
    ) {
      for (let c = at, to = place, end = at + count; c < end; c += 4, to += list) {
        own[to] = words[c]!;
        own[to + 1] = words[c + 1]!;
        own[to + 2] = words[c + 2]!;
        own[to + 3] = words[c + 3]!;
      }
    }
  }

  /** AWQ: words of successive rows side by side, one list for eight columns. */
  #gatherRows(words: Int32Array, width: number, from: number, count: number, first: number, length: number): void {
    const own = this.#words;
    for (let row = 0, at = first * width + from; row < length; row++, at += width) {
      for (let w = 0, to = row; w < count; w++, to += length) own[to] = words[at + w]!;
    }
  }
}
