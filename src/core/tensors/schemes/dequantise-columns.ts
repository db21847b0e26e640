/**
 * GPTQ and AWQ store the transpose of the weight: what is a row of the result is a column of the packed words. The words
 * are held, or, where they are too many, read again for each stripe of columns.
 */
import { AppError } from '../../errors.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { SCHEME_ROWS_MAX } from '../../limits.ts';
import { ColumnsKernel, type ColumnScales } from './columns-kernel.ts';
import type { Parts } from './parts.ts';
import type { ColumnsRecipe } from './scheme.ts';
import { TileWriter } from './tile-writer.ts';

/** The column of a word's eight that its i-th nibble belongs to (AutoAWQ's packing for its GEMM kernel). */
const AWQ_ORDER: readonly number[] = [0, 2, 4, 6, 1, 3, 5, 7];

/** Columns decoded together: reads of a word row share cache lines, and the rows they fill stay few. */
const COLUMNS_AT_ONCE = 32;
/** By any way. */
const COLUMNS_MOST = 64;

/**
 * Floats between the ends of rows that are filled side by side: rows of a power of two would all fall into the same few
 * lines of the first-level cache.
 */
const PADDING = 16;

/** Bytes [from, to) of every row of a part, as words. */
async function stripe(parts: Parts, name: string, rowBytes: number, from: number, to: number): Promise<Int32Array> {
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
  // Signed: a number of 32 unsigned bits is a double to the engine, and slow to shift.
  return new Int32Array(out.buffer);
}

/** Code number `i` of a stream of bits whose words are `step` apart, the first at `at`. */
function streamCode(words: Int32Array, at: number, step: number, bits: number, i: number): number {
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
  const words = new Int32Array(bytes.buffer);
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
  parts.reserve(recipe.codes, 8 * k);
  if (groupIndex === undefined) return Int32Array.from({ length: k }, (_, i) => Math.floor(i / groupSize));
  const index = Int32Array.from((await parts.numbers(groupIndex)).all());
  const wrong = index.find((g) => g < 0 || g >= groups);
  if (wrong !== undefined) throw new AppError('FORMAT_BOUNDS', { name: groupIndex, group: wrong, groups });
  return index;
}

/** For every place, where the run of equal groups that it is in ends. */
function runEnds(group: Int32Array): Int32Array {
  const ends = new Int32Array(group.length);
  for (let i = group.length - 1; i >= 0; i--) ends[i] = group[i] === group[i + 1] ? ends[i + 1]! : i + 1;
  return ends;
}

/** Codes of `count` columns beginning with column `from` of a stripe, each as a row of k, `k + PADDING` apart. */
function unpack(
  recipe: ColumnsRecipe,
  words: Int32Array,
  width: number,
  from: number,
  count: number,
  rows: Float32Array,
) {
  const { k, bits } = recipe;
  const stride = k + PADDING;
  if (recipe.packing === 'awq') {
    for (let i = 0; i < k; i++) {
      for (let c = 0; c < count; c += 8) {
        const word = words[i * width + ((from + c) >> 3)]!;
        for (let nibble = 0; nibble < 8; nibble++) {
          rows[(c + AWQ_ORDER[nibble]!) * stride + i] = (word >>> (4 * nibble)) & 15;
        }
      }
    }
    return;
  }
  const perWord = 32 / bits;
  if (!Number.isInteger(perWord)) {
    for (let c = 0; c < count; c++) {
      for (let i = 0; i < k; i++) rows[c * stride + i] = streamCode(words, from + c, width, bits, i);
    }
    return;
  }
  const mask = (1 << bits) - 1;
  for (let i = 0, line = from; i < k; i += perWord, line += width) {
    for (let c = 0; c < count; c++) {
      const word = words[line + c]!;
      const at = c * stride + i;
      for (let shift = 0, j = at; shift < 32; shift += bits, j++) rows[j] = (word >>> shift) & mask;
    }
  }
}

/**
 * @param emit receives the values tile by tile; a view that is valid during the call
 * @param kernels absent: plain TypeScript, the same values
 * @throws AppError FORMAT_TOO_LARGE; FORMAT_BOUNDS for a group that does not exist
 */
export async function dequantiseColumns(
  recipe: ColumnsRecipe,
  parts: Parts,
  emit: (values: Float32Array) => void,
  kernels?: Kernels,
): Promise<void> {
  const { k, n, packing } = recipe;
  const perWord = packing === 'awq' ? 8 : 1;
  const rowBytes = (n / perWord) * 4;
  const wordRows = parts.entry(recipe.codes).byteLength / rowBytes;
  const bytes = 4 * (k + PADDING) * COLUMNS_MOST;
  if (bytes > SCHEME_ROWS_MAX)
    throw new AppError('FORMAT_TOO_LARGE', { name: recipe.codes, bytes, most: SCHEME_ROWS_MAX });
  parts.reserve(recipe.scales, 8 * recipe.groups * n);
  const scales = (await parts.numbers(recipe.scales)).all();
  const zeros = await zeroPoints(recipe, parts);
  const group = await groupOf(recipe, parts);
  const by = { scales, zeros, group, ends: runEnds(group) };
  const fast = ColumnsKernel.create(recipe, kernels, by);
  const step = fast?.columns ?? COLUMNS_AT_ONCE;
  const rows = new Float32Array((fast === null ? k + PADDING : k) * Math.min(step, n));
  const writer = new TileWriter(
    emit,
    scales.some((scale) => !Number.isFinite(scale)),
  );

  // As many columns at a time as may be held; nearly always that is all of them.
  const perBlock = (wordRows * 4 * step) / perWord;
  const columns = Math.max(1, Math.floor(parts.most / perBlock)) * step;
  for (let first = 0; first < n; first += columns) {
    const last = Math.min(n, first + columns);
    const words = await stripe(parts, recipe.codes, rowBytes, (first / perWord) * 4, (last / perWord) * 4);
    const width = (last - first) / perWord;
    for (let c = first; c < last; c += step) {
      const count = Math.min(step, last - c);
      if (fast === null) plainBlock(recipe, by, words, width, first, c, count, rows, writer);
      else {
        fast.block(words, width, first, c, count, rows);
        writer.write(rows.subarray(0, count * k));
      }
      await parts.pause();
    }
  }
  writer.flush();
}

function plainBlock(
  recipe: ColumnsRecipe,
  { scales, zeros, group, ends }: ColumnScales,
  words: Int32Array,
  width: number,
  start: number,
  column: number,
  count: number,
  rows: Float32Array,
  writer: TileWriter,
): void {
  const { k, n } = recipe;
  const stride = k + PADDING;
  unpack(recipe, words, width, column - start, count, rows);
  for (let j = 0; j < count; j++) {
    const row = rows.subarray(j * stride, j * stride + k);
    for (let i = 0; i < k;) {
      const g = group[i]!;
      const scale = scales[g * n + column + j]!;
      const zero = zeros[g * n + column + j]!;
      const end = ends[i]!;
      for (; i < end; i++) row[i] = (row[i]! - zero) * scale;
    }
    writer.write(row);
  }
}
