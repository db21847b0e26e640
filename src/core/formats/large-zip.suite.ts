/** A zip of stored entries that end in hundreds of megabytes of zeros, with 64-bit fields and true sums. */
import { crc32 } from './zip/crc32.ts';
import { bytesOf } from './zip/write.suite.ts';

export interface SparseEntry {
  readonly name: string;
  readonly content: Uint8Array;
  /** Zeros behind the content. */
  readonly zeros?: number;
}

export function makeSparseZip(entries: readonly SparseEntry[]): {
  readonly size: number;
  readonly pieces: readonly { readonly at: number; readonly bytes: Uint8Array }[];
} {
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, content, zeros = 0 } of entries) {
    const encoded = new TextEncoder().encode(name);
    const size = content.length + zeros;
    const crc = crcOfZeros(crc32(content), zeros);
    const fields = [[0, 2], [0, 2], [0, 4], [crc, 4], [0xffffffff, 4], [0xffffffff, 4], [encoded.length, 2]] as const; // prettier-ignore
    const local = bytesOf([0x04034b50, 4], [45, 2], ...fields, [20, 2], encoded, [1, 2], [16, 2], [size, 8], [size, 8]);
    pieces.push({ at, bytes: new Uint8Array(Buffer.concat([local, content])) });
    const where = [[28, 2], [0, 2], [0, 2], [0, 2], [0, 4], [0xffffffff, 4]] as const; // prettier-ignore
    const extra = [[1, 2], [24, 2], [size, 8], [size, 8], [at, 8]] as const; // prettier-ignore
    directory.push(bytesOf([0x02014b50, 4], [45, 2], [45, 2], ...fields, ...where, encoded, ...extra));
    at += local.length + size;
  }
  const table = new Uint8Array(Buffer.concat(directory));
  const count = entries.length;
  const end64 = bytesOf([0x06064b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [count, 8], [count, 8], [table.length, 8], [at, 8]); // prettier-ignore
  const locator = bytesOf([0x07064b50, 4], [0, 4], [at + table.length, 8], [1, 4]);
  const end = bytesOf([0x06054b50, 4], [0, 2], [0, 2], [0xffff, 2], [0xffff, 2], [0xffffffff, 4], [0xffffffff, 4], [0, 2]); // prettier-ignore
  const tail = new Uint8Array(Buffer.concat([table, end64, locator, end]));
  pieces.push({ at, bytes: tail });
  return { size: at + tail.length, pieces };
}

/** CRC-32 of bytes with this sum and `zeros` more: zeros are a linear step, which is squared (as zlib's crc32_combine). */
function crcOfZeros(crc: number, zeros: number): number {
  const times = (matrix: readonly number[], vector: number): number => {
    let sum = 0;
    for (let i = 0, rest = vector; rest !== 0; i += 1, rest >>>= 1) if ((rest & 1) === 1) sum ^= matrix[i]!;
    return sum >>> 0;
  };
  // One zero bit: the sum moves down by one, and the polynomial is subtracted when a bit falls out.
  let step = Array.from({ length: 32 }, (_, i) => (i === 0 ? 0xedb88320 : 2 ** (i - 1)));
  const squared = (matrix: readonly number[]): number[] => matrix.map((column) => times(matrix, column));
  for (let i = 0; i < 3; i += 1) step = squared(step);
  let sum = (crc ^ 0xffffffff) >>> 0;
  for (let rest = zeros; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) sum = times(step, sum);
    step = squared(step);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
