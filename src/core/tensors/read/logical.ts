/** The tensors of a model as a runtime has them: quantised groups as the one tensor that they stand for. */
import { throwIfAborted } from '../../errors.ts';
import type { TensorEntry } from '../entry.ts';
import { quantConfig } from '../schemes/config.ts';
import { recognise } from '../schemes/registry.ts';
import type { Undecoded } from '../schemes/scheme.ts';
import { folderOf, type LocatedTensor, type LogicalTensor, type TensorFile, type TensorModel } from './model.ts';
import { littleEndianBytesOf } from './stored.ts';

export interface LogicalTensors {
  /** Stored tensors that are no part of another, in the order of files and tables; then those that are made. */
  readonly tensors: readonly LogicalTensor[];
  /** Stored tensors that others are made of: codes, scales, zero points. */
  readonly parts: readonly LocatedTensor[];
  /** Groups that are seen and not understood, with the folder or file they are in. Their parts count as stored tensors. */
  readonly undecoded: readonly (Undecoded & { readonly path: string })[];
}

/**
 * Finds what is made of several tensors: by the container's own graph, by quantisation parameters of a single tensor, and
 * by the names and shapes of checkpoints (GPTQ, AWQ, bitsandbytes, FP8, MLX, MXFP4 …), over all shards of a folder.
 *
 * Reads nothing but parts of a few bytes that say how to read the others.
 *
 * @throws AppError SOURCE_* when such a part cannot be read
 */
export async function logicalTensors(model: TensorModel, signal?: AbortSignal): Promise<LogicalTensors> {
  const tensors: LogicalTensor[] = [];
  const made: LogicalTensor[] = [];
  const parts: LocatedTensor[] = [];
  const undecoded: (Undecoded & { path: string })[] = [];
  for (const { path, folder, files } of namespaces(model.files)) {
    throwIfAborted(signal);
    const located = new Map<string, LocatedTensor>();
    for (const file of files) for (const entry of file.tensors) located.set(entry.name, { file, entry });
    const found = await recognise({
      entries: new Map([...located].map(([name, { entry }]) => [name, entry])),
      config: quantConfig(model.config?.(folder)),
      read: (entry) => whole(located.get(entry.name)!, model, signal),
    });
    const own = files.flatMap((file) => [...(file.made ?? []), ...affine(file)]);
    const used = new Set<string>();
    for (const recipe of [...own, ...found.tensors]) {
      const { name, shape, scheme } = recipe;
      made.push({ kind: 'made', name, shape, scheme, recipe, parts: located });
      for (const part of recipe.parts) used.add(part);
    }
    undecoded.push(...found.undecoded.map((group) => ({ ...group, path })));
    for (const file of files) {
      for (const entry of file.tensors) {
        const at = { file, entry };
        if (used.has(entry.name)) parts.push(at);
        else tensors.push({ kind: 'stored', name: entry.name, shape: entry.shape, at });
      }
    }
  }
  return { tensors: [...tensors, ...made], parts, undecoded };
}

interface Namespace {
  readonly path: string;
  readonly folder: string;
  readonly files: readonly TensorFile[];
}

/** Shards of one folder share their names; files that use a name twice (a model and its half-precision twin) do not. */
function namespaces(files: readonly TensorFile[]): Namespace[] {
  const folders = new Map<string, TensorFile[]>();
  for (const file of files) {
    const folder = folderOf(file.path);
    const beside = folders.get(folder) ?? [];
    folders.set(folder, beside);
    beside.push(file);
  }
  return [...folders].flatMap(([folder, beside]) => {
    const names = beside.flatMap(({ tensors }) => tensors.map(({ name }) => name));
    if (new Set(names).size === names.length) return [{ path: folder, folder, files: beside }];
    return beside.map((file) => ({ path: file.path, folder, files: [file] }));
  });
}

/** Integers with a scale of their own (TensorFlow Lite): the recipe needs no other part. */
function affine({ tensors }: TensorFile): NonNullable<TensorFile['made']> {
  return tensors.flatMap(({ name, shape, quantisation, dtype }) => {
    if (quantisation === undefined || quantisation === null || quantisation.scales.length === 0) return [];
    const bits = dtype.endsWith('4') ? 4 : dtype.endsWith('16') ? 16 : dtype.endsWith('32') ? 32 : 8;
    return [
      {
        name,
        scheme: 'affine',
        dtype: 'F32',
        shape,
        bits,
        parts: [name],
        recipe: { kind: 'affine', codes: name, ...quantisation },
      } as const,
    ];
  });
}

async function whole(located: LocatedTensor, model: TensorModel, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const bytes = new Uint8Array(located.entry.byteLength);
  let at = 0;
  for await (const chunk of littleEndianBytesOf(located, model, signal)) {
    bytes.set(chunk.subarray(0, bytes.length - at), at);
    at += Math.min(chunk.length, bytes.length - at);
  }
  return bytes;
}

/** A stored tensor alone, without looking for groups. */
export function storedAlone(file: TensorFile, entry: TensorEntry): LogicalTensor {
  return { kind: 'stored', name: entry.name, shape: entry.shape, at: { file, entry } };
}
