/** Types whose values do not fit in float32: their statistics are taken from float64. */
const READERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  F64: (view, at) => view.getFloat64(at, true),
  C128: (view, at) => view.getFloat64(at, true),
  I32: (view, at) => view.getInt32(at, true),
  U32: (view, at) => view.getUint32(at, true),
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  U64: (view, at) => Number(view.getBigUint64(at, true)),
};

export function isWide(dtype: string): boolean {
  return Object.hasOwn(READERS, dtype);
}

/** Little-endian stored bytes as float64, one rounding to nearest even. @param count values */
export function wideValues(dtype: string, stored: Uint8Array, count: number): Float64Array {
  const read = READERS[dtype]!;
  const width = dtype.endsWith('32') ? 4 : 8;
  const view = new DataView(stored.buffer, stored.byteOffset, count * width);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, i * width);
  return values;
}
