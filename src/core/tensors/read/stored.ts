/** Stored bytes of one tensor, wherever its container keeps them. */
import type { ByteSource } from '../../bytes/source.ts';
import { AppError, type ErrorData } from '../../errors.ts';
import { createDecoder, type StoredTensor } from '../decode/decoder.ts';
import { codecOf } from '../decode/registry.ts';
import { swapFields } from '../decode/codec.ts';
import { Tiles } from '../decode/tiles.ts';
import { dtypeByName, elementCount } from '../dtypes.ts';
import type { TensorEntry } from '../entry.ts';
import type { LocatedTensor, TensorModel } from './model.ts';
import { stridedBytes } from './strided.ts';

const NAME_SHOWN = 200;

/** What a decoder has to know of a stored tensor. */
export function storedTensor({ dtype, shape, storage, transforms }: TensorEntry, format: string): StoredTensor {
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

/**
 * Why the values of a stored tensor cannot be had, as far as that is known without reading; null when they can.
 * FORMAT_NO_DATA {tensor, why}; FORMAT_NOT_DECODED {tensor, dtype}.
 */
export function notReadable(entry: TensorEntry, format: string): ErrorData | null {
  const tensor = entry.name.slice(0, NAME_SHOWN);
  if (entry.storage.kind === 'absent') return { code: 'FORMAT_NO_DATA', detail: { tensor, why: entry.storage.why } };
  const made = createDecoder(storedTensor(entry, format), () => undefined);
  return 'notDecoded' in made ? { code: 'FORMAT_NOT_DECODED', detail: { tensor, dtype: made.notDecoded } } : null;
}

/**
 * Row-major stored bytes (in stored byte order) of a tensor, in chunks: a range of its file, a view put together, what
 * the container packs, or a range of another file. Memory is a few chunks, for views `STRIDED_HELD_MAX` more.
 *
 * @throws AppError FORMAT_NO_DATA; FORMAT_MISSING_FILE, FORMAT_BOUNDS, FORMAT_SIZE_MISMATCH for external bytes that are not
 *   there; FORMAT_* of a payload that breaks its format; SOURCE_*
 */
export async function* storedBytesOf(
  { file, entry }: LocatedTensor,
  model: Pick<TensorModel, 'open'>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { storage, byteLength } = entry;
  const tensor = entry.name.slice(0, NAME_SHOWN);
  switch (storage.kind) {
    case 'absent':
      throw new AppError('FORMAT_NO_DATA', { tensor, why: storage.why });
    case 'assembled':
      if (file.payload === undefined) throw new AppError('ENGINE_UNSUPPORTED', { what: 'payload' });
      yield* file.payload(entry, signal);
      return;
    case 'external': {
      const source = await openExternal(entry, storage, model, signal);
      yield* source.stream(storage.start, storage.start + byteLength, signal);
      return;
    }
    case 'range':
      if (storage.strides === undefined) {
        if (byteLength > 0) yield* file.source.stream(storage.start, storage.start + byteLength, signal);
        return;
      }
      yield* stridedBytes(
        file.source,
        storage.start,
        entry.shape,
        storage.strides,
        dtypeByName(entry.dtype)?.bytes ?? 0,
        signal,
      );
  }
}

/** The same in little-endian order, whatever the container's: for parts that are read as numbers. */
export async function* littleEndianBytesOf(
  located: LocatedTensor,
  model: Pick<TensorModel, 'open'>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { storage, dtype } = located.entry;
  const codec = codecOf(dtype);
  const bytes = storedBytesOf(located, model, signal);
  if (!('order' in storage) || storage.order !== 'big' || codec === undefined || codec.fields.length === 0) {
    yield* bytes;
    return;
  }
  // Whole elements at a time.
  const tiles = new Tiles(codec.blockBytes * 4096);
  let swapped: Uint8Array[] = [];
  const swap = (piece: Uint8Array): void => {
    swapped.push(swapFields(piece, codec.blockBytes, codec.fields));
  };
  for await (const chunk of bytes) {
    tiles.push(chunk, swap);
    yield* swapped;
    swapped = [];
  }
  tiles.end(swap);
  yield* swapped;
}

async function openExternal(
  { name, byteLength }: TensorEntry,
  { path, start, length = byteLength }: Extract<TensorEntry['storage'], { readonly kind: 'external' }>,
  model: Pick<TensorModel, 'open'>,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  const tensor = name.slice(0, NAME_SHOWN);
  const source = (await model.open?.(path, signal)) ?? null;
  if (source === null) throw new AppError('FORMAT_MISSING_FILE', { tensor, path });
  const end = start + length;
  if (!Number.isSafeInteger(end) || end > source.size) {
    throw new AppError('FORMAT_BOUNDS', { tensor, path, start, end, size: source.size });
  }
  if (length !== byteLength)
    throw new AppError('FORMAT_SIZE_MISMATCH', { tensor, expected: byteLength, actual: length });
  return source;
}
