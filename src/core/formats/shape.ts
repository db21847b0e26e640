import { AppError } from '../errors.ts';
import { elementCount } from '../tensors/dtypes.ts';

/** Dimensions of one tensor. NumPy allows 64, ONNX and HDF5 32; nobody uses more than 8. */
export const DIMENSIONS_MAX = 64;

/** Product of the dimensions, exactly, with the tensor's name in the error. @throws AppError FORMAT_SHAPE, FORMAT_OVERFLOW */
export function countElements(shape: readonly number[], tensor: string): number {
  try {
    return elementCount(shape);
  } catch (error) {
    if (error instanceof AppError) throw new AppError(error.code, { tensor, ...error.detail });
    throw error;
  }
}

/** Stored bytes of `count` elements of `bits` each, densely packed. @throws AppError FORMAT_OVERFLOW */
export function packedBytes(count: number, bits: number, tensor: string): number {
  const bytes = bits % 8 === 0 ? count * (bits / 8) : Math.ceil((count * bits) / 8);
  if (!Number.isSafeInteger(bytes) || !Number.isSafeInteger(count * bits)) {
    throw new AppError('FORMAT_OVERFLOW', { tensor, count, bits });
  }
  return bytes;
}
