/**
 * Which files MPK would read, by which path, and in which order it meets their tensors: the order decides NLF and WVC.
 * (services/model_loader.py and core/signals/streamers.py of the Model Provenance Kit 1.0.0.)
 */
import type { TensorEntry } from '../../tensors/entry.ts';
import type { LoadPath } from './weights.ts';

/** An opened weight file. */
export interface WeightFile<T extends Pick<TensorEntry, 'name' | 'storage' | 'dtype'> = TensorEntry> {
  readonly path: string;
  readonly size: number;
  /** Only safetensors is read in the order of its bytes; the others keep the order of their own list. */
  readonly byPlace: boolean;
  readonly tensors: readonly T[];
}

export interface LoadInput {
  /** MPK's estimate of the number of parameters, from the configuration. */
  readonly parameters: number;
  /** Bytes of all weight files. */
  readonly bytes: number;
}

const FULL_PARAMETERS_MAX = 10e9;
const FULL_BYTES_MAX = 20e9;

/** @param forced for tests and comparisons of the paths */
export function loadPath({ parameters, bytes }: LoadInput): LoadPath {
  if (bytes > FULL_BYTES_MAX) return 'sliced';
  return parameters > FULL_PARAMETERS_MAX ? 'streaming' : 'full';
}

/** A tensor with the file it is in. */
export interface Located {
  readonly file: string;
  readonly tensor: TensorEntry;
}

export interface TensorOrder {
  /** The order of the search for the embedding. */
  readonly search: readonly Located[];
  /** The order in which norm tensors are met. */
  readonly norms: readonly Located[];
  /** The order of the pass over layers. */
  readonly layers: readonly Located[];
}

/**
 * @param files weight files that belong together
 * @param weightMap tensor → file as an index states it, in its own order; null for a single file
 */
export function tensorOrder(
  files: readonly WeightFile[],
  weightMap: ReadonlyMap<string, string> | null,
  path: LoadPath,
): TensorOrder {
  const sorted = [...files].sort((a, b) => compareText(a.path, b.path));
  if (path === 'full') {
    // A later shard replaces a tensor of the same name where the earlier one stood.
    const all = new Map<string, Located>();
    for (const file of sorted)
      for (const tensor of file.byPlace ? byPlace(file.tensors) : file.tensors)
        all.set(tensor.name, { file: file.path, tensor });
    const order = [...all.values()];
    return { search: order, norms: order, layers: order };
  }
  const found = new Map(
    files.flatMap((file) => file.tensors.map((tensor) => [`${file.path}\n${tensor.name}`, tensor] as const)),
  );
  const single = sorted[0];
  const entries = weightMap === null ? ownOrder(single) : [...weightMap];
  const search = entries.flatMap(([name, file]): Located[] => {
    const tensor = found.get(`${file}\n${name}`);
    return tensor === undefined ? [] : [{ file, tensor }];
  });
  const norms = [...search].sort((a, b) => compareText(a.tensor.name, b.tensor.name));
  const shards = [...new Set(search.map(({ file }) => file))].sort(compareText);
  return { search, norms, layers: shards.flatMap((shard) => search.filter(({ file }) => file === shard)) };
}

/** Containers MPK does not read, in the order a single safetensors file of one number type would have: by name. */
export function orderByName(files: readonly WeightFile[]): TensorOrder {
  const all = files.flatMap(({ path, tensors }) => tensors.map((tensor) => ({ file: path, tensor })));
  const order = all.sort((a, b) => compareText(a.tensor.name, b.tensor.name));
  return { search: order, norms: order, layers: order };
}

/** A single file without an index: safetensors lists names in their order, a pickle in its own. */
function ownOrder(file: WeightFile | undefined): [string, string][] {
  const entries = (file?.tensors ?? []).map(({ name }): [string, string] => [name, file!.path]);
  return file?.byPlace === true ? entries.sort(([a], [b]) => compareText(a, b)) : entries;
}

/** safetensors gives tensors in the order of their bytes; formats without places keep their own order. */
function byPlace(tensors: readonly TensorEntry[]): readonly TensorEntry[] {
  if (tensors.some(({ storage }) => storage.kind !== 'range')) return tensors;
  const start = ({ storage }: TensorEntry): number => (storage.kind === 'range' ? storage.start : 0);
  return tensors
    .map((tensor, i) => ({ tensor, i }))
    .sort((a, b) => start(a.tensor) - start(b.tensor) || a.tensor.byteLength - b.tensor.byteLength || a.i - b.i)
    .map(({ tensor }) => tensor);
}

/** Python compares strings by code point; UTF-16 units agree except between surrogates and U+E000 to U+FFFF. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}
