/** Rounding as Python does it: on the exact value of the double, ties to even. */

/**
 * `round(value, digits)` for `digits` 0 to 15.
 *
 * CPython formats the exact value with that many decimals (dtoa, mode 3, half to even) and reads it back. `toFixed` is
 * exact as well but takes the larger of two equally near decimals (ECMA-262, Number.prototype.toFixed), so only exact
 * ties differ; a tie is a multiple of a power of two and is told by an exact doubling.
 */
export function pythonRound(value: number, digits = 0): number {
  if (!Number.isFinite(value) || value === 0) return value;
  if (Math.abs(value) >= 1e21) return value;
  const up = Number(value.toFixed(digits));
  if (!isTie(value, digits)) return up;
  const text = Math.abs(value).toFixed(digits);
  const last = Number(text.at(-1));
  if (last % 2 === 0) return up;
  // The tie went to the odd digit; its even neighbour is one unit towards zero.
  const unit = BigInt(text.replace('.', '')) - 1n;
  const padded = unit.toString().padStart(digits + 1, '0');
  const cut = padded.length - digits;
  return Math.sign(value) * Number(digits === 0 ? padded : `${padded.slice(0, cut)}.${padded.slice(cut)}`);
}

/** `round(x, -2)`: to hundreds, half to even. Exact for what configurations hold. */
export function roundToHundreds(value: number): number {
  const quotient = value / 100;
  const floor = Math.floor(quotient);
  const rest = value - floor * 100;
  if (rest !== 50) return (rest < 50 ? floor : floor + 1) * 100;
  return (floor % 2 === 0 ? floor : floor + 1) * 100;
}

/** Is the value exactly half way between two decimals of that many digits? Then a decimal with one digit more is it. */
function isTie(value: number, digits: number): boolean {
  const more = Math.abs(value).toFixed(Math.min(digits + 1, 100));
  if (!more.endsWith('5')) return false;
  // Exact comparison: all further decimals of the double are zero. 80 of them cover every double above 1e-22.
  const all = Math.abs(value).toFixed(Math.min(digits + 80, 100));
  return /^0*$/.test(all.slice(all.length - (Math.min(digits + 80, 100) - digits - 1)));
}
