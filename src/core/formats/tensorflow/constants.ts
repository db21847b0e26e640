import type { FindingCollector } from '../../content/collector.ts';
import { AppError } from '../../errors.ts';
import type { TensorEntry, TensorStorage } from '../../tensors/entry.ts';
import { countElements, packedBytes } from '../shape.ts';
import type { TypedLayout } from '../typed-fields.ts';
import { tfDtype } from './dtypes.ts';
import type { TfTensor } from './types.ts';

/** From here on a constant made of one repeated value is a resource and not data. */
const LARGE = 64 * 1024 * 1024;

export interface DescribedConstant {
  readonly entry: TensorEntry;
  /** For `assembled`. */
  readonly layout: TypedLayout | null;
}

/** A constant of a graph as a tensor; null when it holds text, handles or an unknown shape. @throws AppError FORMAT_* */
export function describeConstant(name: string, tensor: TfTensor, findings: FindingCollector): DescribedConstant | null {
  const shown = name.slice(0, 200);
  const type = typeof tensor.dtype === 'number' ? tfDtype(tensor.dtype) : undefined;
  if (type === undefined) throw new AppError('FORMAT_DTYPE', { tensor: shown, dtype: `${tensor.dtype}` });
  if (type === null || tensor.unknownRank) return null;
  const shape = tensor.dims.map((size) => {
    if (size < 0) throw new AppError('FORMAT_SHAPE', { tensor: shown, dimension: `${size}` });
    if (typeof size !== 'number') throw new AppError('FORMAT_OVERFLOW', { tensor: shown, dimension: `${size}` });
    return size;
  });
  const byteLength = packedBytes(countElements(shape, shown), type.bits, shown);
  const made = (storage: TensorStorage, layout: TypedLayout | null = null): DescribedConstant => ({
    entry: { name, dtype: type.dtype, shape, byteLength, storage },
    layout,
  });
  if (tensor.content !== null && tensor.content.end > tensor.content.start) {
    const actual = tensor.content.end - tensor.content.start;
    if (actual !== byteLength)
      throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: shown, expected: byteLength, actual });
    if (tensor.typed.size > 0) findings.add('ambiguous-data', 'caution', { tensor: shown });
    return made({ kind: 'range', start: tensor.content.start });
  }
  const runs = tensor.typed.get(type.field) ?? [];
  const stored = runs.reduce((sum, run) => sum + run.end - run.start, 0);
  if (byteLength >= LARGE && byteLength > 64 * stored) {
    findings.add('resource-shape', 'caution', { name: shown, bytes: byteLength, stored });
    return made({ kind: 'absent', why: 'one value repeated' });
  }
  const { wire, width, dtype } = type;
  return made({ kind: 'assembled' }, { runs, wire, width, boolean: dtype === 'BOOL', repeatLast: true });
}
