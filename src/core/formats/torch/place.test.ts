import { describe, expect, it } from 'vitest';
import { AppError } from '../../errors.ts';
import { dtypeByTorchName } from './dtypes.ts';
import { placeTensor, type PlacedTensor, type StoragePlace } from './place.ts';
import type { TensorPlan } from './rebuild.ts';

const F32 = dtypeByTorchName('float32');

function place(
  offset: number,
  size: readonly number[],
  stride: readonly number[],
  {
    count = 12,
    view = null,
    start = 100,
    big = false,
  }: { count?: number; view?: TensorPlan['storage']['view']; start?: number | null; big?: boolean } = {},
): PlacedTensor {
  const plan: TensorPlan = {
    kind: 'strided',
    storage: { key: '0', type: 'FloatStorage', dtype: F32, count, location: 'cpu', view },
    dtype: F32,
    offset,
    size,
    stride,
    rebuild: '_rebuild_tensor_v2',
    requiresGrad: false,
    parameter: false,
    conjugate: false,
    negate: false,
    quantiser: null,
  };
  const storage: StoragePlace = { start, bytes: count * 4, big };
  return placeTensor('w', ['w'], plan, storage, []);
}

function refusal(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('a tensor in its storage', () => {
  it('may end with the last element and not one further', () => {
    expect(refusal(() => place(0, [3, 4], [4, 1]))).toBeUndefined();
    expect(refusal(() => place(1, [3, 4], [4, 1]))).toBe('FORMAT_BOUNDS');
    expect(refusal(() => place(11, [], []))).toBeUndefined();
    expect(refusal(() => place(12, [], []))).toBe('FORMAT_BOUNDS');
    expect(refusal(() => place(0, [2, 2], [10, 1]))).toBeUndefined();
    expect(refusal(() => place(0, [2, 2], [11, 1]))).toBe('FORMAT_BOUNDS');
  });

  it('without elements may stand at the end and not behind it', () => {
    expect(refusal(() => place(12, [0, 4], [4, 1]))).toBeUndefined();
    expect(refusal(() => place(13, [0, 4], [4, 1]))).toBe('FORMAT_BOUNDS');
  });

  it('in a view of the storage ends with the view', () => {
    const view = { offset: 4, count: 4 };
    expect(place(0, [4], [1], { view }).entry.storage).toEqual({ kind: 'range', start: 116 });
    expect(refusal(() => place(1, [4], [1], { view }))).toBe('FORMAT_BOUNDS');
    expect(refusal(() => place(0, [1], [1], { view: { offset: 10, count: 4 } }))).toBe('FORMAT_BOUNDS');
  });

  it('has strides only when it is not row-major, whatever the strides of single rows are', () => {
    expect(place(0, [3, 4], [4, 1]).entry.storage).toEqual({ kind: 'range', start: 100 });
    expect(place(4, [1, 4], [999, 1]).entry.storage).toEqual({ kind: 'range', start: 116 });
    expect(place(0, [4, 3], [1, 4]).entry.storage).toEqual({ kind: 'range', start: 100, strides: [1, 4] });
    expect(place(0, [3], [1], { start: null, big: true }).entry.storage).toEqual({ kind: 'assembled', order: 'big' });
  });

  it('is refused when its strides or sizes cannot be computed with, or blow up a few bytes', () => {
    expect(refusal(() => place(0, [2, 2], [1]))).toBe('FORMAT_SHAPE');
    expect(refusal(() => place(0, [2 ** 32, 2 ** 32], [0, 0]))).toBe('FORMAT_OVERFLOW');
    expect(refusal(() => place(0, [2, 2], [2 ** 53 - 1, 2 ** 53 - 1]))).toBe('FORMAT_OVERFLOW');
    expect(refusal(() => place(0, [2 ** 40], [0]))).toBe('FORMAT_TOO_LARGE');
    expect(refusal(() => place(0, [1000, 12], [0, 1]))).toBeUndefined();
  });
});
