import {
  asItems,
  asText,
  isCall,
  isGlobal,
  isNode,
  type PyCall,
  type PyPersistent,
  type PyValue,
} from '../../content/pickle/value.ts';
import { AppError } from '../../errors.ts';
import { dtypeByTorchName, type TorchDtype } from './dtypes.ts';
import { isStorage, parsePersistentId, wholeNumber, type StorageRef } from './storage.ts';

/** A tensor as its rebuild call describes it; nothing was held against the storage yet. */
export interface TensorPlan {
  readonly kind: 'strided';
  readonly storage: StorageRef;
  readonly dtype: TorchDtype;
  /** Elements. */
  readonly offset: number;
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly rebuild: string;
  readonly requiresGrad: boolean;
  readonly parameter: boolean;
  readonly conjugate: boolean;
  readonly negate: boolean;
  readonly quantiser: QuantiserPlan | null;
}

export type QuantiserPlan =
  | { readonly scheme: string; readonly scale: number; readonly zeroPoint: number }
  | { readonly scheme: string; readonly scales: TensorPlan; readonly zeroPoints: TensorPlan; readonly axis: number };

/** A tensor without one dense storage of its own. */
export interface OtherPlan {
  readonly kind: 'meta' | 'sparse' | 'nested';
  readonly rebuild: string;
  readonly dtype: string;
  readonly size: readonly number[];
  /** Layout name of a sparse tensor (`sparse_coo`). */
  readonly layout: string;
  readonly parts: readonly { readonly name: string; readonly value: PyValue }[];
}

/** Functions whose result is a tensor, by name; their module must be one of torch's. */
const REBUILDERS = new Set([
  '_rebuild_tensor',
  '_rebuild_tensor_v2',
  '_rebuild_tensor_v3',
  '_rebuild_parameter',
  '_rebuild_parameter_with_state',
  '_rebuild_from_type',
  '_rebuild_from_type_v2',
  '_rebuild_qtensor',
  '_rebuild_sparse_tensor',
  '_rebuild_sparse_csr_tensor',
  '_rebuild_nested_tensor',
  '_rebuild_meta_tensor_no_storage',
  'Parameter',
  'Buffer',
]);

export function isTensorCall(value: PyValue): value is PyCall {
  if (!isCall(value) || !isGlobal(value.callee)) return false;
  const { module, name } = value.callee;
  return REBUILDERS.has(name) && /^torch(\.|$)/.test(module);
}

interface Wrap {
  readonly requiresGrad?: boolean;
  readonly parameter?: boolean;
}

/**
 * Reads a rebuild call (`torch/_utils.py`), through wrappers for parameters and subclasses. Null when the call does not
 * rebuild a tensor from a storage after all (an unknown function inside a wrapper).
 *
 * @throws AppError FORMAT_SHAPE, FORMAT_OFFSETS, FORMAT_OVERFLOW, FORMAT_DTYPE, FORMAT_PERSISTENT_ID, FORMAT_PATH
 */
export function planTensor(call: PyCall, wrap: Wrap = {}, depth = 0): TensorPlan | OtherPlan | null {
  const name = isGlobal(call.callee) ? call.callee.name : '';
  const { args } = call;
  if (depth > 8) return null;
  const inside = (value: PyValue | undefined, more: Wrap): TensorPlan | OtherPlan | null =>
    value !== undefined && isTensorCall(value) ? planTensor(value, { ...more, ...wrap }, depth + 1) : null;
  switch (name) {
    case '_rebuild_tensor':
    case '_rebuild_tensor_v2':
      return strided(args, name, wrap, typedDtype, args[6]);
    case '_rebuild_tensor_v3':
      return strided(args, name, wrap, () => namedDtype(args[6]), args[7]);
    case '_rebuild_qtensor':
      return quantised(args, wrap);
    case '_rebuild_parameter':
    case '_rebuild_parameter_with_state':
      return inside(args[0], { requiresGrad: args[1] === true, parameter: true });
    case 'Parameter':
      return inside(args[0], { requiresGrad: args[1] !== false, parameter: true });
    case 'Buffer':
      return inside(args[0], {});
    case '_rebuild_from_type':
    case '_rebuild_from_type_v2': {
      const items = asItems(args[2]);
      const [callee] = args;
      if (items === null || !isGlobal(callee)) return null;
      return inside({ ...call, callee, args: items, state: undefined }, {});
    }
    case '_rebuild_sparse_tensor':
    case '_rebuild_sparse_csr_tensor':
      return sparse(args, name);
    case '_rebuild_nested_tensor':
      return other('nested', name, '', [], 'jagged', [{ name: 'buffer', value: args[0] ?? null }]);
    case '_rebuild_meta_tensor_no_storage':
      return other('meta', name, namedDtype(args[0]).dtype, sizeOf(args[1]), '', []);
    default:
      return null;
  }
}

