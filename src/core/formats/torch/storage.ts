import { asItems, asText, isGlobal, isNode, type PyPersistent, type PyValue } from '../../content/pickle/value.ts';
import { AppError } from '../../errors.ts';
import { dtypeByStorage, type TorchDtype } from './dtypes.ts';

/** What a persistent id says about the storage it stands for. */
export interface StorageRef {
  readonly key: string;
  /** Class of the storage as written (`FloatStorage`). */
  readonly type: string;
  readonly dtype: TorchDtype;
  /** Elements of the whole storage. */
  readonly count: number;
  /** `cpu`, `cuda:0` … where it was. */
  readonly location: string;
  /** A part of the storage, in elements, where older files give storages that overlap. */
  readonly view: { readonly offset: number; readonly count: number } | null;
}

/** Old files embed the source of module classes: `('module', class, file, text)`. */
export interface ModuleRef {
  readonly module: string;
  readonly file: string;
}

/**
 * Reads `('storage', class, key, location, count[, view])`, or `('module', class, file, text)`.
 *
 * @throws AppError FORMAT_PERSISTENT_ID for anything else; FORMAT_DTYPE, FORMAT_PATH, FORMAT_LENGTH, FORMAT_OVERFLOW
 */
export function parsePersistentId(node: PyPersistent): StorageRef | ModuleRef {
  const items = asItems(node.id);
  const kind = asText(items?.[0]);
  if (items === null || (kind !== 'storage' && kind !== 'module')) throw badId(node);
  if (kind === 'module') {
    const type = items[1];
    return { module: isGlobal(type) ? `${type.module} ${type.name}` : '', file: asText(items[2]) ?? '' };
  }
  const [, type, key, location, count, view] = items;
  const typeName = storageType(type);
  const keyName = typeof key === 'number' || typeof key === 'bigint' ? String(key) : asText(key);
  if (typeName === null || keyName === null) throw badId(node);
  checkKey(keyName);
  return {
    key: keyName,
    type: typeName,
    dtype: dtypeByStorage(typeName),
    count: wholeNumber(count, 'FORMAT_LENGTH', 'elements of a storage'),
    location: asText(location) ?? '',
    view: parseView(view),
  };
}

export function isStorage(ref: StorageRef | ModuleRef): ref is StorageRef {
  return 'key' in ref;
}

/** A Python int of the file as a number that is safe to compute with. @throws AppError `code`; FORMAT_OVERFLOW */
export function wholeNumber(
  value: PyValue | undefined,
  code: 'FORMAT_LENGTH' | 'FORMAT_OFFSETS' | 'FORMAT_SHAPE',
  what: string,
): number {
  if (typeof value === 'bigint') {
    if (value < 0n) throw new AppError(code, { what, value: String(value) });
    throw new AppError('FORMAT_OVERFLOW', { what, value: String(value).slice(0, 100) });
  }
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  // Sizes that tracing left as 0-d results are written as plain ints; anything else is not a size.
  throw new AppError(code, { what, value: typeof value === 'number' ? value : typeof value });
}

function storageType(type: PyValue | undefined): string | null {
  return isGlobal(type) ? type.name : null;
}

/** `(view key, offset, size)`; the key only tells views apart. */
function parseView(view: PyValue | undefined): StorageRef['view'] {
  const items = asItems(view);
  if (items === null || items.length !== 3) return null;
  return {
    offset: wholeNumber(items[1], 'FORMAT_OFFSETS', 'offset of a storage view'),
    count: wholeNumber(items[2], 'FORMAT_LENGTH', 'elements of a storage view'),
  };
}

/** Keys become names inside the archive. */
function checkKey(key: string): void {
  if (/[/\\\0]/.test(key) || key === '.' || key === '..' || key.length > 200) {
    throw new AppError('FORMAT_PATH', { path: key.slice(0, 200), what: 'storage key' });
  }
}

function badId(node: PyPersistent): AppError {
  const kind = isNode(node.id) ? node.id.kind : typeof node.id;
  return new AppError('FORMAT_PERSISTENT_ID', { offset: node.offset, kind });
}
