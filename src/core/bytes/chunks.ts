import { throwIfAborted } from '../errors.ts';
import { READ_CHUNK, READS_IN_FLIGHT } from '../limits.ts';
import { checkLength } from './ranges.ts';

/** Reads exactly [start, end) or rejects. */
export type ReadExact = (start: number, end: number) => Promise<Uint8Array>;

/**
 * Turns exact reads into a stream: `READ_CHUNK` each, `READS_IN_FLIGHT` under way while the consumer works on the
 * current one. Memory is therefore at most (in flight + 1) chunks, whatever the size of the file.
 */
export async function* streamByReads(
  read: ReadExact,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pending: Promise<Uint8Array>[] = [];
  let asked = start;
  const fill = (): void => {
    while (asked < end && pending.length < READS_IN_FLIGHT) {
      const stop = Math.min(asked + READ_CHUNK, end);
      const reading = read(asked, stop);
      // Awaited later, or never when the consumer stops early: not an unhandled rejection either way.
      reading.catch(() => undefined);
      pending.push(reading);
      asked = stop;
    }
  };
  fill();
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    throwIfAborted(signal);
    const bytes = await next;
    throwIfAborted(signal);
    fill();
    yield bytes;
  }
}

/** Collects a stream of known length into one array. The length is the caller's own, already held against a cap. */
export async function gather(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const out = new Uint8Array(end - start);
  let filled = 0;
  for await (const chunk of chunks) {
    if (filled + chunk.length > out.length) checkLength(name, start, out.length, filled + chunk.length);
    out.set(chunk, filled);
    filled += chunk.length;
  }
  checkLength(name, start, out.length, filled);
  return out;
}

/** The same bytes in a buffer of their own, so that the receiver may transfer it. Copies only when it has to. */
export function owned(chunk: Uint8Array): Uint8Array {
  return chunk.byteLength === chunk.buffer.byteLength ? chunk : chunk.slice();
}
