const CHUNK = 256 * 1024;

/**
 * Elements of an array in row-major order, whatever order they are stored in.
 *
 * @param bytes the stored elements
 * @param strides elements between neighbours along each dimension
 * @param size bytes of one element
 */
export function* rowMajor(
  bytes: Uint8Array,
  shape: readonly number[],
  strides: readonly number[],
  size: number,
): Generator<Uint8Array, void, undefined> {
  const total = shape.reduce((product, length) => product * length, 1);
  const index = shape.map(() => 0);
  let from = 0;
  let out = new Uint8Array(Math.max(size, Math.floor(CHUNK / size) * size));
  let filled = 0;
  for (let i = 0; i < total; i += 1) {
    for (let b = 0; b < size; b += 1) out[filled + b] = bytes[from + b] ?? 0;
    filled += size;
    if (filled === out.length) {
      yield out;
      out = new Uint8Array(out.length);
      filled = 0;
    }
    // The next index, last dimension first; `from` follows in elements.
    for (let d = shape.length - 1; d >= 0; d -= 1) {
      index[d] = (index[d] ?? 0) + 1;
      from += (strides[d] ?? 0) * size;
      if ((index[d] ?? 0) < (shape[d] ?? 0)) break;
      from -= (strides[d] ?? 0) * (shape[d] ?? 0) * size;
      index[d] = 0;
    }
  }
  if (filled > 0) yield out.subarray(0, filled);
}
