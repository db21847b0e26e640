/** How far rounding to a stored type moves a number, and which types this is known of. */

/** Bits of the fraction, without the leading one. IEEE 754; bfloat16 as in its users' manuals. */
const FRACTION_BITS: Readonly<Record<string, number>> = { F64: 52, F32: 23, F16: 10, BF16: 7 };

/**
 * Mean of 1/m² for a significand m in [1, 2) whose logarithm is even: ∫₁² m⁻³ dm ÷ ln 2 = 3 ÷ (8 ln 2). Weights have
 * significands close to that (Benford's law); the other extreme, m = 1 always, is 1.36 times the error.
 */
const MEAN_INVERSE_SQUARE = 3 / (8 * Math.LN2);

/**
 * Mean of (error)² ÷ w² when w is rounded to nearest: the error is even in ± half a unit, whose variance is unit² ÷ 12,
 * and unit ÷ |w| = 2^−bits ÷ m. Null for types with blocks, scales or few bits: no such rule holds for them.
 */
export function roundingShare(dtype: string): number | null {
  const bits = FRACTION_BITS[dtype];
  return bits === undefined ? null : (MEAN_INVERSE_SQUARE * 4 ** -bits) / 12;
}

/** Largest error of rounding, relative to |w|: half a unit in the last place. Null as above. */
export function largestRounding(dtype: string): number | null {
  const bits = FRACTION_BITS[dtype];
  return bits === undefined ? null : 2 ** -(bits + 1);
}

/** Types in which an optimiser may keep weights so coarsely that a step is rounded away or up to twice itself. */
export function isCoarse(dtype: string): boolean {
  return dtype === 'BF16' || dtype === 'F16';
}
