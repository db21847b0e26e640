import { formatByName } from './registry.ts';

/**
 * Endings of weight files, also of those whose container has no reader here: they are opened to say what they are.
 * `.bin` and `.pb` belong to many things; the bytes decide later.
 */
const WEIGHTS =
  /\.(?:bin|ckpt|gguf|ggml|h5|hdf5|keras|mar|mlmodel|msgpack|nemo|npy|npz|onnx|ot|pb|pickle|pkl|pt|pth|pt2|ptl|safetensors|task|tflite|torchscript)$/i;
/** Parts of a SavedModel that only look like a graph by their name. */
const NO_WEIGHTS = /(?:^|\/)fingerprint\.pb$/i;

/** True for files that are named as weights are; false says nothing about a name without an ending. */
export function hasWeightsName(path: string): boolean {
  return !NO_WEIGHTS.test(path) && (WEIGHTS.test(path) || formatByName(path) !== null);
}

/** True for files that look like weights by their name and are known to hold none. */
export function isNoWeightsName(path: string): boolean {
  return NO_WEIGHTS.test(path);
}
