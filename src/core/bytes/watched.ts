import { AppError } from '../errors.ts';

/** The promise, or SOURCE_ABORTED at once when the signal fires, or SOURCE_STALLED after `ms`; both end the request. */
export function watched<T>(
  promise: Promise<T>,
  stop: AbortController,
  signal: AbortSignal | undefined,
  ms: number,
  host: string,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const end = (error: AppError): void => {
      clearTimeout(timer);
      reject(error);
      stop.abort();
    };
    const abort = (): void => end(new AppError('SOURCE_ABORTED'));
    const timer = setTimeout(() => end(new AppError('SOURCE_STALLED', { host, ms })), ms);
    signal?.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
  });
}
