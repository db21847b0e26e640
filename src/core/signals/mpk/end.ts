/** Embedding Norm Distribution: a histogram of the L2 norms of all embedding rows. */
import { cosineClamp } from './vector.ts';

const BINS = 20;
const SUM_FLOOR = 1e-10;

export interface NormHistogram {
  readonly counts: readonly number[];
  /** 21 edges, float32. */
  readonly edges: Float32Array;
  /** Density over the sum of densities. Bin widths are float32 differences, so these are not exactly count / total. */
  readonly shares: Float64Array;
}

/**
 * `numpy.histogram(norms, bins=20, density=True)` of float32 values, normalised to sum one.
 *
 * @returns null when a norm is not finite: NumPy raises there, which ends MPK's full path
 */
export function normHistogram(norms: Float32Array): NormHistogram | null {
  let low = Infinity;
  let high = -Infinity;
  for (const x of norms) {
    if (!Number.isFinite(x)) return null;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  if (norms.length === 0) [low, high] = [0, 1];
  if (low === high) [low, high] = [Math.fround(low - 0.5), Math.fround(high + 0.5)];
  const width = Math.fround(high - low);
  const edges = binEdges(low, high, width);
  const counts = Array.from({ length: BINS }, () => 0);
  for (const x of norms) {
    let bin = Math.trunc(Math.fround(Math.fround(Math.fround(x - low) / width) * BINS));
    if (bin === BINS) bin--;
    if (x < edges[bin]!) bin--;
    if (bin !== BINS - 1 && x >= edges[bin + 1]!) bin++;
    counts[bin]! += 1;
  }
  return { counts, edges, shares: normalised(counts, edges, norms.length) };
}

/** Cosine, not rounded; null when a side is missing. */
export function endSimilarity(
  a: Float64Array | Float32Array | null,
  b: Float64Array | Float32Array | null,
): number | null {
  return a === null || b === null ? null : cosineClamp(a, b);
}

/** `numpy.linspace` in float32. */
function binEdges(low: number, high: number, width: number): Float32Array {
  const step = Math.fround(width / BINS);
  const edges = Float32Array.from({ length: BINS + 1 }, (_, i) => Math.fround(i * step) + low);
  edges[BINS] = high;
  return edges;
}

function normalised(counts: readonly number[], edges: Float32Array, total: number): Float64Array {
  const density = counts.map((count, i) => count / Math.fround(edges[i + 1]! - edges[i]!) / total);
  const sum = density.reduce((a, b) => a + b, 0) + SUM_FLOOR;
  return Float64Array.from(density, (d) => d / sum);
}
