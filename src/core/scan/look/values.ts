import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import type { OpenArtifact } from '../../formats/format.ts';
import { loadKernels } from '../../kernels/wasm.ts';
import { HISTOGRAM_BINS, LOOK_HELD_MAX, VALUES_SHOWN } from '../../limits.ts';
import type { JobContext } from '../../progress.ts';
import type { StoredTensor } from '../../tensors/decode/decoder.ts';
import { createDecoder } from '../../tensors/decode/decoder.ts';
import { feed } from '../../tensors/decode/feed.ts';
import { elementCount } from '../../tensors/dtypes.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import { Histogram, type TensorStats } from '../../tensors/stats.ts';
import { summarise } from '../../tensors/summary.ts';
import { isWide } from '../../tensors/wide.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { Pace } from '../pace.ts';
import type { TensorValues, ValueHistogram, ValuesNotDecoded } from './model.ts';

/**
 * Statistics, histogram and first values of one tensor, decoded. Two passes, because bins need the range: a tensor of up
 * to `LOOK_HELD_MAX` stored bytes is kept between them, a larger one is read again. Memory is that and a few chunks.
 *
 * @param beside the file that holds the bytes of an external tensor
 * @throws AppError SOURCE_*; FORMAT_MISSING_FILE, FORMAT_BOUNDS for external bytes that are not there;
 *   FORMAT_SIZE_MISMATCH; FORMAT_* of a payload that breaks its format
 */
export async function tensorValues(
  source: ByteSource,
  opened: OpenArtifact,
  tensor: TensorEntry,
  beside: ByteSource | null,
  ctx: JobContext,
): Promise<TensorValues | ValuesNotDecoded> {
  if (tensor.storage.kind === 'absent') return { notDecoded: tensor.storage.why };
  const kernels = await loadKernels();
  const stored = describe(tensor, opened);
  const first: number[] = [];
  const made = summarise(
    stored,
    {
      tile: (values) => {
        for (let i = 0; first.length < VALUES_SHOWN && i < values.length; i++) first.push(values[i]!);
      },
    },
    kernels,
  );
  if ('notDecoded' in made) return made;
  const { decoder, summary } = made;

  const held: Uint8Array[] | null = tensor.byteLength <= LOOK_HELD_MAX ? [] : null;
  const pace = new Pace(ctx, source.name, 2 * tensor.byteLength);
  let done = 0;
  const paced = async function* (chunks: AsyncIterable<Uint8Array>, keep: Uint8Array[] | null) {
    for await (const chunk of chunks) {
      // A chunk is cut so that an abort is heard between pieces even when all of it is in memory.
      for (let at = 0; at < chunk.length; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        keep?.push(piece);
        yield piece;
        done += piece.length;
        await pace.step(done);
      }
    }
  };
  try {
    const bytes = (): AsyncIterable<Uint8Array> => storedBytes(source, opened, tensor, beside, ctx.signal);
    await feed(decoder, paced(bytes(), held), { signal: ctx.signal });
    const stats = summary.result();
    const again = (): AsyncIterable<Uint8Array> => paced(held === null ? bytes() : replay(held), null);
    const histogram = await bins(stored, stats, again, kernels, ctx.signal);
    pace.finish();
    return {
      dtype: decoder.dtype,
      stats,
      ...moments(stats),
      histogram,
      // Types that float32 cannot hold have their first few from float64.
      first: isWide(decoder.dtype) ? stats.first : first,
    };
  } finally {
    pace.close();
  }
}

/** Stored bytes decoded between two looks at the clock. */
const PIECE = 1024 * 1024;

function describe({ dtype, shape, storage, transforms }: TensorEntry, { format }: OpenArtifact): StoredTensor {
  const order = storage.kind === 'absent' ? undefined : storage.order;
  return {
    dtype,
    elements: elementCount(shape),
    shape,
    ...(order === undefined ? {} : { order }),
    ...(transforms === undefined ? {} : { transforms }),
    ...(format === 'onnx' ? { sixBitStream: true } : {}),
  };
}

function storedBytes(
  source: ByteSource,
  opened: OpenArtifact,
  tensor: TensorEntry,
  beside: ByteSource | null,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const { storage, byteLength, name } = tensor;
  if (storage.kind === 'range' && storage.strides === undefined) {
    return source.stream(storage.start, storage.start + byteLength, signal);
  }
  if (storage.kind === 'external') {
    if (beside === null) throw new AppError('FORMAT_MISSING_FILE', { tensor: name.slice(0, 200), path: storage.path });
    const end = storage.start + byteLength;
    if (!Number.isSafeInteger(end) || end > beside.size) {
      throw new AppError('FORMAT_BOUNDS', { tensor: name.slice(0, 200), path: storage.path, end, size: beside.size });
    }
    return beside.stream(storage.start, end, signal);
  }
  if (opened.payload === undefined) throw new AppError('ENGINE_UNSUPPORTED', { kind: 'payload' });
  return opened.payload(tensor, signal);
}

async function* replay(held: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* held;
}

/** The second pass. Float32 rounding is monotone: rounded values of wider types lie within the rounded range. */
async function bins(
  stored: StoredTensor,
  { least, most, count, nan, infinite }: TensorStats,
  bytes: () => AsyncIterable<Uint8Array>,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<ValueHistogram | null> {
  if (least === null || most === null) return null;
  const low = Math.fround(least);
  const high = Math.fround(most);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
  if (low === high) return { low, high, counts: [count - nan - infinite] };
  const histogram = new Histogram(low, high, HISTOGRAM_BINS, kernels);
  const decoder = createDecoder(stored, (values) => histogram.add(values), kernels);
  if ('notDecoded' in decoder) return null;
  await feed(decoder, bytes(), { signal });
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
