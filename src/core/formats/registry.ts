import type { Format } from './format.ts';
import { looksLikeHdf5 } from './hdf5/magic.ts';
import { looksLikeKeras } from './keras/magic.ts';
import { looksLikePickle } from './looks-like-pickle.ts';
import { looksLikeGguf, looksLikeSafetensors } from './magic.ts';
import { looksLikeNpy, looksLikeNpz } from './npy/magic.ts';
import { looksLikeOnnx } from './onnx/match.ts';
import { looksLikeTar } from './tar.ts';
import { looksLikeBundleIndex, looksLikeGraphDef, looksLikeSavedModel } from './tensorflow/magic.ts';
import { looksLikeTflite } from './tflite/magic.ts';
import { looksLikeLegacy, looksLikeTorchExport, looksLikeTorchScript, looksLikeTarGzip } from './torch/magic.ts';
import { looksLikeZip } from './zip/archive.ts';

/** One line of the list. Its reader is loaded when the first such file is met. */
export interface FormatEntry extends Pick<Format, 'id' | 'title' | 'extensions' | 'match'> {
  load(): Promise<Format>;
}

/** The formats that are read, in the order in which their first bytes are tried. */
export const FORMATS: readonly FormatEntry[] = [
  {
    id: 'gguf',
    title: 'GGUF',
    extensions: ['.gguf'],
    match: looksLikeGguf,
    load: async () => (await import('./gguf.ts')).gguf,
  },
  {
    id: 'safetensors',
    title: 'safetensors',
    extensions: ['.safetensors'],
    match: (head, source) => looksLikeSafetensors(head, source.size),
    load: async () => (await import('./safetensors.ts')).safetensors,
  },
  {
    id: 'torchscript',
    title: 'TorchScript',
    extensions: ['.jit', '.ptl'],
    match: (head, { name }) => looksLikeTorchScript(head, name),
    load: async () => (await import('./torchscript.ts')).torchScript,
  },
  {
    id: 'torch-export',
    title: 'torch.export program',
    extensions: ['.pt2'],
    match: (head, { name }) => looksLikeTorchExport(head, name),
    load: async () => (await import('./torch-export.ts')).torchExport,
  },
  {
    id: 'onnx',
    title: 'ONNX',
    extensions: ['.onnx'],
    match: (head, { name }) => looksLikeOnnx(head, name),
    load: async () => (await import('./onnx.ts')).onnx,
  },
  {
    id: 'hdf5',
    title: 'HDF5',
    extensions: ['.h5', '.hdf5'],
    match: looksLikeHdf5,
    load: async () => (await import('./hdf5.ts')).hdf5,
  },
  {
    id: 'npy',
    title: 'NumPy array',
    extensions: ['.npy'],
    match: (head, { name }) => looksLikeNpy(head, name),
    load: async () => (await import('./npy.ts')).npy,
  },
  {
    id: 'npz',
    title: 'NumPy archive',
    extensions: ['.npz'],
    match: (head, { name }) => looksLikeNpz(head, name),
    load: async () => (await import('./npz.ts')).npz,
  },
  {
    id: 'keras',
    title: 'Keras',
    extensions: ['.keras'],
    match: (head, { name }) => looksLikeKeras(head, name),
    load: async () => (await import('./keras.ts')).keras,
  },
  {
    id: 'tflite',
    title: 'TensorFlow Lite',
    extensions: ['.tflite'],
    match: looksLikeTflite,
    load: async () => (await import('./tflite.ts')).tflite,
  },
  {
    id: 'tensorflow-savedmodel',
    title: 'TensorFlow SavedModel',
    extensions: ['saved_model.pb', 'keras_metadata.pb'],
    match: looksLikeSavedModel,
    load: async () => (await import('./tensorflow-savedmodel.ts')).tensorflowSavedmodel,
  },
  {
    id: 'tensorflow-graphdef',
    title: 'TensorFlow graph',
    extensions: ['.pb', '.meta'],
    match: looksLikeGraphDef,
    load: async () => (await import('./tensorflow-graphdef.ts')).tensorflowGraphdef,
  },
  {
    id: 'tensorflow-checkpoint',
    title: 'TensorFlow checkpoint',
    extensions: ['.index'],
    match: looksLikeBundleIndex,
    load: async () => (await import('./tensorflow-checkpoint.ts')).tensorflowCheckpoint,
  },
  // Takes every zip that nothing above claims: its pickles are looked at whatever it calls itself.
  {
    id: 'pytorch-zip',
    title: 'PyTorch',
    extensions: ['.pt', '.pth', '.ckpt', '.bin'],
    match: looksLikeZip,
    load: async () => (await import('./pytorch-zip.ts')).pytorchZip,
  },
  {
    id: 'pytorch-tar',
    title: 'PyTorch (tar)',
    extensions: ['.tar', '.nemo', '.tgz', '.tar.gz'],
    match: (head, { name }) => looksLikeTar(head) || looksLikeTarGzip(head, name),
    load: async () => (await import('./pytorch-tar.ts')).pytorchTar,
  },
  {
    id: 'pytorch-legacy',
    title: 'PyTorch (legacy)',
    extensions: ['.pt', '.pth', '.bin'],
    match: looksLikeLegacy,
    load: async () => (await import('./pytorch-legacy.ts')).pytorchLegacy,
  },
  // No magic of its own before protocol 2: the last that is tried.
  {
    id: 'pickle',
    title: 'Python pickle',
    extensions: ['.pkl', '.pickle', '.joblib', '.dill'],
    match: (head, { name, size }) => looksLikePickle(head, name, size),
    load: async () => (await import('./pickle.ts')).pickle,
  },
];

/** What a file is taken for, and why: its bytes, or its name where the bytes are no container's. */
export interface Identified {
  readonly entry: FormatEntry;
  readonly by: 'content' | 'name';
}

/**
 * The format of a file. Content decides over the name; a name decides only when no content does, so that a damaged
 * file is refused as what it claims to be.
 *
 * @param head the first bytes, up to 4,096
 */
export function identify(head: Uint8Array, name: string, size: number): Identified | null {
  const matching = FORMATS.find((entry) => entry.match(head, { name, size }));
  if (matching !== undefined) return { entry: matching, by: 'content' };
  const named = formatByName(name);
  return named === null ? null : { entry: named, by: 'name' };
}

/** The format a name claims by its ending. */
export function formatByName(name: string): FormatEntry | null {
  const lower = name.toLowerCase();
  return FORMATS.find((entry) => entry.extensions.some((extension) => lower.endsWith(extension))) ?? null;
}
