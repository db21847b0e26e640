/** 2^(e - 25) for the exponent field e of a float16: times 1024 plus the mantissa that is the value. */
const UNITS = Float64Array.from({ length: 31 }, (_, e) => 2 ** (Math.max(e, 1) - 25));

/** The value of float16 bits, exactly. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? mantissa : mantissa + 1024) * UNITS[exponent]!;
}

/** The float16 stored little-endian at `at`. */
export function halfAt(bytes: Uint8Array, at: number): number {
  return half(bytes[at]! | (bytes[at + 1]! << 8));
}
