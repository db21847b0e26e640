import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { ENTRY_IN_MEMORY_MAX } from '../../limits.ts';
import { rowMajor } from '../npy/row-major.ts';
import type { ZipArchive } from '../zip/archive.ts';
import type { LocatedEntry } from '../zip/entry.ts';
import { streamEntry } from '../zip/read.ts';
import type { PlacedTensor } from './place.ts';

/** Elements of a quantiser's scales: one per channel. */
const VALUES_MAX = 1_000_000;

/**
 * Row-major stored bytes of a tensor whose storage is packed. The whole storage is unpacked up to the last byte needed;
 * a strided view is gathered in memory, if its storage fits.
 *
 * @throws AppError FORMAT_TOO_LARGE; FORMAT_COMPRESSION, FORMAT_SIZE_MISMATCH, FORMAT_CHECKSUM; SOURCE_*
 */
export async function* packedPayload(
  archive: ZipArchive,
  entry: LocatedEntry,
  tensor: PlacedTensor,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { startInStorage, contiguous, plan } = tensor;
  if (!contiguous) {
    if (entry.size > ENTRY_IN_MEMORY_MAX) {
      throw new AppError('FORMAT_TOO_LARGE', {
        what: tensor.entry.name.slice(0, 200),
        size: entry.size,
        limit: ENTRY_IN_MEMORY_MAX,
      });
    }
    const whole = new Uint8Array(entry.size);
    let filled = 0;
    for await (const chunk of streamEntry(archive.source, entry, signal)) {
      whole.set(chunk, filled);
      filled += chunk.length;
    }
    yield* rowMajor(whole.subarray(startInStorage), plan.size, plan.stride, plan.dtype.bytes);
    return;
  }
  const end = startInStorage + tensor.entry.byteLength;
  let at = 0;
  for await (const chunk of streamEntry(archive.source, entry, signal)) {
    const part = chunk.subarray(clamp(startInStorage - at, chunk.length), clamp(end - at, chunk.length));
    if (part.length > 0) yield part;
    at += chunk.length;
    // The rest is read all the same when it is short: only the end tells whether the checksum holds.
    if (at > end + ENTRY_IN_MEMORY_MAX) return;
  }
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

/** Values of a small contiguous tensor. @throws AppError FORMAT_TOO_LARGE, FORMAT_DTYPE; SOURCE_* */
export async function smallValues(
  source: ByteSource,
  tensor: PlacedTensor,
  packed: () => AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const { entry, plan, place } = tensor;
  const count = plan.size.reduce((product, n) => product * n, 1);
  if (count > VALUES_MAX || !tensor.contiguous) {
    throw new AppError('FORMAT_TOO_LARGE', { what: entry.name.slice(0, 200), count, limit: VALUES_MAX });
  }
  const bytes = new Uint8Array(entry.byteLength);
  let filled = 0;
  const chunks =
    entry.storage.kind === 'range'
      ? source.stream(entry.storage.start, entry.storage.start + entry.byteLength, signal)
      : packed();
  for await (const chunk of chunks) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  const view = new DataView(bytes.buffer);
  const little = !place.big;
  const read: Readonly<Record<string, (at: number) => number>> = {
    F64: (at) => view.getFloat64(at, little),
    F32: (at) => view.getFloat32(at, little),
    I64: (at) => Number(view.getBigInt64(at, little)),
    I32: (at) => view.getInt32(at, little),
  };
  const one = read[plan.dtype.dtype];
  if (one === undefined) throw new AppError('FORMAT_DTYPE', { tensor: entry.name, dtype: plan.dtype.dtype });
  return Array.from({ length: count }, (_, i) => one(i * plan.dtype.bytes));
}
