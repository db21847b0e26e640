import { isAttestationName } from '../claims/attestations/registry.ts';
import { isClaimFile } from '../claims/registry.ts';
import { unfinishedName } from '../formats/disguise/unfinished.ts';
import { formatByName } from '../formats/registry.ts';
import type { PlannedArtifact } from './model.ts';

export type Role = PlannedArtifact['role'];

/**
 * Endings of weight files, also of those whose container has no reader here: they are opened to say what they are.
 * `.bin` and `.pb` belong to many things; the bytes decide later.
 */
const WEIGHTS =
  /\.(?:bin|ckpt|gguf|ggml|h5|hdf5|keras|mar|mlmodel|msgpack|nemo|npy|npz|onnx|ot|pb|pickle|pkl|pt|pth|pt2|ptl|safetensors|task|tflite|torchscript)$/i;
/** Parts of a SavedModel that only look like a graph by their name. */
const NO_WEIGHTS = /(?:^|\/)fingerprint\.pb$/i;
/** Configuration, tokenizers, indexes, scripts, model cards: what a loader or a person reads besides the weights. */
const SIDE = /\.(?:jinja2?|json|jsonl|md|model|py|spm|tiktoken|toml|txt|vocab|ya?ml)$/i;

/** What a file is in its model, by its name alone; null: the name does not tell (`sha256-6a0746…`, `LICENSE`). */
export function roleByName(path: string): Role | null {
  if (isClaimFile(path) || isAttestationName(path)) return 'claim';
  const ending = unfinishedName(path);
  // Whatever it will be: what must be said about it is that it is not finished.
  if (ending !== null) return 'weights';
  if (NO_WEIGHTS.test(path)) return 'other';
  if (WEIGHTS.test(path) || formatByName(path) !== null) return 'weights';
  if (SIDE.test(path)) return 'side';
  return /\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(path.slice(path.lastIndexOf('/') + 1)) ? 'other' : null;
}
