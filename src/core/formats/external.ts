import { AppError } from '../errors.ts';
import type { TensorEntry } from '../tensors/entry.ts';

/** Problems kept of one artifact: a hostile table can name a file of its own for each of its tensors. */
const PROBLEMS_MAX = 100;

/**
 * Holds tensors that live in other files against these files. Opening an artifact sees that artifact alone, so this is
 * called by whoever knows the whole model.
 *
 * @param sizeOf bytes of an artifact of the model by its path, null when there is none
 * @throws AppError FORMAT_MISSING_FILE, FORMAT_BOUNDS, FORMAT_SIZE_MISMATCH: the first of `externalProblems`
 */
export function checkExternal(tensors: readonly TensorEntry[], sizeOf: (path: string) => number | null): void {
  const [first] = externalProblems(tensors, sizeOf);
  if (first !== undefined) throw first;
}

/**
 * What `checkExternal` finds, each kind once for each of the other files, with the first tensor it concerns and in
 * `tensors` how many there are.
 *
 * @returns FORMAT_MISSING_FILE {file, tensor}, FORMAT_BOUNDS {path, tensor, start, end, size}, FORMAT_SIZE_MISMATCH
 */
export function externalProblems(
  tensors: readonly TensorEntry[],
  sizeOf: (path: string) => number | null,
): readonly AppError[] {
  const found = new Map<string, { error: AppError; tensors: number }>();
  for (const tensor of tensors) {
    const error = problemOf(tensor, sizeOf);
    if (error === null) continue;
    const key = `${error.code} ${error.detail['path']}`;
    const known = found.get(key);
    if (known !== undefined) known.tensors += 1;
    else if (found.size < PROBLEMS_MAX) found.set(key, { error, tensors: 1 });
  }
  return [...found.values()].map(
    ({ error, tensors: count }) => new AppError(error.code, { ...error.detail, tensors: count }),
  );
}

function problemOf(
  { name, byteLength, storage }: TensorEntry,
  sizeOf: (path: string) => number | null,
): AppError | null {
  if (storage.kind !== 'external') return null;
  const { path, start } = storage;
  const tensor = name.slice(0, 200);
  const size = sizeOf(path);
  if (size === null) return new AppError('FORMAT_MISSING_FILE', { tensor, path, file: path });
  const length = storage.length ?? byteLength;
  const end = start + length;
  if (!Number.isSafeInteger(end) || end > size)
    return new AppError('FORMAT_BOUNDS', { tensor, path, start, end, size });
  if (length === byteLength) return null;
  return new AppError('FORMAT_SIZE_MISMATCH', { tensor, path, expected: byteLength, actual: length });
}
