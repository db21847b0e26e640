import type { FormatId } from '../../../src/core/formats/format.ts';
import { FORMATS } from '../../../src/core/formats/registry.ts';

/** Formats of golden rows, each with the reader that must be there for its rows to count. `null`: no reader needed. */
const READER_OF_ROW: ReadonlyMap<string, FormatId | null> = new Map<string, FormatId | null>([
  ['safetensors', 'safetensors'],
  ['safetensors-sharded', 'safetensors'],
  ['gguf', 'gguf'],
  ['gguf-split', 'gguf'],
  ['pytorch-zip', 'pytorch-zip'],
  ['pytorch-legacy', 'pytorch-legacy'],
  ['pytorch-tar', 'pytorch-tar'],
  ['pytorch-sharded', 'pytorch-zip'],
  ['pytorch', 'pytorch-zip'],
  ['torchscript', 'torchscript'],
  ['torch-export', 'torch-export'],
  ['pickle', 'pickle'],
  ['npy', 'npy'],
  ['npz', 'npz'],
  ['numpy', 'npy'],
  ['hdf5', 'hdf5'],
  ['keras', 'keras'],
  ['keras-h5', 'hdf5'],
  ['keras-weights-h5', 'hdf5'],
  ['tflite', 'tflite'],
  ['onnx', 'onnx'],
  ['config', null],
  ['tensorflow', 'tensorflow-savedmodel'],
  ['tensorflow-graphdef', 'tensorflow-graphdef'],
  ['tensorflow-savedmodel', 'tensorflow-savedmodel'],
  ['tensorflow-checkpoint', 'tensorflow-checkpoint'],
  ['unknown', null],
]);

/** Can rows of this format be computed by what is registered? */
export function isCovered(rowFormat: string): boolean {
  const reader = READER_OF_ROW.get(rowFormat);
  return reader === null || FORMATS.some(({ id }) => id === reader);
}

/** Rows that name what a container is used for, where ours names the container. */
const CONTAINER_OF_ROW: ReadonlyMap<string, FormatId> = new Map([
  ['keras-h5', 'hdf5'],
  ['keras-weights-h5', 'hdf5'],
]);

/** The format a row expects, by our name. */
export function containerOf(rowFormat: string): string {
  return CONTAINER_OF_ROW.get(rowFormat) ?? rowFormat;
}

/** `--only`: a name stands for its family, so that `gguf` means `gguf-split` as well. */
export function isWanted(rowFormat: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((name) => rowFormat === name || rowFormat.startsWith(`${name}-`));
}