function strided(
  args: readonly PyValue[],
  rebuild: string,
  wrap: Wrap,
  dtypeOf: (storage: StorageRef) => TorchDtype,
  metadata: PyValue | undefined,
): TensorPlan | null {
  const [reference, offset, size, stride, requiresGrad] = args;
  if (!isNode(reference) || reference.kind !== 'persistent') return null;
  const storage = storageOf(reference);
  const flags = dictOf(metadata);
  return {
    kind: 'strided',
    storage,
    dtype: dtypeOf(storage),
    offset: wholeNumber(offset, 'FORMAT_OFFSETS', 'offset in a storage'),
    size: sizeOf(size),
    stride: sizeOf(stride),
    rebuild,
    requiresGrad: wrap.requiresGrad ?? requiresGrad === true,
    parameter: wrap.parameter ?? false,
    conjugate: flags.get('conj') === true,
    negate: flags.get('neg') === true,
    quantiser: null,
  };
}

/** `(storage, offset, size, stride, quantiser, requires_grad, hooks)`; the quantiser is a tuple led by its scheme. */
function quantised(args: readonly PyValue[], wrap: Wrap): TensorPlan | null {
  const plan = strided([...args.slice(0, 4), args[5] ?? false], '_rebuild_qtensor', wrap, typedDtype, undefined);
  const [scheme, first, second, axis] = asItems(args[4]) ?? [];
  const name = isGlobal(scheme) ? scheme.name : asText(scheme);
  if (plan === null || name === null) return null;
  if (name === 'per_tensor_affine' || name === 'per_tensor_symmetric') {
    const scale = typeof first === 'number' ? first : Number.NaN;
    const zeroPoint = typeof second === 'number' ? second : Number.NaN;
    return { ...plan, quantiser: { scheme: name, scale, zeroPoint } };
  }
  const scales = isNode(first) && isTensorCall(first) ? planTensor(first) : null;
  const zeroPoints = isNode(second) && isTensorCall(second) ? planTensor(second) : null;
  if (scales?.kind !== 'strided' || zeroPoints?.kind !== 'strided') return null;
  const along = wholeNumber(axis, 'FORMAT_SHAPE', 'quantisation axis');
  return { ...plan, quantiser: { scheme: name, scales, zeroPoints, axis: along } };
}

/** COO: `(indices, values, size)`; compressed layouts: `(outer, inner, values, size)`. */
function sparse(args: readonly PyValue[], rebuild: string): OtherPlan | null {
  const [layout, data] = args;
  const items = asItems(data);
  if (items === null) return null;
  const name = layoutName(layout);
  const compressed =
    name !== 'sparse_coo' && rebuild === '_rebuild_sparse_tensor' ? true : rebuild === '_rebuild_sparse_csr_tensor';
  const rows =
    name === 'sparse_csc' || name === 'sparse_bsc' ? ['ccol_indices', 'row_indices'] : ['crow_indices', 'col_indices'];
  const names = compressed ? [...rows, 'values'] : ['indices', 'values'];
  const parts = names.map((part, i) => ({ name: part, value: items[i] ?? null }));
  const values = parts.at(-1)!.value;
  const plan = isTensorCall(values) ? planTensor(values) : null;
  const dtype = plan?.kind === 'strided' ? plan.dtype.dtype : '';
  return other('sparse', rebuild, dtype, sizeOf(items[names.length]), name, parts);
}

function layoutName(layout: PyValue | undefined): string {
  if (isGlobal(layout)) return layout.name;
  if (isCall(layout)) return (asText(layout.args[0]) ?? '').replace(/^torch\./, '');
  return asText(layout) ?? '';
}

function other(
  kind: OtherPlan['kind'],
  rebuild: string,
  dtype: string,
  size: readonly number[],
  layout: string,
  parts: OtherPlan['parts'],
): OtherPlan {
  return { kind, rebuild, dtype, size, layout, parts };
}

function storageOf(reference: PyPersistent): StorageRef {
  const ref = parsePersistentId(reference);
  if (!isStorage(ref)) throw new AppError('FORMAT_PERSISTENT_ID', { offset: reference.offset, kind: 'module' });
  return ref;
}

function typedDtype(storage: StorageRef): TorchDtype {
  return storage.dtype;
}

function namedDtype(value: PyValue | undefined): TorchDtype {
  return dtypeByTorchName(isGlobal(value) ? value.name : '');
}

/** A tuple, a list or a `torch.Size` of one. @throws AppError FORMAT_SHAPE, FORMAT_OVERFLOW */
export function sizeOf(value: PyValue | undefined): number[] {
  const items = asItems(value) ?? (isCall(value, 'Size') ? asItems(value.args[0]) : null);
  if (items === null) throw new AppError('FORMAT_SHAPE', { what: 'a size that is no tuple' });
  return items.map((item) => wholeNumber(item, 'FORMAT_SHAPE', 'a dimension or stride'));
}

function dictOf(value: PyValue | undefined): Map<string, PyValue> {
  const map = new Map<string, PyValue>();
  if (!isNode(value) || value.kind !== 'dict') return map;
  for (let i = 0; i + 1 < value.items.length; i += 2) {
    const key = asText(value.items[i]);
    if (key !== null) map.set(key, value.items[i + 1]!);
  }
  return map;
}
