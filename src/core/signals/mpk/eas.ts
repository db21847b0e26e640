/** Embedding Anchor Similarity: how the embedding rows of 64 anchor tokens lie to each other. */
import { correlation } from './vector.ts';

/** With fewer anchors MPK takes neither EAS nor END. */
export const ANCHORS_MIN = 16;
const COMPARED_MIN = 8;
const NORM_MIN = 1e-8;

/** Cosines of all pairs of anchor rows, row-major, float32. */
export interface SelfSimilarity {
  readonly size: number;
  readonly values: Float32Array;
}

/** @param rows anchor rows of the embedding, in anchor order, float32 */
export function selfSimilarity(rows: readonly Float32Array[]): SelfSimilarity {
  const size = rows.length;
  const normed = rows.map((row) => {
    let squares = 0;
    for (const x of row) squares += x * x;
    // clamp(min) keeps NaN, as torch does.
    const norm = Math.fround(Math.sqrt(squares));
    const divisor = norm < NORM_MIN ? NORM_MIN : norm;
    return row.map((x) => x / divisor);
  });
  const values = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const a = normed[i]!;
      const b = normed[j]!;
      let sum = 0;
      for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
      values[i * size + j] = sum;
      values[j * size + i] = sum;
    }
  }
  return { size, values };
}

/** Not rounded; null when a side is missing, too small, constant or not finite. */
export function easSimilarity(a: SelfSimilarity | null, b: SelfSimilarity | null): number | null {
  if (a === null || b === null) return null;
  const k = Math.min(a.size, b.size);
  if (k < COMPARED_MIN) return null;
  return correlation(upperTriangle(a, k), upperTriangle(b, k));
}

function upperTriangle({ size, values }: SelfSimilarity, k: number): Float32Array {
  const out = new Float32Array((k * (k - 1)) / 2);
  let at = 0;
  for (let i = 0; i < k; i++) for (let j = i + 1; j < k; j++) out[at++] = values[i * size + j]!;
  return out;
}
