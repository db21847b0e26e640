/** Codes in row-major order, scaled as they pass by. Holds scales, zero points and biases; never the codes. */
import { AppError } from '../../errors.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { canonicalNaN, type Codec } from '../decode/codec.ts';
import { Decoder } from '../decode/decoder.ts';
import { codecOf } from '../decode/registry.ts';
import { packed, streamed, unsigned } from '../decode/small-types.ts';
import { roundTo } from '../decode/round.ts';
import type { Parts } from './parts.ts';
import { RowsKernel } from './rows-kernel.ts';
import type { Coding, RowsRecipe, VirtualTensor } from './scheme.ts';
import { TileWriter } from './tile-writer.ts';

/** A number for the place `index` of the scales. */
type At = (index: number) => number;

async function codecFor(coding: Coding, parts: Parts): Promise<Codec> {
  if (coding.kind === 'stream') return streamed(coding.bits, unsigned(coding.bits));
  if (coding.kind === 'lookup') return packed(4, (await parts.numbers(coding.table)).all(), 'high');
  if (coding.kind === 'codebook') return packed(4, Float32Array.from(coding.values), 'high');
  const codec = codecOf(coding.dtype);
  if (codec === undefined) throw new AppError('FORMAT_DTYPE', { dtype: coding.dtype });
  return codec;
}

async function scaleAt({ scale }: RowsRecipe, parts: Parts): Promise<At> {
  const stored = await parts.numbers(scale.part, scale.as);
  if (scale.nested !== undefined) {
    const { block, offset } = scale.nested;
    const map = (await parts.numbers(scale.nested.map)).all();
    const absmax = await parts.numbers(scale.nested.absmax);
    return (i) => Math.fround(Math.fround(map[stored.at(i)]! * absmax.at(Math.floor(i / block))) + offset);
  }
  if (scale.global !== undefined) {
    const global = (await parts.numbers(scale.global.part)).at(0);
    return scale.global.divide ? (i) => Math.fround(stored.at(i) / global) : (i) => Math.fround(stored.at(i) * global);
  }
  return (i) => stored.at(i);
}

/** The zero point for a row of the tensor and a place among the scales; undefined where all codes mean themselves. */
async function zeroAt(recipe: RowsRecipe, parts: Parts): Promise<((row: number, index: number) => number) | undefined> {
  const { zero = 0, zeros } = recipe;
  if (zeros === undefined) return zero === 0 ? undefined : () => zero;
  if (zeros.inRows !== undefined) {
    const { bits } = zeros.inRows;
    const { width } = recipe.scale;
    const bytes = await parts.whole(zeros.part);
    const rowBytes = Math.ceil((width * bits) / 8);
    return (_, index) => {
      const bit = (index % width) * bits;
      return ((bytes[Math.floor(index / width) * rowBytes + (bit >> 3)]! >> (bit & 7)) & (2 ** bits - 1)) + zero;
    };
  }
  if (zeros.packed === undefined) {
    const stored = await parts.numbers(zeros.part);
    return (_, index) => stored.at(index) + zero;
  }
  const { bits, minus } = zeros.packed;
  const bytes = await parts.whole(zeros.part);
  const { width } = recipe.scale;
  return (row, index) => {
    const bit = row * bits;
    // Words stand below each other: 32 bits of one column, then the next 32.
    const byte = (Math.floor(bit / 32) * width + (index % width)) * 4 + ((bit % 32) >> 3);
    return ((bytes[byte]! >> (bit & 7)) & (2 ** bits - 1)) - minus + zero;
  };
}

/**
 * @param emit receives the values tile by tile; a view that is valid during the call
 * @throws AppError FORMAT_TOO_LARGE when scales exceed what may be held; FORMAT_BOUNDS for a group that does not exist
 */
