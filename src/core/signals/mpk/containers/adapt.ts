/** Weight files that MPK does not read, made to look like those it does. */
import { AppError } from '../../../errors.ts';
import { initialiserUses } from '../../../formats/onnx/uses.ts';
import { elementCount } from '../../../tensors/dtypes.ts';
import type { TensorEntry } from '../../../tensors/entry.ts';
import type { OpenedWeights } from '../extract.ts';
import type { Arrangement } from './arrangement.ts';
import { describeGguf, type GgufModel } from './gguf-config.ts';
import { renameGguf } from './gguf-names.ts';
import { nameDatasets } from './keras-names.ts';
import { nameInitialisers } from './onnx-names.ts';

export interface Adapted {
  readonly files: readonly OpenedWeights[];
  /** Bytes Hugging Face's files of the same model would have: MPK decides by them how to read. Null: as they are. */
  readonly bytes: number | null;
  /** Why some tensors have no counterpart, as a sentence; null when all have. */
  readonly left: string | null;
}

/** Opens a file that the weights of an ONNX graph lie in; null when the model has none of that name. */
export type OpenData = (path: string) => Promise<OpenedWeights['source'] | null>;

/** @throws AppError FORMAT_*, SOURCE_* of reading the graph again */
export async function adapt(files: readonly OpenedWeights[], data: OpenData, signal: AbortSignal): Promise<Adapted> {
  switch (files[0]?.opened.format) {
    case 'gguf':
      return adaptGguf(files);
    case 'onnx':
      return adaptOnnx(files, data, signal);
    case 'hdf5':
    case 'keras':
      return adaptEach(
        files,
        ({ opened }) => nameDatasets(opened.tensors),
        'The names of Keras layers do not say which part of a transformer they are',
      );
    default:
      return { files, bytes: null, left: null };
  }
}

/** @throws AppError of `describeGguf` */
export function ggufModel(files: readonly OpenedWeights[]): GgufModel {
  const tensors = files.flatMap(({ opened }) => opened.tensors);
  const first =
    files.find(({ opened }) => opened.metadata.some(({ key }) => key === 'general.architecture')) ?? files[0];
  return describeGguf(first?.opened.metadata ?? [], tensors);
}

function adaptGguf(files: readonly OpenedWeights[]): Adapted {
  let model: GgufModel;
  try {
    model = ggufModel(files);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const why =
      error.code === 'SIGNAL_NO_COUNTERPART' ? String(error.detail['why']) : 'The file states no architecture.';
    return { files: files.map((file) => ({ ...file, arranged: new Map() })), bytes: null, left: why };
  }
  return adaptEach(
    files,
    ({ opened }) => renameGguf(opened.tensors, model.own, model.heads),
    `These have no counterpart in ${model.own.modelType}`,
  );
}

async function adaptOnnx(files: readonly OpenedWeights[], data: OpenData, signal: AbortSignal): Promise<Adapted> {
  const uses = new Map<OpenedWeights, Awaited<ReturnType<typeof initialiserUses>>>();
  for (const file of files) uses.set(file, await initialiserUses(file.source, signal));
  const adapted = adaptEach(
    files,
    (file) => nameInitialisers(file.opened.tensors, uses.get(file)!),
    'The exporter left no name of theirs, or their numbers are quantised',
  );
  const all: OpenedWeights[] = [];
  for (const file of adapted.files) all.push(...(await withExternal(file, data)));
  return { ...adapted, files: all };
}

/** The file without the tensors whose bytes are in other files of the model, and these as files of their own. */
async function withExternal(file: OpenedWeights, data: OpenData): Promise<OpenedWeights[]> {
  const byPath = new Map<string, TensorEntry[]>();
  for (const tensor of file.opened.tensors) {
    if (tensor.storage.kind !== 'external') continue;
    const list = byPath.get(tensor.storage.path) ?? [];
    if (list.length === 0) byPath.set(tensor.storage.path, list);
    list.push(tensor);
  }
  const found = new Set<TensorEntry>();
  const others: OpenedWeights[] = [];
  for (const [path, tensors] of byPath) {
    const source = await data(path);
    if (source === null) continue;
    const arranged = new Map<TensorEntry, Arrangement>();
    const placed: TensorEntry[] = [];
    for (const tensor of tensors) {
      const { storage } = tensor;
      if (storage.kind !== 'external' || storage.start + tensor.byteLength > source.size) continue;
      const { start, order } = storage;
      const here = { ...tensor, storage: { kind: 'range', start, ...(order === undefined ? {} : { order }) } } as const;
      const arrangement = file.arranged?.get(tensor);
      if (arrangement !== undefined) arranged.set(here, arrangement);
      placed.push(here);
      found.add(tensor);
    }
    others.push({ path, source, arranged, opened: { ...file.opened, tensors: placed } });
  }
  const rest = file.opened.tensors.filter((tensor) => !found.has(tensor));
  return [{ ...file, opened: { ...file.opened, tensors: rest } }, ...others];
}

interface Named {
  readonly tensors: readonly {
    readonly tensor: TensorEntry;
    readonly stored: TensorEntry;
    readonly arrangement: Arrangement;
  }[];
  readonly left: readonly string[];
}

function adaptEach(files: readonly OpenedWeights[], name: (file: OpenedWeights) => Named, why: string): Adapted {
  let bytes = 0;
  let count = 0;
  let example = '';
  const adapted = files.map((file): OpenedWeights => {
    const { tensors, left } = name(file);
    count += left.length;
    example ||= left[0] ?? '';
    const stored = new Map(tensors.map((one) => [one.tensor, one.stored]));
    const arranged = new Map<TensorEntry, Arrangement>();
    for (const { tensor, arrangement } of tensors) {
      bytes += originBytes(tensor);
      if (arrangement.order !== undefined || arrangement.shift !== undefined) arranged.set(tensor, arrangement);
    }
    const { payload } = file.opened;
    return {
      ...file,
      arranged,
      opened: {
        ...file.opened,
        tensors: [...stored.keys()],
        ...(payload === undefined
          ? {}
          : { payload: (tensor, signal) => payload(stored.get(tensor) ?? tensor, signal) }),
      },
    };
  });
  const left = count === 0 ? null : `${why}: ${example.slice(0, 120)}${count > 1 ? ` and ${count - 1} more` : ''}.`;
  return { files: adapted, bytes, left };
}

/** Quantised numbers were two bytes each before. */
function originBytes({ dtype, shape, byteLength }: TensorEntry): number {
  return /^(?:F64|F32|F16|BF16)$/.test(dtype) ? byteLength : 2 * elementCount(shape);
}
