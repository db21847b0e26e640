import { Inflate } from 'fflate';
import { AppError } from '../../errors.ts';

/**
 * Packed bytes given to the inflater at once. Deflate expands at most 1,032 times, so what comes out of one step stays
 * below 9 MiB even for a bomb, and the stated size is held against it before the next step.
 */
const STEP = 8 * 1024;

/**
 * Unpacks raw deflate (RFC 1951) and yields what comes out, never more than `size` bytes in all.
 *
 * @throws AppError FORMAT_COMPRESSION when the stream is broken, FORMAT_SIZE_MISMATCH when it unpacks to another length
 */
export async function* inflateRaw(
  packed: AsyncIterable<Uint8Array>,
  size: number,
  entry: string,
  step = STEP,
): AsyncGenerator<Uint8Array, void, undefined> {
  const shown = entry.slice(0, 200);
  let out: Uint8Array[] = [];
  let total = 0;
  const inflater = new Inflate((chunk) => {
    total += chunk.length;
    if (chunk.length > 0) out.push(chunk);
  });
  const push = (bytes: Uint8Array, last: boolean): void => {
    try {
      inflater.push(bytes, last);
    } catch (cause) {
      throw new AppError('FORMAT_COMPRESSION', { entry: shown, after: total }, cause);
    }
    if (total > size) throw new AppError('FORMAT_SIZE_MISMATCH', { entry: shown, expected: size, actual: total });
  };
  for await (const chunk of packed) {
    for (let at = 0; at < chunk.length; at += step) {
      push(chunk.subarray(at, at + step), false);
      const ready = out;
      out = [];
      yield* ready;
    }
  }
  push(new Uint8Array(0), true);
  yield* out;
  if (total !== size) throw new AppError('FORMAT_SIZE_MISMATCH', { entry: shown, expected: size, actual: total });
}
