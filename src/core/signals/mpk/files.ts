/** Which files of a model hold its weights. */
import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import { describeFile } from '../../formats/describe.ts';
import type { OpenedWeights } from './extract.ts';

export interface ModelFile {
  /** Relative to the model, `/`-separated. */
  readonly path: string;
  readonly size: number;
  open(signal: AbortSignal): Promise<ByteSource>;
}

export interface Chosen {
  readonly files: readonly ModelFile[];
  readonly weightMap: ReadonlyMap<string, string> | null;
}

export type ReadFile = (name: string) => Promise<Uint8Array | null>;

const SAFETENSORS = 'model.safetensors';
const PICKLE = 'pytorch_model.bin';
/** Other containers, when a model has none of the files MPK reads. */
const OTHER = /\.(?:safetensors|gguf|bin|pt|pth|onnx|h5|hdf5|keras)$/i;
/** Each of these is a model by itself, unless its name is numbered. */
const WHOLE = /\.(?:gguf|onnx|h5|hdf5|keras)$/i;
const NUMBERED = /^(.*)-\d{5}-of-(\d{5})(\.[^.]+)$/;

/** Files MPK reads: an index with its shards, and a single file. A model may have both. */
export async function standardFiles(
  byPath: ReadonlyMap<string, ModelFile>,
  read: ReadFile,
): Promise<{ readonly indexed: Chosen | null; readonly alone: Chosen | null }> {
  const indexed =
    (await sharded(byPath, `${SAFETENSORS}.index.json`, read)) ?? (await sharded(byPath, `${PICKLE}.index.json`, read));
  const single = [SAFETENSORS, PICKLE].map((name) => byPath.get(name)).find((file) => file !== undefined);
  return { indexed, alone: single === undefined ? null : { files: [single], weightMap: null } };
}

/** @throws AppError FORMAT_* when the file is not a model that could be read */
export async function openWeights(file: ModelFile, signal: AbortSignal): Promise<OpenedWeights> {
  const source = await file.open(signal);
  const { opened, formatError, notAModel } = await describeFile(source, signal);
  if (opened !== undefined) return { path: file.path, source, opened };
  if (formatError !== undefined) throw new AppError(formatError.code, { ...formatError.detail, path: file.path });
  throw new AppError('FORMAT_UNKNOWN', {
    path: file.path,
    ...(notAModel === undefined ? {} : { kind: notAModel.kind }),
  });
}

/** @returns null when there is no such index, or it holds no list */
async function sharded(byPath: ReadonlyMap<string, ModelFile>, name: string, read: ReadFile): Promise<Chosen | null> {
  const bytes = await read(name);
  if (bytes === null) return null;
  let index: unknown;
  try {
    index = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new AppError('FORMAT_JSON', { path: name }, error);
  }
  const map = (index as { readonly weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== 'object' || map === null) return null;
  const weightMap = new Map(Object.entries(map).map(([tensor, file]) => [tensor, String(file)]));
  const shards = [...new Set(weightMap.values())].sort();
  const files = shards.map((shard) => byPath.get(shard));
  if (files.includes(undefined)) {
    throw new AppError('SOURCE_NOT_FOUND', { path: shards[files.indexOf(undefined)]! });
  }
  return { files: files as ModelFile[], weightMap };
}

/** Files of other names and kinds: compared all the same, the order is that of their own tables. */
export function otherFiles(byPath: ReadonlyMap<string, ModelFile>): Chosen | null {
  const all = [...byPath.values()].filter(({ path }) => OTHER.test(path));
  const top = all.filter(({ path }) => !path.includes('/'));
  // Exports for browsers lie in a folder of their own.
  const found = top.length > 0 ? top : all.filter(({ path }) => path === 'onnx/model.onnx');
  // A projector beside a language model describes nothing of it.
  const [first] = found.some(({ path }) => !isProjector(path)) ? found.filter(({ path }) => !isProjector(path)) : found;
  if (first === undefined) return null;
  const numbered = NUMBERED.exec(first.path);
  const ending = first.path.split('.').at(-1)!.toLowerCase();
  const belongs = ({ path }: ModelFile): boolean => {
    if (path === first.path) return true;
    const own = NUMBERED.exec(path);
    if (numbered !== null) return own !== null && [1, 2, 3].every((part) => own[part] === numbered[part]);
    return !WHOLE.test(path) && path.toLowerCase().endsWith(`.${ending}`);
  };
  return { files: found.filter(belongs), weightMap: null };
}

function isProjector(path: string): boolean {
  return /^mmproj.*\.gguf$/i.test(path);
}

export function bytesOf(chosen: { readonly files: readonly { readonly size: number }[] } | null): number {
  return chosen?.files.reduce((sum, { size }) => sum + size, 0) ?? 0;
}
