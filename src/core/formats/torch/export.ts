/** Weights of torch.export archives (`.pt2`): raw records listed by JSON (`torch/export/pt2_archive`). */
import type { JsonValue } from '../json-reader.ts';
import { jsonInteger, jsonObject, parseStrictJson } from '../strict-json.ts';
import { AppError } from '../../errors.ts';
import { SIDE_FILE_MAX } from '../../limits.ts';
import type { ZipArchive } from '../zip/archive.ts';
import { readEntry } from '../zip/read.ts';
import { recordName, type ArchiveLayout, type StorageLocator } from './archive.ts';
import { dtypeByExportCode } from './dtypes.ts';
import { placeTensor, type PlacedTensor } from './place.ts';
import type { TensorPlan } from './rebuild.ts';

const LISTS = /^data\/(weights|constants)\/[^/]+_config\.json$/;

/** @throws AppError FORMAT_JSON_*, FORMAT_SHAPE, FORMAT_BOUNDS, FORMAT_MISSING_ENTRY …; SOURCE_* */
export async function exportTensors(
  archive: ZipArchive,
  layout: ArchiveLayout,
  locator: StorageLocator,
  signal?: AbortSignal,
): Promise<PlacedTensor[]> {
  const prefix = layout.root === '' ? '' : `${layout.root}/`;
  const tensors: PlacedTensor[] = [];
  for (const list of archive.entries) {
    const match = LISTS.exec(list.name.startsWith(prefix) ? list.name.slice(prefix.length) : '');
    if (match === null) continue;
    locator.used.add(list);
    const bytes = await readEntry(archive.source, list, signal, SIDE_FILE_MAX);
    const config = jsonObject(jsonObject(parseStrictJson(bytes, list.name), list.name).get('config'), 'config');
    for (const [name, value] of config) {
      const tensor = readItem(name, value, `data/${match[1]}`, layout, locator);
      if (tensor !== null) tensors.push(tensor);
    }
  }
  return tensors;
}

function readItem(
  name: string,
  value: JsonValue,
  folder: string,
  layout: ArchiveLayout,
  locator: StorageLocator,
): PlacedTensor | null {
  const item = jsonObject(value, name);
  const path = item.get('path_name');
  if (typeof path !== 'string' || path === '' || /[/\\\0]|^\.\.?$/.test(path)) {
    throw new AppError('FORMAT_PATH', { path: String(path).slice(0, 200) });
  }
  // Pickled constants are looked into as pickles; script objects have no tensor.
  if (item.get('use_pickle') === true || item.get('tensor_meta') === undefined || item.get('tensor_meta') === null)
    return null;
  const meta = jsonObject(item.get('tensor_meta'), 'tensor_meta');
  const dtype = dtypeByExportCode(jsonInteger(meta.get('dtype'), 'dtype'));
  const record = recordName(layout, `${folder}/${path}`);
  const entry = locator.entryNamed(record);
  if (entry === undefined) throw new AppError('FORMAT_MISSING_ENTRY', { entry: record.slice(0, 200) });
  const count = Math.floor(entry.size / dtype.bytes);
  const plan: TensorPlan = {
    kind: 'strided',
    storage: { key: path, type: '', dtype, count, location: 'cpu', view: null },
    dtype,
    offset: integer(meta.get('storage_offset'), 'storage_offset', 'FORMAT_OFFSETS'),
    size: integers(meta.get('sizes'), 'sizes'),
    stride: integers(meta.get('strides'), 'strides'),
    rebuild: '',
    requiresGrad: meta.get('requires_grad') === true,
    parameter: item.get('is_param') === true,
    conjugate: false,
    negate: false,
    quantiser: null,
  };
  return placeTensor(name, [name], plan, locator.place(entry, count * dtype.bytes), []);
}

/** `{"as_int": 3}`; symbolic sizes have no number and no weights either. */
function integer(value: JsonValue | undefined, key: string, negative: 'FORMAT_OFFSETS' | 'FORMAT_SHAPE'): number {
  const number = jsonInteger(jsonObject(value, key).get('as_int'), key);
  if (number < 0) throw new AppError(negative, { key, value: number });
  return number;
}

function integers(value: JsonValue | undefined, key: string): number[] {
  if (!Array.isArray(value)) throw new AppError('FORMAT_JSON_SHAPE', { key, expected: 'a list' });
  return (value as readonly JsonValue[]).map((item) => integer(item, key, 'FORMAT_SHAPE'));
}
