/** Sums over the numbers of a sequence of checkpoints, read side by side: all that any check of the sequence needs. */

export type Row = Float32Array | Float64Array;

/** Largest of each, not sums. */
const LARGEST = new Set(['linf', 'peak']);

/**
 * For M checkpoints W₀ … W_{M−1}: lists by checkpoint have M places, by segment M − 1 (segment i leads from W_i to
 * W_{i+1}), by turn M − 2 (turn i lies at W_{i+1}). Everything in float64, in the order of the numbers, so that equal
 * weights give equal sums to the last bit. Memory does not depend on how many numbers were added.
 */
export interface SequenceSums {
  /** Places at which every checkpoint has a finite number; only these enter the sums. */
  values: number;
  notFinite: number;
  /** Σ w², by checkpoint. */
  readonly square: Float64Array;
  /** Largest |w|, by checkpoint. */
  readonly peak: Float64Array;
  /** Σ w·u with u between 0 and 1 by the place of the number: equal weights give equal ones, and others hardly ever. */
  readonly projection: Float64Array;
  /** Σ (w − w₀)² and Σ (w − w_last)², by checkpoint. */
  readonly fromStart: Float64Array;
  readonly toEnd: Float64Array;
  /** Σ |δ|, Σ δ², largest |δ|, Σ w·w′, and how many places changed; by segment. */
  readonly l1: Float64Array;
  readonly l2: Float64Array;
  readonly linf: Float64Array;
  readonly product: Float64Array;
  readonly changed: Float64Array;
  /** Σ δ·δ′ of neighbouring segments, by turn. */
  readonly turn: Float64Array;
  /** Σ δ²·Σ δ′² ÷ values of each tensor, by turn: the variance `turn` would have, were both updates independent noise. */
  readonly turnVariance: Float64Array;
  /** What rounding to the stored type adds to Σ w², on average; by checkpoint. */
  readonly rounding: Float64Array;
}

/** @param count checkpoints, at least 2 */
export function emptySums(count: number): SequenceSums {
  const list = (length: number): Float64Array => new Float64Array(Math.max(0, length));
  return {
    values: 0,
    notFinite: 0,
    square: list(count),
    peak: list(count),
    projection: list(count),
    fromStart: list(count),
    toEnd: list(count),
    l1: list(count - 1),
    l2: list(count - 1),
    linf: list(count - 1),
    product: list(count - 1),
    changed: list(count - 1),
    turn: list(count - 2),
    turnVariance: list(count - 2),
    rounding: list(count),
  };
}

/** Adds `from` to `into`. */
export function addSums(into: SequenceSums, from: SequenceSums): void {
  into.values += from.values;
  into.notFinite += from.notFinite;
  for (const [name, list] of lists(into)) {
    const more = from[name];
    for (let i = 0; i < list.length; i++) {
      list[i] = LARGEST.has(name) ? Math.max(list[i]!, more[i]!) : list[i]! + more[i]!;
    }
  }
}

type ListName = Exclude<keyof SequenceSums, 'values' | 'notFinite'>;

function lists(sums: SequenceSums): readonly (readonly [ListName, Float64Array])[] {
  return Object.entries(sums).filter((entry): entry is [ListName, Float64Array] => entry[1] instanceof Float64Array);
}

/** Sums of one tensor. */
export class TensorSums {
  readonly #count: number;
  #sums: SequenceSums;
  /** Numbers that came by, finite or not. */
  #place = 0;

  constructor(count: number) {
    this.#count = count;
    this.#sums = emptySums(count);
  }

