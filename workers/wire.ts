/** Results and errors as data, so that a code survives the worker boundary (comlink keeps only an error's name). */
import { AppError, toErrorData, type ErrorData } from '../src/core/errors.ts';

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorData };

/** Runs `work` and turns whatever it throws into data. */
export async function capture<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

/** The value, or the same AppError on this side. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new AppError(result.error.code, result.error.detail);
}
