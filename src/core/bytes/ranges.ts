import { AppError } from '../errors.ts';

/**
 * Refuses a range that is not inside the source: offsets must be whole numbers with 0 <= start <= end <= size.
 * A short answer would be a silent wrong digest, so this is an error and never a clamp.
 *
 * @throws AppError SOURCE_LENGTH
 */
export function checkRange(name: string, size: number, start: number, end: number): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= size) return;
  throw new AppError('SOURCE_LENGTH', { name, start, end, size });
}

/** The one place where a length is compared with what was asked for. */
export function checkLength(name: string, start: number, wanted: number, got: number): void {
  if (wanted !== got) throw new AppError('SOURCE_LENGTH', { name, start, wanted, got });
}
