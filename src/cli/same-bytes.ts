import type { EqualBytes } from '../core/scan/compare-bytes.ts';

/** memcmp. */
export const sameBytes: EqualBytes = (a, b) =>
  Buffer.compare(
    Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  ) === 0;
