import { AppError } from '../../errors.ts';
import { SIDE_FILE_MAX } from '../../limits.ts';
import { JsonNumber, type JsonObject } from '../json-reader.ts';
import { escapes } from '../safe-path.ts';
import type { FormatId } from '../format.ts';
import type { SetMember, SetNotes, SideFile } from '../set.ts';
import { jsonObject, parseStrictJson } from '../strict-json.ts';
import { folderOf, isPytorchIndex } from './paths.ts';

const SHOWN = 200;
/** Formats whose files an index of one kind names. */
const SAFETENSORS: ReadonlySet<FormatId> = new Set(['safetensors']);
const PYTORCH: ReadonlySet<FormatId> = new Set(['pytorch-zip', 'pytorch-legacy']);

interface Index {
  readonly path: string;
  /** Tensor → path of its file in the model. */
  readonly where: ReadonlyMap<string, string>;
  readonly totalSize: number | null;
  readonly metadata: Readonly<Record<string, string | number>>;
}

/**
 * Holds an index against the files beside it.
 *
 * @returns paths of the shards it names
 */
export function judgeIndex(side: SideFile, members: readonly SetMember[], notes: SetNotes): Set<string> {
  let index: Index;
  try {
    index = readIndex(side, notes);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    notes.error(side.path, error);
    return new Set();
  }
  const folder = folderOf(side.path);
  const beside = new Map(members.filter(({ path }) => folderOf(path) === folder).map((m) => [m.path, m]));
  const named = new Set(index.where.values());
  const pytorch = isPytorchIndex(side.path);
  const holders = tensorHolders([...beside.values()], pytorch ? PYTORCH : SAFETENSORS);
  for (const [path, tensors] of tensorsByFile(index)) {
    if (!beside.has(path)) missingFile(index.path, path, tensors, holders, notes);
  }
  judgeTensors(index, beside, holders, notes);
  judgeTotal(index, named, beside, notes);
  const files = [side.path, ...named].filter((path) => path === side.path || beside.has(path));
  const kind = pytorch ? 'pytorch-sharded' : 'safetensors-sharded';
  notes.set({ kind, index: side.path, files: files.sort(), metadata: index.metadata });
  return named;
}

/** @throws AppError FORMAT_JSON and kin, FORMAT_JSON_SHAPE, FORMAT_TOO_LARGE. Bad paths are noted and left out. */
function readIndex({ path, bytes }: SideFile, notes: SetNotes): Index {
  if (bytes.length > SIDE_FILE_MAX) {
    throw new AppError('FORMAT_TOO_LARGE', { path, size: bytes.length, max: SIDE_FILE_MAX });
  }
  const shape = (key: string, expected: string): AppError =>
    new AppError('FORMAT_JSON_SHAPE', { path, key: key.slice(0, SHOWN), expected });
  const root = parseStrictJson(bytes, path);
  if (!(root instanceof Map)) throw shape('weight_map', 'an object');
  const map = jsonObject((root as JsonObject).get('weight_map'), 'weight_map');
  const folder = folderOf(path);
  const where = new Map<string, string>();
  const refused = new Set<string>();
  for (const [tensor, file] of map) {
    if (typeof file !== 'string') throw shape(tensor, 'the name of a file');
    const why = file === '' ? 'empty' : escapes(file);
    if (why === null) where.set(tensor, folder + file);
    else if (!refused.has(file)) {
      refused.add(file);
      notes.error(path, new AppError('FORMAT_PATH', { path: file.slice(0, SHOWN), why, index: path }));
    }
  }
  return { path, where, ...readMetadata(root as JsonObject) };
}

function readMetadata(root: JsonObject): Pick<Index, 'totalSize' | 'metadata'> {
  const stated = root.get('metadata');
  const metadata: Record<string, string | number> = Object.create(null) as Record<string, string | number>;
  let totalSize: number | null = null;
  if (!(stated instanceof Map)) return { totalSize, metadata };
  for (const [key, value] of stated as JsonObject) {
    if (typeof value === 'string' || typeof value === 'number') metadata[key] = value;
    else if (value instanceof JsonNumber) metadata[key] = value.text;
    // accelerate has written sizes as floats.
    if (key === 'total_size') totalSize = Number(metadata[key] ?? Number.NaN);
  }
  return { totalSize, metadata };
}

