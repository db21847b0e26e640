/** A few lines that write the wire format, for tests. */
export function varint(value: number | bigint): number[] {
  const out: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest /= 128n) {
    out.push(Number(rest % 128n) + (rest > 127n ? 128 : 0));
    if (rest < 128n) return out;
  }
}

export const intField = (number: number, value: number | bigint): number[] => [...varint(number * 8), ...varint(value)];

export const bytesField = (number: number, bytes: Iterable<number> | string): number[] => {
  const body = typeof bytes === 'string' ? [...new TextEncoder().encode(bytes)] : [...bytes];
  return [...varint(number * 8 + 2), ...varint(body.length), ...body];
};
