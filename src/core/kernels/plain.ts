import type { Census, Reductions } from './kernels.ts';

/** ((0+4) + (2+6)) + ((1+5) + (3+7)) */
function fold(lanes: Float64Array): number {
  const at = (i: number): number => lanes[i]!;
  return at(0) + at(4) + (at(2) + at(6)) + (at(1) + at(5) + (at(3) + at(7)));
}

function dot(x: Float32Array, y: Float32Array): number {
  const lanes = new Float64Array(8);
  for (let i = 0; i < x.length; i++) lanes[i & 7]! += x[i]! * y[i]!;
  return fold(lanes);
}

function rowSquares(values: Float32Array, columns: number, phase: number): Float64Array {
  const rows: number[] = [];
  for (let at = 0; at < values.length;) {
    const take = Math.min(values.length - at, columns - (rows.length === 0 ? phase : 0));
    const row = values.subarray(at, at + take);
    rows.push(dot(row, row));
    at += take;
  }
  return Float64Array.from(rows);
}

/** 1.5 · 2^(k+12) with 2^k above the magnitude of every value: see `sums` in assembly/reduce.ts. */
function startOf(magnitude: number): number {
  const [bits = 0] = new Uint32Array(Float32Array.of(magnitude).buffer);
  return 1.5 * 2 ** ((bits >>> 23) - 114);
}

function census(values: Float32Array): Census {
  let least = Infinity;
  let most = -Infinity;
  let finite = 0;
  let nan = 0;
  let zeros = 0;
  for (const x of values) {
    if (x !== x) nan++;
    if (x - x !== 0) continue;
    finite++;
    if (x === 0) zeros++;
    if (x < least) least = x;
    if (x > most) most = x;
  }
  const start = startOf(finite === 0 ? 0 : Math.max(Math.abs(least), Math.abs(most)));
  const sum = new Float64Array(16).fill(start, 0, 8);
  const squares = new Float64Array(8);
  for (let i = 0; i < values.length; i++) {
    const x = Number.isFinite(values[i]) ? values[i]! : 0;
    const lane = i & 7;
    const before = sum[lane]!;
    const after = before + x;
    sum[lane] = after;
    sum[lane + 8]! += x - (after - before);
    squares[lane]! += x * x;
  }
  for (let lane = 0; lane < 8; lane++) sum[lane]! -= start;
  return { sum, squares: fold(squares), least: least + 0, most: most + 0, finite, nan, zeros };
}

/** The reductions in plain TypeScript: the same results, bit for bit, as the WASM module. */
export const plainReductions: Reductions = {
  squares: (values) => dot(values, values),
  dot,
  rowSquares,
  census,
  sample: (values, start, step) => values.filter((_, i) => i >= start && (i - start) % step === 0),
  histogram(values, low, high, counts) {
    const bins = counts.length;
    const scale = bins / (high - low);
    for (const value of values) {
      const t = (value - low) * scale;
      if (t >= 0 && t <= bins) counts[Math.min(Math.floor(t), bins - 1)]! += 1;
    }
  },
};
