import type { Kernels } from '../../kernels/kernels.ts';
import { loadKernels } from '../../kernels/wasm.ts';
import { HISTOGRAM_BINS, VALUES_SHOWN } from '../../limits.ts';
import type { JobContext } from '../../progress.ts';
import type { LogicalTensor, TensorModel } from '../../tensors/read/model.ts';
import { decodedDtype, readTensor } from '../../tensors/read/read.ts';
import type { ReadTools } from '../../tensors/read/visit.ts';
import { Histogram, type TensorStats } from '../../tensors/stats.ts';
import { Summary } from '../../tensors/summary.ts';
import { isWide } from '../../tensors/wide.ts';
import { Pace } from '../pace.ts';
import type { TensorValues, ValueHistogram } from './model.ts';

type Numbers = Omit<TensorValues, 'group'>;

/**
 * Statistics, histogram and first values of one tensor, decoded. Two passes, because bins need the range. Memory is a
 * few chunks, besides what the sources keep.
 *
 * @throws AppError FORMAT_NO_DATA, FORMAT_NOT_DECODED and all others of `readTensor`; SOURCE_*
 */
export async function tensorValues(model: TensorModel, tensor: LogicalTensor, ctx: JobContext): Promise<Numbers> {
  const kernels = await loadKernels();
  const dtype = decodedDtype(tensor);
  const first: number[] = [];
  const summary = new Summary(
    dtype,
    {
      tile: (values) => {
        for (let i = 0; first.length < VALUES_SHOWN && i < values.length; i++) first.push(values[i]!);
      },
    },
    kernels,
  );
  const pace = new Pace(ctx, tensor.name, 2 * storedBytes(tensor));
  let done = 0;
  const tools: ReadTools = {
    kernels,
    signal: ctx.signal,
    read: (bytes) => (done += bytes),
    // The clock is looked at between pieces, so that an abort is heard even where all bytes are in memory.
    room: () => pace.step(done),
  };
  try {
    await readTensor(model, tensor, { tile: (values, stored) => summary.add(values, stored) }, tools);
    const stats = summary.result();
    const histogram = await bins(model, tensor, stats, kernels, tools);
    pace.finish();
    // Types that float32 cannot hold have their first few from float64.
    return { dtype, stats, ...moments(stats), histogram, first: isWide(dtype) ? stats.first : first };
  } finally {
    pace.close();
  }
}

function storedBytes(tensor: LogicalTensor): number {
  if (tensor.kind === 'stored') return tensor.at.entry.byteLength;
  return tensor.recipe.parts.reduce((sum, name) => sum + (tensor.parts.get(name)?.entry.byteLength ?? 0), 0);
}

/** The second pass. Float32 rounding is monotone: rounded values of wider types lie within the rounded range. */
async function bins(
  model: TensorModel,
  tensor: LogicalTensor,
  { least, most, count, nan, infinite }: TensorStats,
  kernels: Kernels,
  tools: ReadTools,
): Promise<ValueHistogram | null> {
  if (least === null || most === null) return null;
  const low = Math.fround(least);
  const high = Math.fround(most);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
  if (low === high) return { low, high, counts: [count - nan - infinite] };
  const histogram = new Histogram(low, high, HISTOGRAM_BINS, kernels);
  await readTensor(model, tensor, { tile: (values) => histogram.add(values) }, tools);
  return { low, high, counts: [...histogram.counts] };
}

/** Mean and standard deviation of the finite values. */
function moments({ count, nan, infinite, sum, squares }: TensorStats): Pick<TensorValues, 'mean' | 'deviation'> {
  const finite = count - nan - infinite;
  if (finite === 0) return { mean: null, deviation: null };
  const mean = sum / finite;
  // Rounding may leave a tiny negative variance where all values are equal.
  return { mean, deviation: Math.sqrt(Math.max(0, squares / finite - mean * mean)) };
}
