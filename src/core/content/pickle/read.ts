import type { ByteSource } from '../../bytes/source.ts';
import { throwIfAborted } from '../../errors.ts';
import type { ClassifyOptions } from './classify.ts';
import { PickleMachine } from './machine.ts';
import type { PickleStream } from './stream.ts';
import { NeedMore, PickleWindow } from './window.ts';

/** First and largest read; single values that need more get it. */
const FIRST = 64 * 1024;
const MOST = 1024 * 1024;

/** Describes the pickle stream that begins at `start` of bytes in memory. Offsets in the result count from `base`. */
export function describePickle(bytes: Uint8Array, options: ClassifyOptions = {}, base = 0): PickleStream {
  const result = new PickleMachine(base, options).run(new PickleWindow(bytes, base, base + bytes.length));
  // Everything is in the window, so nothing more can be asked for.
  if (result instanceof NeedMore) throw new RangeError('a complete window asked for more');
  return result;
}

/**
 * Describes the pickle stream that begins at `start`, reading no more of the source than it has to: long strings and
 * arrays inside it are stepped over. Offsets in the result are those of the source.
 *
 * @param end where the bytes that may belong to the stream end
 * @throws AppError SOURCE_*; what is wrong with the pickle comes as `error` of the result
 */
export async function readPickle(
  source: ByteSource,
  start: number,
  end: number,
  options: ClassifyOptions = {},
  signal?: AbortSignal,
): Promise<PickleStream> {
  const machine = new PickleMachine(start, options);
  let size = FIRST;
  const window = new PickleWindow(await source.read(start, Math.min(start + size, end), signal), start, end);
  for (;;) {
    const result = machine.run(window);
    if (!(result instanceof NeedMore)) return result;
    throwIfAborted(signal);
    // Doubling keeps a long line from being searched again and again.
    size = Math.max(Math.min(size * 2, MOST), (result.until - window.position) * 2);
    const stop = Math.min(window.position + size, end);
    window.slide(await source.read(window.position, stop, signal), window.position);
  }
}
