/** The canonical digest that a tensor would have with its dimensions in another order. */
import { MemorySource } from '../bytes/memory.ts';
import { AppError } from '../errors.ts';
import { RELAID_HELD_MAX } from '../limits.ts';
import { canonicalBytes, canonicalForm } from '../tensors/canonical.ts';
import { dtypeByName } from '../tensors/dtypes.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { LogicalTensor, TensorModel } from '../tensors/read/model.ts';
import { decodedDtype, readTensor } from '../tensors/read/read.ts';
import { decodeModel, type DecodeModelTools } from './decode-model.ts';

/** Dimensions of the tensor in the order wanted (`axes`, those longer than one), and the shape that results. */
export interface Layout {
  readonly axes: readonly number[];
  readonly shape: readonly number[];
  /** The dimensions that `axes` counts in, when rows are split first: `[heads, pairs, 2, …]`. All of them are in `axes`. */
  readonly split?: readonly number[];
}

/**
 * Canonical digests of one tensor in other layouts, in their order; null for one that cannot be had.
 *
 * Plain numbers that lie in their file are read where they are, in any size; others are decoded into memory first, if they
 * are at most `RELAID_HELD_MAX` bytes.
 *
 * @throws AppError SOURCE_*
 */
export async function digestsRelaid(
  model: TensorModel,
  tensor: LogicalTensor,
  layouts: readonly Layout[],
  tools: DecodeModelTools,
): Promise<readonly (string | null)[]> {
  let base = inPlace(tensor);
  if (base === null) {
    try {
      base = await held(model, tensor, tools);
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
      return layouts.map(() => null);
    }
  }
  const { file, entry } = base;
  const views = layouts.map((layout): LogicalTensor => {
    const view = { ...entry, ...relaid(entry, layout) };
    return { kind: 'stored', name: entry.name, shape: layout.shape, at: { file, entry: view } };
  });
  const numbers = await decodeModel({ files: [file] }, views, tools);
  return numbers.map(({ canonical }) => canonical);
}

type Base = Extract<LogicalTensor, { readonly kind: 'stored' }>['at'];

/** The tensor itself, when a view of its file can have any order of dimensions. */
function inPlace(tensor: LogicalTensor): Base | null {
  if (tensor.kind !== 'stored') return null;
  const { storage, dtype } = tensor.at.entry;
  const known = dtypeByName(dtype);
  return storage.kind === 'range' && known?.elements === 1 && known.bytes >= 1 ? tensor.at : null;
}

/** The canonical numbers as a file of their own. @throws AppError FORMAT_TOO_LARGE */
async function held(model: TensorModel, tensor: LogicalTensor, { tools, signal }: DecodeModelTools): Promise<Base> {
  const dtype = decodedDtype(tensor);
  const form = canonicalForm(dtype, tensor.shape);
  if (form.byteLength > RELAID_HELD_MAX) {
    throw new AppError('FORMAT_TOO_LARGE', { what: tensor.name.slice(0, 200), size: form.byteLength });
  }
  const bytes = new Uint8Array(form.byteLength);
  let at = 0;
  const tile = (values: Float32Array, stored: Uint8Array): void => {
    const own = canonicalBytes(dtype, values, stored);
    bytes.set(own, at);
    at += own.length;
  };
  await readTensor(model, tensor, { tile }, { kernels: tools.kernels, ...(signal === undefined ? {} : { signal }) });
  const entry: TensorEntry = {
    name: tensor.name,
    dtype: form.dtype,
    shape: form.shape,
    byteLength: form.byteLength,
    storage: { kind: 'range', start: 0 },
  };
  const source = new MemorySource(tensor.name, bytes);
  return { file: { path: tensor.name, source, format: 'safetensors', tensors: [entry] }, entry };
}

function relaid(entry: TensorEntry, { axes, shape, split }: Layout): Pick<TensorEntry, 'shape' | 'storage'> {
  const { storage } = entry;
  if (storage.kind !== 'range') throw new TypeError('not in one piece');
  const own = storage.strides ?? dense(entry.shape);
  if (split !== undefined) {
    const [, pairs = 1, within = 1] = split;
    const [row = 1, ...rest] = own;
    const apart = [row * pairs * within, row * within, row, ...rest];
    return {
      shape: axes.map((d) => split[d]!),
      storage: { ...storage, strides: axes.map((d) => apart[d]!) },
    };
  }
  let next = 0;
  const strides = shape.map((length) => (length === 1 ? 0 : own[axes[next++]!]!));
  return { shape, storage: { ...storage, strides } };
}

function dense(shape: readonly number[]): readonly number[] {
  const strides: number[] = [];
  let step = 1;
  for (const length of shape.toReversed()) {
    strides.unshift(step);
    step *= length;
  }
  return strides;
}
