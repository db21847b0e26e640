import type { Spread } from './scheme.ts';

export interface Placed {
  readonly spread: Omit<Spread, 'part'>;
  readonly kind: 'tensor' | 'channel' | 'block';
  /** For `block`: rows and columns that share a scale. */
  readonly block?: readonly [number, number];
}

const product = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/**
 * How the scales of a weight lie over it, from the two shapes: one for all, one per row, one per block, or one per
 * matrix of a stack. Nothing when they do not fit.
 *
 * @param weight [..., rows, columns]
 * @param stated block size of the config, tried first
 */
export function placeScales(
  weight: readonly number[],
  scale: readonly number[],
  stated: readonly [number, number] | undefined,
): Placed | undefined {
  const [rows = 0, columns = 0] = weight.slice(-2);
  if (weight.length < 2 || rows === 0 || columns === 0) return undefined;
  const stack = product(weight.slice(0, -2));
  const total = stack * rows;
  const count = product(scale);
  if (stated !== undefined && scale.length >= 2 && product(scale.slice(0, -2)) === stack) {
    const [r, c] = stated;
    const fits = Math.ceil(rows / r) === scale.at(-2) && Math.ceil(columns / c) === scale.at(-1);
    // Where the last block of a matrix is cut, the next matrix of a stack begins a new one.
    if (fits && (stack === 1 || rows % r === 0)) {
      return { spread: { rows: r, run: c, width: scale.at(-1)! }, kind: 'block', block: stated };
    }
  }
  if (count === 1) return { spread: { rows: total, run: columns, width: 1 }, kind: 'tensor' };
  const [a = 0, b = 0] = scale.length >= 2 ? scale.slice(-2) : [scale[0] ?? 0, 1];
  const perRow = a === rows && b === 1 && count === total;
  if (perRow || (scale.length === 1 && count === total)) {
    return { spread: { rows: 1, run: columns, width: 1 }, kind: 'channel' };
  }
  // One number for each matrix of a stack.
  if (count === stack) return { spread: { rows, run: columns, width: 1 }, kind: 'tensor' };
  if (scale.length < 2 || product(scale.slice(0, -2)) !== stack) return undefined;
  const block = blockOf(rows, a, columns, b);
  if (block === undefined || (stack > 1 && rows % block[0] !== 0)) return undefined;
  return { spread: { rows: block[0], run: block[1], width: b }, kind: 'block', block };
}

/** Block size from the number of blocks, where no config states it. */
function blockOf(rows: number, a: number, columns: number, b: number): readonly [number, number] | undefined {
  // 128 by 128 is what every published checkpoint uses.
  if (Math.ceil(rows / 128) === a && Math.ceil(columns / 128) === b) return [128, 128];
  return a > 0 && b > 0 && rows % a === 0 && columns % b === 0 ? [rows / a, columns / b] : undefined;
}
