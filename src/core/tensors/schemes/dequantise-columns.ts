/**
 * GPTQ and AWQ store the transpose of the weight: what is a row of the result is a column of the packed words. The words
 * are held, or, where they are too many, read again for each stripe of columns.
 */
import { AppError } from '../../errors.ts';
import { TILE_VALUES } from '../../kernels/tile.ts';
import { SCHEME_ROWS_MAX } from '../../limits.ts';
import { canonicalNaN } from '../decode/codec.ts';
import type { Parts } from './parts.ts';
import type { ColumnsRecipe } from './scheme.ts';

/** The column of a word's eight that its i-th nibble belongs to (AutoAWQ's packing for its GEMM kernel). */
const AWQ_ORDER: readonly number[] = [0, 2, 4, 6, 1, 3, 5, 7];

/** Columns decoded together: reads of a word row share cache lines, and the rows they fill stay few. */
const COLUMNS_AT_ONCE = 32;

/** Collects values into tiles. */
class TileWriter {
  readonly #emit: (values: Float32Array) => void;
  readonly #tile = new Float32Array(TILE_VALUES);
  #filled = 0;

  constructor(emit: (values: Float32Array) => void) {
    this.#emit = emit;
  }

  write(values: Float32Array): void {
    for (let at = 0; at < values.length;) {
      const take = Math.min(values.length - at, TILE_VALUES - this.#filled);
      this.#tile.set(values.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === TILE_VALUES) this.flush();
    }
  }

  flush(): void {
    if (this.#filled === 0) return;
    const values = this.#tile.subarray(0, this.#filled);
    canonicalNaN(values);
    this.#emit(values);
    this.#filled = 0;
  }
}

/** Bytes [from, to) of every row of a part, as words. */
async function stripe(parts: Parts, name: string, rowBytes: number, from: number, to: number): Promise<Uint32Array> {
  const width = to - from;
  const rows = parts.entry(name).byteLength / rowBytes;
  const out = new Uint8Array(rows * width);
  let position = 0;
  for await (const chunk of parts.stream(name)) {
    const end = position + chunk.length;
    for (let row = Math.floor(position / rowBytes); row * rowBytes < end; row++) {
      const first = Math.max(row * rowBytes + from, position);
      const last = Math.min(row * rowBytes + to, end);
      if (first >= last) continue;
      out.set(chunk.subarray(first - position, last - position), row * width + (first - row * rowBytes - from));
    }
    position = end;
  }
  return new Uint32Array(out.buffer);
}

/** Code number `i` of a stream of bits whose words are `step` apart, the first at `at`. */
function streamCode(words: Uint32Array, at: number, step: number, bits: number, i: number): number {
  const bit = i * bits;
  const word = at + Math.floor(bit / 32) * step;
  const shift = bit % 32;
  const low = words[word]! >>> shift;
  const code = shift + bits > 32 ? low | (words[word + step]! << (32 - shift)) : low;
  return code & ((1 << bits) - 1);
}

/** Zero points [groups, n] as numbers. */
async function zeroPoints(recipe: ColumnsRecipe, parts: Parts): Promise<Float32Array> {
  const { groups, n, bits, packing, zeroOffset } = recipe;
  const bytes = await parts.whole(recipe.zeros);
  const words = new Uint32Array(bytes.buffer);
  const zeros = new Float32Array(groups * n);
  const perRow = words.length / groups;
  for (let g = 0; g < groups; g++) {
    for (let c = 0; c < n; c++) {
      const at = g * perRow;
      const code =
        packing === 'awq'
          ? (words[at + (c >> 3)]! >>> (4 * AWQ_ORDER.indexOf(c & 7))) & 15
          : streamCode(words, at, 1, bits, c);
      zeros[g * n + c] = code + zeroOffset;
    }
  }
  return zeros;
}

/** Group of every input row. @throws AppError FORMAT_BOUNDS when one does not exist */
async function groupOf(recipe: ColumnsRecipe, parts: Parts): Promise<Int32Array> {
  const { k, groups, groupSize, groupIndex } = recipe;
  parts.reserve(recipe.codes, 4 * k);
  if (groupIndex === undefined) return Int32Array.from({ length: k }, (_, i) => Math.floor(i / groupSize));
  const index = Int32Array.from((await parts.numbers(groupIndex)).all());
  const wrong = index.find((g) => g < 0 || g >= groups);
  if (wrong !== undefined) throw new AppError('FORMAT_BOUNDS', { name: groupIndex, group: wrong, groups });
  return index;
}

/** Codes of `count` columns beginning with column `from` of a stripe, each as a row of k. */
function unpack(
  recipe: ColumnsRecipe,
  words: Uint32Array,
  width: number,
  from: number,
  count: number,
  rows: Float32Array,
) {
  const { k, bits } = recipe;
  if (recipe.packing === 'awq') {
    for (let i = 0; i < k; i++) {
      for (let c = 0; c < count; c += 8) {
        const word = words[i * width + ((from + c) >> 3)]!;
        for (let nibble = 0; nibble < 8; nibble++) {
          rows[(c + AWQ_ORDER[nibble]!) * k + i] = (word >>> (4 * nibble)) & 15;
        }
      }
    }
    return;
  }
  const perWord = 32 / bits;
  if (!Number.isInteger(perWord)) {
    for (let c = 0; c < count; c++) {
      for (let i = 0; i < k; i++) rows[c * k + i] = streamCode(words, from + c, width, bits, i);
    }
    return;
  }
  const mask = (1 << bits) - 1;
  for (let i = 0; i < k; i += perWord) {
    for (let c = 0; c < count; c++) {
      let word = words[(i / perWord) * width + from + c]!;
      for (let at = c * k + i, end = at + perWord; at < end; at++) {
        rows[at] = word & mask;
        word >>>= bits;
      }
    }
  }
}

/**
 * @param emit receives the values tile by tile; a view that is valid during the call
 * @throws AppError FORMAT_TOO_LARGE; FORMAT_BOUNDS for a group that does not exist
 */
export async function dequantiseColumns(
  recipe: ColumnsRecipe,
  parts: Parts,
  emit: (values: Float32Array) => void,
): Promise<void> {
  const { k, n, packing } = recipe;
  const perWord = packing === 'awq' ? 8 : 1;
  const rowBytes = (n / perWord) * 4;
  const wordRows = parts.entry(recipe.codes).byteLength / rowBytes;
  if (4 * k * COLUMNS_AT_ONCE > SCHEME_ROWS_MAX) {
    throw new AppError('FORMAT_TOO_LARGE', {
      name: recipe.codes,
      bytes: 4 * k * COLUMNS_AT_ONCE,
      most: SCHEME_ROWS_MAX,
    });
  }
  parts.reserve(recipe.scales, 8 * recipe.groups * n);
  const scales = (await parts.numbers(recipe.scales)).all();
  const zeros = await zeroPoints(recipe, parts);
  const group = await groupOf(recipe, parts);
  const rows = new Float32Array(k * Math.min(COLUMNS_AT_ONCE, n));
  const writer = new TileWriter(emit);

  // As many columns at a time as may be held; nearly always that is all of them.
  const perBlock = (wordRows * 4 * COLUMNS_AT_ONCE) / perWord;
  const columns = Math.max(1, Math.floor(parts.most / perBlock)) * COLUMNS_AT_ONCE;
  for (let first = 0; first < n; first += columns) {
    const last = Math.min(n, first + columns);
    const words = await stripe(parts, recipe.codes, rowBytes, (first / perWord) * 4, (last / perWord) * 4);
    for (let c = first; c < last; c += COLUMNS_AT_ONCE) {
      const count = Math.min(COLUMNS_AT_ONCE, last - c);
      unpack(recipe, words, (last - first) / perWord, c - first, count, rows);
      for (let j = 0; j < count; j++) {
        const row = rows.subarray(j * k, (j + 1) * k);
        for (let i = 0; i < k;) {
          const g = group[i]!;
          const scale = scales[g * n + c + j]!;
          const zero = zeros[g * n + c + j]!;
          for (; i < k && group[i] === g; i++) row[i] = (row[i]! - zero) * scale;
        }
        writer.write(row);
      }
    }
  }
  writer.flush();
}
