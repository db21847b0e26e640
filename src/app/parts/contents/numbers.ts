/** Numbers of the Contents screen as text. */
import { formatCount } from '../../../core/report/words/units.ts';

/** `0x1f40`: a byte offset as debuggers and hex editors show it. */
export function hexOffset(offset: number): string {
  return `0x${offset.toString(16)}`;
}

/** `8,000 (0x1f40)`. */
export function bothOffsets(offset: number): string {
  return `${formatCount(offset)} (${hexOffset(offset)})`;
}

/** `4096 × 4096`; many dimensions are cut. */
export function shapeText(shape: readonly number[]): string {
  if (shape.length === 0) return 'scalar';
  return shape.slice(0, 8).join(' × ') + (shape.length > 8 ? ' × …' : '');
}

/** Six significant digits, without trailing zeros; the sign of zero, NaN and infinities as they are. */
export function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : value < 0 ? '-Infinity' : 'NaN';
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toString();
  const magnitude = Math.abs(value);
  const text = magnitude >= 1e-4 && magnitude < 1e9 ? value.toPrecision(6) : value.toExponential(5);
  return text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');
}

/** `12.5 %`; small shares are not rounded to nothing. */
export function shareText(part: number, whole: number): string {
  if (whole <= 0) return '0 %';
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 0.1) return 'below 0.1 %';
  return `${percent >= 99.95 && part < whole ? '99.9' : percent.toFixed(1).replace(/\.0$/, '')} %`;
}

/** A byte offset as a person types it: `4096`, `4,096`, `0x1000`; null when it is none. */
export function parseOffset(text: string): number | null {
  const plain = text.trim().replace(/[,_ ]/g, '').toLowerCase();
  if (!/^(?:0x[\da-f]{1,14}|\d{1,16})$/.test(plain)) return null;
  const value = Number(plain);
  return Number.isSafeInteger(value) ? value : null;
}