  /** Adds `length` places: checkpoint i has its numbers in `rows[i]` from `at[i]` on. */
  add(rows: readonly Row[], at: readonly number[], length: number): void {
    const before = this.#sums;
    const part = emptySums(this.#count);
    addFinite(part, rows, at, length, this.#place);
    this.#place += length;
    // A sum of squares is finite only when every number is.
    if (part.square.every(Number.isFinite)) addSums(before, part);
    else for (let n = 0; n < length; n++) this.#addPlace(rows, at, n, this.#place - length + n);
  }

  /**
   * @param roundingShare mean of (rounding error)² ÷ w² of the type in which each checkpoint stores it; see `rounding.ts`
   */
  result(roundingShare: readonly number[]): SequenceSums {
    const sums = this.#sums;
    for (let i = 0; i < sums.rounding.length; i++) sums.rounding[i] = sums.square[i]! * (roundingShare[i] ?? 0);
    for (let i = 0; i < sums.turn.length; i++) {
      sums.turnVariance[i] = sums.values > 0 ? (sums.l2[i]! * sums.l2[i + 1]!) / sums.values : 0;
    }
    return sums;
  }

  #addPlace(rows: readonly Row[], at: readonly number[], n: number, where: number): void {
    if (rows.every((row, i) => Number.isFinite(row[at[i]! + n]!))) {
      const one = emptySums(this.#count);
      addFinite(
        one,
        rows,
        at.map((place) => place + n),
        1,
        where,
      );
      addSums(this.#sums, one);
      return;
    }
    this.#sums.notFinite++;
    for (let i = 0; i + 1 < rows.length; i++) {
      if (!Object.is(rows[i]![at[i]! + n], rows[i + 1]![at[i + 1]! + n])) this.#sums.changed[i]!++;
    }
  }
}

/** One pass for each segment, with nothing in the loop but arithmetic. */
function addFinite(
  part: SequenceSums,
  rows: readonly Row[],
  at: readonly number[],
  length: number,
  place: number,
): void {
  const count = rows.length;
  part.values = length;
  squares(part, rows, at, length, 0, place);
  for (let i = 0; i + 1 < count; i++) {
    segment(part, rows, at, length, i);
    squares(part, rows, at, length, i + 1, place);
    if (i + 2 < count) turning(part, rows, at, length, i);
  }
}

/** Multiples of the golden ratio, without what is whole: spread evenly, and no two places alike (Weyl). */
const GOLDEN = 0.6180339887498949;

function squares(
  part: SequenceSums,
  rows: readonly Row[],
  at: readonly number[],
  length: number,
  i: number,
  place: number,
): void {
  const [row, first, last] = [rows[i]!, rows[0]!, rows.at(-1)!];
  const [a, b, c] = [at[i]!, at[0]!, at.at(-1)!];
  let square = 0;
  let peak = 0;
  let start = 0;
  let end = 0;
  let projection = 0;
  let u = (place * GOLDEN) % 1;
  for (let n = 0; n < length; n++) {
    const w = row[a + n]!;
    const s = w - first[b + n]!;
    const e = w - last[c + n]!;
    const own = w * w;
    square += own;
    peak = own > peak ? own : peak;
    start += s * s;
    end += e * e;
    projection += w * u;
    u += GOLDEN;
    if (u >= 1) u -= 1;
  }
  part.square[i] = square;
  part.peak[i] = Math.sqrt(peak);
  part.fromStart[i] = start;
  part.toEnd[i] = end;
  part.projection[i] = projection;
}

function segment(part: SequenceSums, rows: readonly Row[], at: readonly number[], length: number, i: number): void {
  const [row, next] = [rows[i]!, rows[i + 1]!];
  const [a, b] = [at[i]!, at[i + 1]!];
  let l1 = 0;
  let l2 = 0;
  let most = 0;
  let product = 0;
  let same = 0;
  for (let n = 0; n < length; n++) {
    const x = row[a + n]!;
    const y = next[b + n]!;
    const d = y - x;
    const size = d < 0 ? -d : d;
    l1 += size;
    l2 += d * d;
    most = size > most ? size : most;
    product += x * y;
    same += d === 0 ? 1 : 0;
  }
  part.l1[i] = l1;
  part.l2[i] = l2;
  part.linf[i] = most;
  part.product[i] = product;
  part.changed[i] = length - same;
}

function turning(part: SequenceSums, rows: readonly Row[], at: readonly number[], length: number, i: number): void {
  const [row, next, after] = [rows[i]!, rows[i + 1]!, rows[i + 2]!];
  const [a, b, c] = [at[i]!, at[i + 1]!, at[i + 2]!];
  let turn = 0;
  for (let n = 0; n < length; n++) {
    const y = next[b + n]!;
    turn += (y - row[a + n]!) * (after[c + n]! - y);
  }
  part.turn[i] = turn;
}
