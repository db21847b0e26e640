import type { Kernels } from '../../kernels/kernels.ts';
import type { TensorEntry } from '../entry.ts';
import { createDecoder } from '../decode/decoder.ts';
import { elementCount } from '../dtypes.ts';
import { dequantiseColumns } from './dequantise-columns.ts';
import { dequantiseRows } from './dequantise-rows.ts';
import { Parts, type PartSource } from './parts.ts';
import { AppError } from '../../errors.ts';
import type { AffineRecipe, VirtualTensor } from './scheme.ts';

export interface DequantiseOptions {
  readonly kernels?: Kernels;
  readonly signal?: AbortSignal;
  /** Bytes of parts that may be held at once, instead of `SCHEME_HELD_MAX`. */
  readonly held?: number;
  /** Awaited between pieces of work: where values go when they go to other threads. */
  readonly room?: () => Promise<void>;
}

/**
 * The values of a virtual tensor, row-major, as float32 with NaN as 0x7FC00000: what the scheme's reference computes in
 * float32, each product and sum rounded where the reference rounds it.
 *
 * Memory is bounded by `SCHEME_HELD_MAX` and `SCHEME_ROWS_MAX`, whatever the size of the tensor. Codes are read once, in
 * order, except by GPTQ and AWQ above that bound: those read them once per stripe.
 *
 * @param entries the model's stored tensors by name
 * @param emit receives tiles of `TILE_VALUES` values (the last fewer), views that are valid during the call
 * @throws AppError FORMAT_TOO_LARGE when scales or rows exceed the bound; FORMAT_BOUNDS when a group index points
 *   nowhere; FORMAT_SIZE_MISMATCH when the source gives another number of bytes; SOURCE_* as the source does
 */
export async function dequantise(
  tensor: VirtualTensor,
  entries: ReadonlyMap<string, TensorEntry>,
  source: PartSource,
  emit: (values: Float32Array) => void,
  { kernels, signal, held, room }: DequantiseOptions = {},
): Promise<void> {
  const parts = new Parts(entries, source, signal, held, room);
  const { recipe } = tensor;
  if (recipe.kind === 'columns') await dequantiseColumns(recipe, parts, emit, kernels);
  else if (recipe.kind === 'rows') await dequantiseRows(tensor, recipe, parts, emit, kernels);
  else await dequantiseAffine(tensor.shape, recipe, parts, emit, kernels);
}

async function dequantiseAffine(
  shape: readonly number[],
  { codes, scales, zeroPoints, axis }: AffineRecipe,
  parts: Parts,
  emit: (values: Float32Array) => void,
  kernels: Kernels | undefined,
): Promise<void> {
  const { dtype } = parts.entry(codes);
  const transforms = [{ kind: 'affine', scales, zeroPoints, ...(scales.length > 1 ? { axis } : {}) } as const];
  const decoder = createDecoder({ dtype, elements: elementCount(shape), shape, transforms }, emit, kernels);
  if ('notDecoded' in decoder) throw new AppError('FORMAT_NOT_DECODED', { tensor: codes, dtype });
  await parts.pour(codes, decoder);
}