export async function dequantiseRows(
  tensor: VirtualTensor,
  recipe: RowsRecipe,
  parts: Parts,
  emit: (values: Float32Array) => void,
  kernels: Kernels | undefined,
): Promise<void> {
  const { columns, factor, kept, round } = recipe;
  const { rows, run, width, restart } = recipe.scale;
  const codec = await codecFor(recipe.coding, parts);
  const scales = await scaleAt(recipe, parts);
  const zeros = await zeroAt(recipe, parts);
  const biases = recipe.bias === undefined ? undefined : await parts.numbers(recipe.bias.part);
  const groups = recipe.groupIndex === undefined ? undefined : (await parts.numbers(recipe.groupIndex)).all();
  const mayBeNaN = recipe.coding.kind === 'dtype' && recipe.coding.dtype.startsWith('F8');
  const made = tensor.shape.reduce((n, d) => n * d, 1);
  const elements = kept === undefined ? made : (made / kept) * columns;
  // A zero point with digits of its own rounds the difference; integers do not.
  const zeroDtype = recipe.zeros === undefined ? '' : parts.entry(recipe.zeros.part).dtype;
  const roundsDifference = zeroDtype === 'F32';
  const writer = kept === undefined ? undefined : new TileWriter(emit, false);
  let at = 0;
  const shared = (row: number): number =>
    restart === undefined ? (rows === 1 ? row : Math.floor(row / rows)) : restarted(row, rows, restart);
  const smallZeros = SMALL.test(zeroDtype) || recipe.zeros?.packed !== undefined;
  const exact = zeros === undefined || roundsDifference || (isSmall(recipe.coding) && smallZeros);
  const fast =
    kernels === undefined || groups !== undefined || !exact
      ? null
      : new RowsKernel(kernels, {
          columns,
          run,
          width,
          shared,
          scale: scales,
          ...(zeros === undefined ? {} : { zero: zeros }),
          ...(biases !== undefined
            ? { extra: (index: number) => biases.at(index) }
            : factor !== undefined
              ? { extra: () => factor }
              : {}),
          last: biases !== undefined ? 'add' : factor !== undefined ? 'multiply' : 'nothing',
        });

  const scaleTile = (values: Float32Array): void => {
    let odd = fast !== null && fast.next(values);
    if (mayBeNaN) odd = true;
    for (let i = fast === null ? 0 : values.length; i < values.length;) {
      const row = Math.floor((at + i) / columns);
      const column = at + i - row * columns;
      const filler = kept !== undefined && column >= kept;
      const group = groups === undefined ? Math.floor(column / run) : filler ? 0 : groups[column]!;
      if (!(group >= 0 && group < width)) throw new AppError('FORMAT_BOUNDS', { group, groups: width });
      const index = shared(row) * width + group;
      const length = groups === undefined ? Math.min(columns - column, run - (column % run)) : 1;
      const end = Math.min(values.length, i + length);
      const scale = scales(index);
      if (!Number.isFinite(scale)) odd = true;
      const zero = zeros?.(row, index) ?? 0;
      if (biases !== undefined) {
        const bias = biases.at(index);
        if (!Number.isFinite(bias)) odd = true;
        for (; i < end; i++) values[i] = Math.fround((values[i]! - zero) * scale) + bias;
      } else if (factor !== undefined) {
        for (; i < end; i++) values[i] = Math.fround((values[i]! - zero) * scale) * factor;
      } else if (roundsDifference) {
        for (; i < end; i++) values[i] = Math.fround(values[i]! - zero) * scale;
      } else {
        for (; i < end; i++) values[i] = (values[i]! - zero) * scale;
      }
    }
    if (round !== undefined) roundTo(values, round);
    if (odd) canonicalNaN(values);
    const start = at;
    at += values.length;
    if (writer === undefined) emit(values);
    else writeKept(values, start);
  };
  const writeKept = (values: Float32Array, start: number): void => {
    for (let i = 0; i < values.length;) {
      const column = (start + i) % columns;
      const end = Math.min(values.length, i + columns - column);
      if (column < kept!) writer!.write(values.subarray(i, Math.min(end, i + kept! - column)));
      i = end;
    }
  };

  const decoder = new Decoder(codec, { dtype: 'F32', elements }, scaleTile, kernels);
  await parts.pour(recipe.codes, decoder);
  writer?.flush();
}

/** Zero points with which the difference to a small code is exact in float32; none is a constant of the recipe. */
const SMALL = /^(?:|[IU](?:2|4|8|16))$/;

/** Codes below 2^17, and the values of tables, from which nothing but zero is subtracted. */
function isSmall(coding: Coding): boolean {
  return coding.kind !== 'dtype' || /^[IU](?:2|4|8|16)$/.test(coding.dtype);
}

/** Row of the scales for a row of the tensor, where every `restart` rows begin anew. */
function restarted(row: number, rows: number, restart: number): number {
  const matrix = Math.floor(row / restart);
  return matrix * Math.ceil(restart / rows) + Math.floor((row - matrix * restart) / rows);
}
