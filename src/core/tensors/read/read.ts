/** Decoded values of a model's tensors, whatever they are stored as: the one place that everything above reads them by. */
import { AppError, toErrorData, type ErrorData } from '../../errors.ts';
import { DECODED_TIMES_MAX } from '../../limits.ts';
import { float32Bytes } from '../canonical.ts';
import { transformedDtype } from '../decode/transforms.ts';
import type { TensorEntry } from '../entry.ts';
import { dequantise } from '../schemes/dequantise.ts';
import type { LogicalTensor, TensorFile, TensorModel } from './model.ts';
import { littleEndianBytesOf, notReadable } from './stored.ts';
import { visitTensors, type ReadTools, type TensorVisitor, type Visit } from './visit.ts';

/** What the numbers of a tensor are once decoded: its stored dtype, or F32 where several make it. */
export function decodedDtype(tensor: LogicalTensor): string {
  if (tensor.kind === 'made') return 'F32';
  const { dtype, transforms = [] } = tensor.at.entry;
  return transformedDtype(dtype, transforms);
}

/**
 * Reads ONE tensor decoded to its canonical values, row-major and little-endian, tile by tile: from a range of its file, a
 * strided view, big-endian elements, packed or chunked storage, another file of the model, or a quantisation scheme that
 * spreads it over several stored tensors. Memory is a few chunks (at most `STRIDED_HELD_MAX` and `SCHEME_HELD_MAX` more),
 * whatever the size; the signal is looked at every 256 KiB.
 *
 * @param visitor `tile(values, stored)` gets float32 values (NaN as 0x7FC00000) and the little-endian bytes of the same
 *   numbers in `decodedDtype(tensor)`, for 64-bit types that float32 cannot hold. Both are views, valid during the call.
 *   `done` follows the last tile; `failed`, when given, takes FORMAT_* errors of this tensor instead of a throw.
 * @throws AppError FORMAT_NO_DATA {tensor, why}: stated without bytes. FORMAT_NOT_DECODED {tensor, dtype}: unknown numbers.
 *   FORMAT_MISSING_FILE, FORMAT_BOUNDS, FORMAT_SIZE_MISMATCH: external bytes or parts that are not there.
 *   FORMAT_TOO_LARGE: scales beyond what is held. FORMAT_* of a payload that breaks its format; SOURCE_*
 */
export async function readTensor(
  model: TensorModel,
  tensor: LogicalTensor,
  visitor: TensorVisitor,
  tools: ReadTools,
): Promise<void> {
  if (tensor.kind === 'stored') {
    const { file, entry } = tensor.at;
    await visitTensors(file, [{ entry, visitor }], tools, model);
    return;
  }
  try {
    await make(model, tensor, visitor, tools);
  } catch (error) {
    const data = toErrorData(error);
    if (visitor.failed === undefined || !data.code.startsWith('FORMAT_')) throw error;
    visitor.failed(data);
    return;
  }
  visitor.done?.();
}

async function make(
  model: TensorModel,
  { recipe, parts }: Extract<LogicalTensor, { readonly kind: 'made' }>,
  visitor: TensorVisitor,
  { kernels, signal, read, room }: ReadTools,
): Promise<void> {
  const entries = new Map<string, TensorEntry>();
  for (const name of recipe.parts) {
    const part = parts.get(name);
    if (part === undefined) continue;
    const why = part.entry.storage.kind === 'absent' ? notReadable(part.entry, part.file.format) : null;
    if (why !== null) throw new AppError(why.code, why.detail);
    entries.set(name, part.entry);
  }
  const source = {
    async *stream(entry: TensorEntry, abort: AbortSignal | undefined) {
      for await (const chunk of littleEndianBytesOf(parts.get(entry.name)!, model, abort)) {
        yield chunk;
        read?.(chunk.length);
      }
    },
  };
  await dequantise(recipe, entries, source, (values) => visitor.tile(values, float32Bytes(values)), {
    ...(kernels === undefined ? {} : { kernels }),
    ...(signal === undefined ? {} : { signal }),
    ...(room === undefined ? {} : { room }),
  });
}

export interface TensorWanted {
  readonly tensor: LogicalTensor;
  readonly visitor: TensorVisitor;
}

/**
 * Reads any number of tensors of a model: stored ones file by file in the order of their bytes, in one pass, then those
 * that are made of several. Tensors that share a range are decoded once each; more than `DECODED_TIMES_MAX` times the
 * bytes of a file are refused with FORMAT_OVERLAP.
 *
 * @throws as `readTensor` does, for visitors without `failed`
 */
export async function readTensors(
  model: TensorModel,
  wanted: readonly TensorWanted[],
  tools: ReadTools,
): Promise<void> {
  const visits = new Map<TensorFile, Visit[]>();
  for (const { tensor, visitor } of wanted) {
    if (tensor.kind !== 'stored') continue;
    const { file, entry } = tensor.at;
    const list = visits.get(file) ?? [];
    visits.set(file, list);
    list.push({ entry, visitor });
  }
  for (const [file, list] of visits) {
    await visitTensors(file, affordable(file, list), tools, model);
    await file.source.settle(tools.signal);
  }
  for (const { tensor, visitor } of wanted) if (tensor.kind === 'made') await readTensor(model, tensor, visitor, tools);
}

/** Leaves out what a hostile table asks beyond reason. */
function affordable(file: TensorFile, visits: readonly Visit[]): readonly Visit[] {
  const most = DECODED_TIMES_MAX * file.source.size;
  let bytes = 0;
  return visits.filter(({ entry, visitor }) => {
    if (entry.storage.kind === 'range') bytes += entry.byteLength;
    if (bytes <= most) return true;
    const error: ErrorData = { code: 'FORMAT_OVERLAP', detail: { tensor: entry.name.slice(0, 200) } };
    if (visitor.failed === undefined) throw new AppError(error.code, error.detail);
    visitor.failed(error);
    return false;
  });
}
