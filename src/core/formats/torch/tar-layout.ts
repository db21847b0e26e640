/**
 * The layout of `torch.save` before 0.1.10: members `sys_info`, `pickle`, `tensors` and `storages`
 * (`torch/serialization.py`, legacy tar branch of `_legacy_load`).
 *
 * storages: pickle count; for each: pickle (key, location, class), int64 count, elements; then pickle of views
 * tensors: pickle count; for each: pickle (key, storage key, class), int32 dimensions, 4 bytes, int64 sizes, strides, offset
 */
import { toSafeNumber } from '../../bytes/cursor.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { readPickle } from '../../content/pickle/read.ts';
import type { PickleStream } from '../../content/pickle/stream.ts';
import { asItems, asText, isGlobal, keyText, type PyValue } from '../../content/pickle/value.ts';
import { AppError } from '../../errors.ts';
import { TENSORS_MAX } from '../../limits.ts';
import { DIMENSIONS_MAX } from '../shape.ts';
import type { TarEntry } from '../tar.ts';
import { dtypeByStorage } from './dtypes.ts';
import type { StoragePlace } from './place.ts';
import type { TensorPlan } from './rebuild.ts';
import type { StorageRef } from './storage.ts';

/** Takes every stream of a member as it is read, so that what it would do is told even if it breaks later. */
export type Watch = (stream: PickleStream) => void;

export interface TarStorage {
  readonly ref: StorageRef;
  readonly place: StoragePlace;
}

/** Reads pickles and numbers from one member in order. */
class MemberReader {
  readonly #source: ByteSource;
  readonly #end: number;
  readonly #watch: Watch;
  readonly #signal: AbortSignal | undefined;
  at: number;

  constructor(source: ByteSource, entry: TarEntry, watch: Watch, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#end = entry.start + entry.size;
    this.#watch = watch;
    this.#signal = signal;
    this.at = entry.start;
  }

  async pickle(): Promise<PyValue> {
    const stream = await readPickle(this.#source, this.at, this.#end, {}, this.#signal);
    this.#watch(stream);
    if (stream.error !== null) throw stream.error;
    this.at = stream.end;
    return stream.value ?? null;
  }

  async bytes(count: number): Promise<DataView> {
    if (this.at + count > this.#end) throw new AppError('FORMAT_TRUNCATED', { offset: this.at, wanted: count });
    const bytes = await this.#source.read(this.at, this.at + count, this.#signal);
    this.at += count;
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  skip(count: number): void {
    if (this.at + count > this.#end) throw new AppError('FORMAT_TRUNCATED', { offset: this.at, wanted: count });
    this.at += count;
  }

  async count(): Promise<number> {
    const value = await this.pickle();
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > TENSORS_MAX) {
      throw new AppError('FORMAT_LENGTH', {
        what: 'A count in the tar',
        value: typeof value === 'number' ? value : '',
      });
    }
    return value;
  }
}

/** @throws AppError FORMAT_PICKLE, FORMAT_LENGTH, FORMAT_DTYPE, FORMAT_TRUNCATED, FORMAT_OVERFLOW; SOURCE_* */
export async function readTarStorages(
  source: ByteSource,
  entry: TarEntry,
  watch: Watch,
  signal?: AbortSignal,
): Promise<Map<string, TarStorage>> {
  const reader = new MemberReader(source, entry, watch, signal);
  const storages = new Map<string, TarStorage>();
  const total = await reader.count();
  for (let i = 0; i < total; i += 1) {
    const [key, location, type] = asItems(await reader.pickle()) ?? [];
    const name = key === undefined ? null : keyText(key);
    if (name === null || !isGlobal(type))
      throw new AppError('FORMAT_PICKLE', { reason: 'a storage without key and class', offset: reader.at });
    const dtype = dtypeByStorage(type.name);
    const count = positive((await reader.bytes(8)).getBigInt64(0, true), reader.at);
    const bytes = count * dtype.bytes;
    if (!Number.isSafeInteger(bytes)) throw new AppError('FORMAT_OVERFLOW', { what: 'storage', key: name, count });
    const ref = { key: name, type: type.name, dtype, count, location: asText(location) ?? '', view: null };
    storages.set(name, { ref, place: { start: reader.at, bytes, big: false } });
    reader.skip(bytes);
  }
  for (const view of asItems(await reader.pickle()) ?? []) {
    const [target, root, offset, count] = asItems(view) ?? [];
    const whole = root === undefined ? undefined : storages.get(keyText(root) ?? '');
    if (target === undefined || whole === undefined || typeof offset !== 'number' || typeof count !== 'number') {
      throw new AppError('FORMAT_PICKLE', { reason: 'a view of no storage', offset: reader.at });
    }
    storages.set(keyText(target) ?? '', { ...whole, ref: { ...whole.ref, view: { offset, count } } });
  }
  return storages;
}

/** Tensors by their key. @throws AppError FORMAT_PICKLE, FORMAT_LENGTH, FORMAT_SHAPE, FORMAT_MISSING_ENTRY …; SOURCE_* */
export async function readTarTensors(
  source: ByteSource,
  entry: TarEntry,
  storages: ReadonlyMap<string, TarStorage>,
  watch: Watch,
  signal?: AbortSignal,
): Promise<Map<string, { readonly plan: TensorPlan; readonly place: StoragePlace }>> {
  const reader = new MemberReader(source, entry, watch, signal);
  const tensors = new Map<string, { readonly plan: TensorPlan; readonly place: StoragePlace }>();
  const total = await reader.count();
  for (let i = 0; i < total; i += 1) {
    const [key, storageKey] = asItems(await reader.pickle()) ?? [];
    const name = key === undefined ? null : keyText(key);
    const storage = storageKey === undefined ? undefined : storages.get(keyText(storageKey) ?? '');
    if (name === null) throw new AppError('FORMAT_PICKLE', { reason: 'a tensor without key', offset: reader.at });
    if (storage === undefined)
      throw new AppError('FORMAT_MISSING_ENTRY', { entry: `storage of tensor ${name.slice(0, 100)}` });
    const dimensions = (await reader.bytes(8)).getInt32(0, true);
    if (dimensions < 0 || dimensions > DIMENSIONS_MAX)
      throw new AppError('FORMAT_SHAPE', { tensor: name.slice(0, 100), dimensions });
    const numbers = await reader.bytes(dimensions * 16 + 8);
    const list = (from: number): number[] =>
      Array.from({ length: dimensions }, (_, d) => shapeNumber(numbers.getBigInt64((from + d) * 8, true), name));
    const plan: TensorPlan = {
      kind: 'strided',
      storage: storage.ref,
      dtype: storage.ref.dtype,
      offset: positive(numbers.getBigInt64(dimensions * 16, true), reader.at),
      size: list(0),
      stride: list(dimensions),
      rebuild: '',
      requiresGrad: false,
      parameter: false,
      conjugate: false,
      negate: false,
      quantiser: null,
    };
    tensors.set(name, { plan, place: storage.place });
  }
  return tensors;
}

function positive(value: bigint, offset: number): number {
  if (value < 0n) throw new AppError('FORMAT_LENGTH', { what: 'A count in the tar', value: String(value), offset });
  return toSafeNumber(value, { offset });
}

function shapeNumber(value: bigint, tensor: string): number {
  if (value < 0n) throw new AppError('FORMAT_SHAPE', { tensor: tensor.slice(0, 100), dimension: String(value) });
  return toSafeNumber(value, { tensor: tensor.slice(0, 100) });
}
