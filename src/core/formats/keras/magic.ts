import { firstName } from '../npy/magic.ts';
import { looksLikeZip } from '../zip/archive.ts';

/** Files that Keras 3 puts into its archive. */
export const KERAS_FILES: ReadonlySet<string> = new Set([
  'metadata.json',
  'config.json',
  'model.weights.h5',
  'model.weights.npz',
]);

export function looksLikeKeras(head: Uint8Array, name: string): boolean {
  if (!looksLikeZip(head)) return false;
  return /\.keras$/i.test(name) || KERAS_FILES.has(firstName(head));
}
