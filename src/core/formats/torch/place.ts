import { AppError } from '../../errors.ts';
import { VIEW_EXPANSION_MAX } from '../../limits.ts';
import type { TensorEntry, TensorTransform } from '../../tensors/entry.ts';
import { countElements } from '../shape.ts';
import type { TensorPlan } from './rebuild.ts';

const GiB = 1024 * 1024 * 1024;

/** Where the bytes of a storage are. */
export interface StoragePlace {
  /** Absolute offset of its first byte; null when it has to be unpacked. */
  readonly start: number | null;
  /** Unpacked bytes. */
  readonly bytes: number;
  /** Big-endian elements. */
  readonly big: boolean;
  /** Entry of the archive. */
  readonly record?: string;
}

/** A tensor that was held against its storage. */
export interface PlacedTensor {
  readonly entry: TensorEntry;
  readonly plan: TensorPlan;
  readonly place: StoragePlace;
  /** Bytes from the start of the storage to the first element. */
  readonly startInStorage: number;
  readonly contiguous: boolean;
}

/**
 * Bytes of a storage by its own statement. @throws AppError FORMAT_OVERFLOW
 */
export function statedBytes({ storage }: TensorPlan): number {
  const bytes = storage.count * storage.dtype.bytes;
  if (!Number.isSafeInteger(bytes))
    throw new AppError('FORMAT_OVERFLOW', { what: 'storage', key: storage.key, count: storage.count });
  return bytes;
}

/**
 * Holds a tensor against its storage: every element it can name lies inside, and it does not blow up a few bytes.
 *
 * @throws AppError FORMAT_SHAPE, FORMAT_OVERFLOW, FORMAT_BOUNDS, FORMAT_TOO_LARGE
 */
export function placeTensor(
  name: string,
  path: readonly string[],
  plan: TensorPlan,
  place: StoragePlace,
  transforms: readonly TensorTransform[],
): PlacedTensor {
  const { size, stride, dtype, storage } = plan;
  if (size.length !== stride.length) {
    throw new AppError('FORMAT_SHAPE', { tensor: name, dimensions: size.length, strides: stride.length });
  }
  const elements = countElements(size, name);
  const byteLength = elements * dtype.bytes;
  if (!Number.isSafeInteger(byteLength)) throw new AppError('FORMAT_OVERFLOW', { tensor: name, elements });
  const viewStart = storage.view === null ? 0 : storage.view.offset * storage.dtype.bytes;
  const available = Math.floor(
    ((storage.view === null ? place.bytes : viewStart + storage.view.count * storage.dtype.bytes) - viewStart) /
      dtype.bytes,
  );
  if (viewStart + available * dtype.bytes > place.bytes) {
    throw new AppError('FORMAT_BOUNDS', {
      tensor: name,
      what: 'storage view',
      end: viewStart + available * dtype.bytes,
      size: place.bytes,
    });
  }
  checkReach(name, plan, elements, available);
  if (byteLength > GiB && byteLength > place.bytes * VIEW_EXPANSION_MAX) {
    throw new AppError('FORMAT_TOO_LARGE', {
      what: `Tensor ${name.slice(0, 200)}`,
      size: byteLength,
      stored: place.bytes,
    });
  }
  const contiguous = isContiguous(size, stride, elements);
  const startInStorage = viewStart + (elements === 0 ? 0 : plan.offset * dtype.bytes);
  const order = place.big && dtype.bytes > 1 ? ({ order: 'big' } as const) : {};
  const all = [
    ...transforms,
    ...(plan.conjugate ? [{ kind: 'conjugate' } as const] : []),
    ...(plan.negate ? [{ kind: 'negate' } as const] : []),
  ];
  const entry: TensorEntry = {
    name,
    dtype: dtype.dtype,
    shape: size,
    byteLength,
    storage:
      place.start === null
        ? { kind: 'assembled', ...order }
        : { kind: 'range', start: place.start + startInStorage, ...order, ...(contiguous ? {} : { strides: stride }) },
    ...(all.length === 0 ? {} : { transforms: all }),
    origin: {
      path,
      storageKey: storage.key,
      storageOffset: plan.offset,
      stride,
      contiguous,
      rebuild: plan.rebuild,
      requiresGrad: plan.requiresGrad,
      ...(plan.parameter ? { parameter: true } : {}),
      ...(place.record === undefined ? {} : { record: place.record }),
    },
  };
  return { entry, plan, place, startInStorage, contiguous };
}

/** The largest element index, by exact arithmetic below 2^53. */
function checkReach(name: string, plan: TensorPlan, elements: number, available: number): void {
  let last = plan.offset;
  // An empty tensor names no element, but its offset must still make sense.
  if (elements > 0) plan.size.forEach((dimension, i) => (last += (dimension - 1) * plan.stride[i]!));
  if (!Number.isSafeInteger(last)) throw new AppError('FORMAT_OVERFLOW', { tensor: name, what: 'strides' });
  const end = elements > 0 ? last + 1 : last;
  if (end > available) {
    throw new AppError('FORMAT_BOUNDS', { tensor: name, end, available, dtype: plan.dtype.dtype });
  }
}

/** Row-major without gaps; strides of dimensions of length 1 do not matter. */
function isContiguous(size: readonly number[], stride: readonly number[], elements: number): boolean {
  let expected = 1;
  for (let i = size.length - 1; i >= 0; i -= 1) {
    if (size[i] === 1) continue;
    if (stride[i] !== expected && elements > 0) return false;
    expected *= size[i]!;
  }
  return true;
}
