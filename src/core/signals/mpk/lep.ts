/** Layer Energy Profile: how much weight each layer carries, relative to the heaviest. */
import { correlation } from './vector.ts';

const ENERGY_MIN = 1e-8;
/** A hostile name may state any layer number; no model has this many. */
export const LAYERS_MAX = 100_000;

/** @param energies energy by layer; layers that are missing in between count zero */
export function layerProfile(energies: ReadonlyMap<number, number>): Float64Array | null {
  if (energies.size === 0) return null;
  const last = Math.max(...energies.keys());
  const profile = Float64Array.from({ length: last + 1 }, (_, layer) => energies.get(layer) ?? 0);
  // numpy's max is NaN when any value is, and a NaN is not above the minimum: then nothing is divided.
  const most = profile.some((x) => Number.isNaN(x)) ? NaN : profile.reduce((a, b) => Math.max(a, b));
  return most > ENERGY_MIN ? profile.map((energy) => energy / most) : profile;
}

/** Not rounded; null when a side is missing or constant. */
export function lepSimilarity(
  a: Float64Array | Float32Array | null,
  b: Float64Array | Float32Array | null,
): number | null {
  if (a === null || b === null || a.length === 0 || b.length === 0) return null;
  const length = Math.min(a.length, b.length);
  return a.length === b.length ? correlation(a, b) : correlation(resampled(a, length), resampled(b, length));
}

/** `numpy.interp` of a profile over [0, 1] at `length` evenly spaced points. */
function resampled(profile: Float64Array | Float32Array, length: number): Float64Array {
  if (profile.length === 1) return new Float64Array(length).fill(profile[0]!);
  const places = linspace(profile.length);
  let left = 0;
  return linspace(length).map((x) => {
    while (left < profile.length - 2 && places[left + 1]! <= x) left++;
    const from = profile[left]!;
    const slope = (profile[left + 1]! - from) / (places[left + 1]! - places[left]!);
    return x >= 1 ? profile.at(-1)! : slope * (x - places[left]!) + from;
  });
}

function linspace(length: number): Float64Array {
  const step = length > 1 ? 1 / (length - 1) : 0;
  const out = Float64Array.from({ length }, (_, i) => i * step);
  if (length > 1) out[length - 1] = 1;
  return out;
}
