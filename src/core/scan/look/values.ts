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
  const wide = isWide(dtype);
  const first: number[] = [];
  const range = new Range();
  const summary = new Summary(
    dtype,
    {
      tile: (values) => {
        for (let i = 0; first.length < VALUES_SHOWN && i < values.length; i++) first.push(values[i]!);
        if (wide) range.add(values);
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
    const { least, most } = wide ? range : stats;
    const histogram = withinFloat32(stats)
      ? await bins(model, tensor, { ...stats, least, most }, kernels, tools)
      : null;
    pace.finish();
    // Types that float32 cannot hold have their first few from float64.
    return { dtype, stats, ...moments(stats), histogram, first: wide ? stats.first : first };
  } finally {
    pace.close();
  }
}

function storedBytes(tensor: LogicalTensor): number {
  if (tensor.kind === 'stored') return tensor.at.entry.byteLength;
  return tensor.recipe.parts.reduce((sum, name) => sum + (tensor.parts.get(name)?.entry.byteLength ?? 0), 0);
}

/**
 * Extremes of the float32 forms of wider values, which the bins are filled from. Those of the exact values would not do: an
 * integer rounded to float64 and then to float32 can be a step away from the same integer rounded once.
 */
class Range {
  least: number | null = null;
  most: number | null = null;

  add(values: Float32Array): void {
    for (const value of values) {
      if (value - value !== 0) continue;
      if (this.least === null || value < this.least) this.least = value;
      if (this.most === null || value > this.most) this.most = value;
    }
  }
}

function withinFloat32({ least, most }: TensorStats): boolean {
  return [least, most].every((value) => value !== null && Number.isFinite(Math.fround(value)));
}

/** The second pass, over the range that the first one found. */
async function bins(
  model: TensorModel,
  tensor: LogicalTensor,
  { least, most, count, nan, infinite }: TensorStats,
  kernels: Kernels,
  tools: ReadTools,
): Promise<ValueHistogram | null> {
  if (least === null || most === null) return null;
  if (least === most) return { low: least, high: most, counts: [count - nan - infinite] };
  const histogram = new Histogram(least, most, HISTOGRAM_BINS, kernels);
  await readTensor(model, tensor, { tile: (values) => histogram.add(values) }, tools);
  return { low: least, high: most, counts: [...histogram.counts] };
}

/** Mean and standard deviation of the finite values. */
function moments({ count, nan, infinite, sum, squares }: TensorStats): Pick<TensorValues, 'mean' | 'deviation'> {
  const finite = count - nan - infinite;
  if (finite === 0) return { mean: null, deviation: null };
  const mean = sum / finite;
  // Rounding may leave a tiny negative variance where all values are equal.
  return { mean, deviation: Math.sqrt(Math.max(0, squares / finite - mean * mean)) };
}
