import { AppError } from '../errors.ts';
import type { TensorEntry } from '../tensors/entry.ts';

/**
 * Holds tensors that live in other files against these files. Opening an artifact sees that artifact alone, so this is
 * called by whoever knows the whole model.
 *
 * @param sizeOf bytes of an artifact of the model by its path, null when there is none
 * @throws AppError FORMAT_MISSING_FILE, FORMAT_BOUNDS, FORMAT_SIZE_MISMATCH
 */
export function checkExternal(tensors: readonly TensorEntry[], sizeOf: (path: string) => number | null): void {
  for (const { name, byteLength, storage } of tensors) {
    if (storage.kind !== 'external') continue;
    const size = sizeOf(storage.path);
    if (size === null) throw new AppError('FORMAT_MISSING_FILE', { tensor: name, path: storage.path });
    const length = storage.length ?? byteLength;
    const end = storage.start + length;
    if (!Number.isSafeInteger(end) || end > size) {
      throw new AppError('FORMAT_BOUNDS', { tensor: name, path: storage.path, start: storage.start, end, size });
    }
    if (length !== byteLength) {
      throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: name, expected: byteLength, actual: length });
    }
  }
}
