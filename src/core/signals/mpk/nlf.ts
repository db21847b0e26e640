/** Norm Layer Fingerprint: the values of the norm layers, or their statistics when they have different lengths. */
import { cosineClamp, moments } from './vector.ts';

/** Shorter norm vectors do not enter. */
export const NORM_VALUES_MIN = 64;
const COMPARED_MIN = 4;

export interface NormFingerprint {
  readonly mode: 'direct' | 'stats';
  /** How many tensors entered. */
  readonly tensors: number;
  readonly vector: Float32Array | Float64Array;
}

/** @param norms the norm tensors in the order in which MPK met them */
export function normFingerprint(norms: readonly Float32Array[]): NormFingerprint | null {
  const length = norms[0]?.length;
  if (length === undefined) return null;
  if (norms.some((norm) => norm.length !== length)) {
    return { mode: 'stats', tensors: norms.length, vector: Float64Array.from(norms.flatMap((norm) => moments(norm))) };
  }
  const vector = new Float32Array(length * norms.length);
  for (const [i, norm] of norms.entries()) vector.set(norm, i * length);
  return { mode: 'direct', tensors: norms.length, vector };
}

/** Not rounded; null when a side is missing or too short. */
export function nlfSimilarity(a: NormFingerprint | null, b: NormFingerprint | null): number | null {
  if (a === null || b === null) return null;
  let [va, vb] = [a.vector, b.vector];
  if (a.mode === 'direct' && b.mode === 'direct' && va.length === vb.length) return cosineClamp(va, vb);
  if (a.mode === 'direct') va = chunkStatistics(va, a.tensors);
  if (b.mode === 'direct') vb = chunkStatistics(vb, b.tensors);
  const length = Math.min(va.length, vb.length);
  return length < COMPARED_MIN ? null : cosineClamp(va.subarray(0, length), vb.subarray(0, length));
}

/** MPK's `norm_vector_to_stats`: as many equal chunks as there were tensors, four statistics of each. */
export function chunkStatistics(vector: Float32Array | Float64Array, chunks: number): Float32Array | Float64Array {
  const size = chunks > 0 ? Math.floor(vector.length / chunks) : 0;
  if (size === 0) return vector;
  const all = Array.from({ length: chunks }, (_, i) => moments(vector.subarray(i * size, (i + 1) * size)));
  return Float64Array.from(all.flat());
}
