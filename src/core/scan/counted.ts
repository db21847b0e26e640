import type { ByteSource } from '../bytes/source.ts';

/** The same source, with a count of the bytes that were delivered. */
export function counted(inner: ByteSource): { readonly source: ByteSource; read(): number } {
  let bytes = 0;
  const source: ByteSource = {
    name: inner.name,
    size: inner.size,
    random: inner.random,
    async read(start, end, signal) {
      const result = await inner.read(start, end, signal);
      bytes += result.length;
      return result;
    },
    async *stream(start, end, signal) {
      for await (const chunk of inner.stream(start, end, signal)) {
        bytes += chunk.length;
        yield chunk;
      }
    },
    settle: (signal) => inner.settle(signal),
  };
  return { source, read: () => bytes };
}
