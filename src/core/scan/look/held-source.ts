import type { ByteSource } from '../../bytes/source.ts';
import { LOOK_HELD_MAX } from '../../limits.ts';

/**
 * The same source, which keeps what it streamed, up to `LOOK_HELD_MAX` bytes: a second pass over the same ranges then
 * costs no second reading, which for a remote file is a second download.
 */
export function heldSource(inner: ByteSource, most: number = LOOK_HELD_MAX): ByteSource {
  const kept = new Map<string, readonly Uint8Array[]>();
  let left = most;
  return {
    name: inner.name,
    size: inner.size,
    random: inner.random,
    read: (start, end, signal) => inner.read(start, end, signal),
    settle: (signal) => inner.settle(signal),
    async *stream(start, end, signal) {
      const key = `${start}-${end}`;
      const known = kept.get(key);
      if (known !== undefined) {
        yield* known;
        return;
      }
      const wanted = end - start;
      const keep: Uint8Array[] | null = wanted <= left ? [] : null;
      if (keep !== null) left -= wanted;
      for await (const chunk of inner.stream(start, end, signal)) {
        keep?.push(chunk);
        yield chunk;
      }
      // Only what came to its end: a stream that was left early holds a part.
      if (keep !== null) kept.set(key, keep);
    },
  };
}