/** Tensor → files that hold it. */
function tensorHolders(members: readonly SetMember[], formats: ReadonlySet<FormatId>): Map<string, string[]> {
  const holders = new Map<string, string[]>();
  for (const { path, opened } of members) {
    if (opened === undefined || !formats.has(opened.format)) continue;
    for (const { name } of opened.tensors) {
      const paths = holders.get(name);
      if (paths === undefined) holders.set(name, [path]);
      else paths.push(path);
    }
  }
  return holders;
}

function tensorsByFile({ where }: Index): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const [tensor, path] of where) {
    const tensors = files.get(path);
    if (tensors === undefined) files.set(path, [tensor]);
    else tensors.push(tensor);
  }
  return files;
}

/** Missing weights, or an index that was not renewed when the weights were cut anew. */
function missingFile(
  index: string,
  file: string,
  tensors: readonly string[],
  holders: ReadonlyMap<string, string[]>,
  notes: SetNotes,
): void {
  const elsewhere = tensors.filter((tensor) => holders.has(tensor));
  if (elsewhere.length === tensors.length) {
    const detail = { file, tensors: tensors.length, other: holders.get(tensors[0]!)![0]! };
    notes.finding(index, { code: 'stale-index', severity: 'caution', detail });
    return;
  }
  const detail = { file, index, tensors: tensors.length, elsewhere: elsewhere.length };
  notes.error(index, new AppError('FORMAT_MISSING_FILE', detail));
}

function judgeTensors(
  index: Index,
  beside: ReadonlyMap<string, SetMember>,
  holders: ReadonlyMap<string, string[]>,
  notes: SetNotes,
): void {
  for (const [tensor, path] of index.where) {
    // A shard that could not be opened has its own error, a missing one was named above.
    if (beside.get(path)?.opened === undefined || holders.get(tensor)?.includes(path)) continue;
    const detail = { tensor: tensor.slice(0, SHOWN), file: path, index: index.path };
    const other = holders.get(tensor)?.[0];
    notes.error(
      index.path,
      new AppError('FORMAT_MISSING_TENSOR', { ...detail, ...(other === undefined ? {} : { elsewhere: other }) }),
    );
  }
  const parts = new Set([...index.where.values()].map((path) => seriesOf(path)));
  for (const [tensor, paths] of holders) {
    const inSeries = paths.filter((path) => parts.has(seriesOf(path)));
    const detail = { tensor: tensor.slice(0, SHOWN), index: index.path };
    if (inSeries.length > 1) {
      notes.finding(index.path, {
        code: 'duplicate-tensor',
        severity: 'caution',
        detail: { ...detail, files: inSeries.slice(0, 8).join(', ') },
      });
    }
    if (!index.where.has(tensor) && inSeries.length > 0) {
      notes.finding(index.path, {
        code: 'unlisted-tensor',
        severity: 'caution',
        detail: { ...detail, file: inSeries[0]! },
      });
    }
  }
}

/** Files that were cut from one model share all but their number: other models in the same folder are not judged. */
function seriesOf(path: string): string {
  return path.replace(/-\d{5}-of-\d{5}(?=\.[A-Za-z0-9]+$)/, '');
}

/** `metadata.total_size` counts each tensor's bytes once. Only checked when all shards are open. */
function judgeTotal(
  { path, totalSize }: Index,
  named: ReadonlySet<string>,
  beside: ReadonlyMap<string, SetMember>,
  notes: SetNotes,
): void {
  if (totalSize === null) return;
  let actual = 0;
  for (const shard of named) {
    const opened = beside.get(shard)?.opened;
    if (opened === undefined) return;
    for (const { byteLength } of opened.tensors) actual += byteLength;
  }
  if (actual === totalSize) return;
  notes.finding(path, {
    code: 'size-mismatch',
    severity: 'note',
    detail: { name: 'metadata.total_size', stated: totalSize, actual },
  });
}
