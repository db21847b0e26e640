/** Rounding to shorter floats, to nearest even: what an operator with such an output type stores. */

interface Short {
  /** Bits of the mantissa that are stored. */
  readonly mantissa: number;
  /** Exponent of the smallest normal number; below it the steps stay the same. */
  readonly least: number;
  readonly most: number;
}

const SHORT: Readonly<Record<'F16' | 'BF16', Short>> = {
  F16: { mantissa: 10, least: -14, most: 65_504 },
  BF16: { mantissa: 7, least: -126, most: (2 - 2 ** -7) * 2 ** 127 },
};

/** Adding and subtracting it leaves whole numbers below 2^51 of a double, ties going to even. */
const WHOLE = 1.5 * 2 ** 52;

/** Rounds in place. NaN stays NaN; what is beyond the largest number becomes infinite. */
export function roundTo(values: Float32Array, dtype: 'F16' | 'BF16'): void {
  const { mantissa, least, most } = SHORT[dtype];
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const exponent = Math.max(((bits[i]! >>> 23) & 255) - 127, least);
    const unit = 2 ** (exponent - mantissa);
    const rounded = (Math.abs(value) / unit + WHOLE - WHOLE) * unit;
    if (rounded <= most) values[i] = value < 0 || Object.is(value, -0) ? -rounded : rounded;
    else if (rounded > most) values[i] = value < 0 ? -Infinity : Infinity;
  }
}
