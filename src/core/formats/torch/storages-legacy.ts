/** Raw storages behind the pickles of the legacy stream: for each key an int64 element count, then the elements. */
import type { ByteSource } from '../../bytes/source.ts';
import { toSafeNumber } from '../../bytes/cursor.ts';
import { childrenOf, isContainer } from '../../content/pickle/graph.ts';
import type { PyContainer, PyPersistent, PyValue } from '../../content/pickle/value.ts';
import { AppError } from '../../errors.ts';
import type { StoragePlace } from './place.ts';
import { isStorage, parsePersistentId, type ModuleRef, type StorageRef } from './storage.ts';

const COUNT_BYTES = 8;
/** Counts this close together are fetched by one read. */
const BLOCK = 64 * 1024;
const IN_FLIGHT = 8;

/** Everything a described object refers to outside of the pickle. */
export interface References {
  readonly storages: ReadonlyMap<string, StorageRef>;
  readonly modules: readonly ModuleRef[];
}

/** @throws AppError FORMAT_PERSISTENT_ID, FORMAT_DTYPE, FORMAT_PATH, FORMAT_LENGTH, FORMAT_OVERFLOW */
export function referencesOf(root: PyValue | undefined): References {
  const storages = new Map<string, StorageRef>();
  const modules: ModuleRef[] = [];
  for (const node of persistentNodes(root)) {
    const ref = parsePersistentId(node);
    if (isStorage(ref)) {
      if (!storages.has(ref.key)) storages.set(ref.key, ref);
    } else modules.push(ref);
  }
  return { storages, modules };
}

function persistentNodes(root: PyValue | undefined): PyPersistent[] {
  const found: PyPersistent[] = [];
  const seen = new Set<PyContainer>();
  const waiting: PyContainer[] = [];
  const meet = (value: PyValue | undefined): void => {
    if (!isContainer(value) || seen.has(value)) return;
    seen.add(value);
    waiting.push(value);
  };
  meet(root);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.kind === 'persistent') found.push(node);
    for (const child of childrenOf(node)) meet(child);
  }
  return found.sort((a, b) => a.offset - b.offset);
}

/** Where each storage lies, and where the last one ends. */
export interface LegacyStorages {
  readonly places: ReadonlyMap<string, StoragePlace>;
  readonly end: number;
}

/**
 * Computes where every storage must lie from the counts that the references state, then compares each with the count
 * in front of its bytes. Storages of the legacy stream are little-endian whatever machine wrote them.
 *
 * @param keys in file order
 * @param start absolute offset of the first count
 * @throws AppError FORMAT_MISSING_ENTRY, FORMAT_LENGTH, FORMAT_OVERFLOW, FORMAT_BOUNDS, FORMAT_TRUNCATED,
 *   FORMAT_SIZE_MISMATCH; SOURCE_*
 */
export async function locateLegacy(
  source: ByteSource,
  keys: readonly string[],
  storages: ReadonlyMap<string, StorageRef>,
  start: number,
  signal?: AbortSignal,
): Promise<LegacyStorages> {
  const places = new Map<string, StoragePlace>();
  const planned: Planned[] = [];
  let at = start;
  for (const key of keys) {
    const ref = storages.get(key);
    if (ref === undefined) throw new AppError('FORMAT_MISSING_ENTRY', { entry: `storage ${key.slice(0, 100)}` });
    const bytes = ref.count * ref.dtype.bytes;
    planned.push({ ref, at });
    places.set(key, { start: at + COUNT_BYTES, bytes, big: false });
    at += COUNT_BYTES + bytes;
    if (!Number.isSafeInteger(at))
      throw new AppError('FORMAT_OVERFLOW', { what: 'storage', key: key.slice(0, 100), count: ref.count });
  }
  for (const key of storages.keys()) {
    if (!places.has(key)) throw new AppError('FORMAT_MISSING_ENTRY', { entry: `storage ${key.slice(0, 100)}` });
  }
  await checkCounts(source, planned, signal);
  if (at > source.size) {
    if (start === source.size) throw new AppError('FORMAT_MISSING_ENTRY', { entry: 'storages', offset: start });
    throw new AppError('FORMAT_TRUNCATED', { missing: at - source.size, offset: source.size });
  }
  return { places, end: at };
}

interface Planned {
  readonly ref: StorageRef;
  readonly at: number;
}

async function checkCounts(
  source: ByteSource,
  planned: readonly Planned[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const groups: Planned[][] = [];
  for (const plan of planned) {
    if (plan.at + COUNT_BYTES > source.size) break;
    const group = groups.at(-1);
    if (group !== undefined && plan.at - group[0]!.at < BLOCK) group.push(plan);
    else groups.push([plan]);
  }
  for (let i = 0; i < groups.length; i += IN_FLIGHT) {
    const batch = groups.slice(i, i + IN_FLIGHT);
    const blocks = await Promise.all(
      batch.map((group) => source.read(group[0]!.at, group.at(-1)!.at + COUNT_BYTES, signal)),
    );
    batch.forEach((group, k) => {
      const block = blocks[k]!;
      const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
      for (const { ref, at } of group) checkCount(view.getBigInt64(at - group[0]!.at, true), ref, at, source.size);
    });
  }
}

function checkCount(count: bigint, ref: StorageRef, offset: number, size: number): void {
  if (count === BigInt(ref.count)) return;
  const detail = { what: 'The element count of a storage', key: ref.key.slice(0, 100), offset };
  if (count < 0n) throw new AppError('FORMAT_LENGTH', { ...detail, value: String(count) });
  if (count * BigInt(ref.dtype.bytes) > BigInt(size - offset)) {
    throw new AppError('FORMAT_BOUNDS', { ...detail, value: String(count), size });
  }
  throw new AppError('FORMAT_SIZE_MISMATCH', { ...detail, expected: ref.count, actual: toSafeNumber(count) });
}
