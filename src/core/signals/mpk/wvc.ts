/** Weight-Value Cosine: the cosine of sampled weights, layer by layer. */
import { clampToUnit } from './vector.ts';

/** At most this many values are taken of one tensor. */
export const SAMPLES_MAX = 4096;
const COMPARED_MIN = 64;
const LAYERS_MIN = 2;
const NORMS_MIN = 1e-10;

/** Sampled values of a layer's tensors, in MPK's order, by layer. */
export type LayerSamples = ReadonlyMap<number, Float32Array>;

export interface LayerCosine {
  readonly layer: number;
  /** In [0, 1]; null when too little of the layer is there on one side. */
  readonly cosine: number | null;
}

/** `values[::n // 4096][:4096]`: every how many-th value is taken, and how many. */
export function sampling(elements: number): { readonly stride: number; readonly count: number } {
  if (elements <= SAMPLES_MAX) return { stride: 1, count: elements };
  return { stride: Math.floor(elements / SAMPLES_MAX), count: SAMPLES_MAX };
}

/** Cosine of every layer that both have, in rising order. */
export function layerCosines(a: LayerSamples, b: LayerSamples): LayerCosine[] {
  const common = [...a.keys()].filter((layer) => b.has(layer)).sort((x, y) => x - y);
  return common.map((layer) => ({ layer, cosine: layerCosine(a.get(layer)!, b.get(layer)!) }));
}

/** Mean over layers, not rounded; null with fewer than two common layers. */
export function wvcSimilarity(a: LayerSamples | null, b: LayerSamples | null): number | null {
  if (a === null || b === null) return null;
  const layers = layerCosines(a, b);
  const cosines = layers.flatMap(({ cosine }) => (cosine === null ? [] : [cosine]));
  if (layers.length < LAYERS_MIN || cosines.length < LAYERS_MIN) return null;
  return cosines.reduce((sum, x) => sum + x, 0) / cosines.length;
}

/** Layers of different depth are cut to the shorter; a NaN among the values makes the cosine a perfect one, as in MPK. */
function layerCosine(a: Float32Array, b: Float32Array): number | null {
  const length = Math.min(a.length, b.length);
  if (length < COMPARED_MIN) return null;
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  const norms = Math.sqrt(aa) * Math.sqrt(bb);
  return norms < NORMS_MIN ? null : clampToUnit(dot / norms);
}
