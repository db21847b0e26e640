import type { ByteSource } from '../../bytes/source.ts';
import type { Finding } from '../../content/finding.ts';
import { AppError } from '../../errors.ts';
import type { TensorEntry, TensorStorage } from '../../tensors/entry.ts';
import type { ProtoInt, ScalarRun } from '../protobuf.ts';
import { countElements, packedBytes } from '../shape.ts';
import { ONNX_DTYPES, type OnnxDtype } from './dtypes.ts';
import { externalPlace } from './external.ts';
import type { TypedLayout } from '../typed-fields.ts';
import type { OnnxTensor } from './types.ts';

export interface DescribedTensor {
  readonly entry: TensorEntry;
  readonly findings: readonly Finding[];
  /** For `assembled`: how to put the payload together. */
  readonly typed?: TypedLayout;
  readonly onnxDtype: string;
}

/**
 * A TensorProto as a tensor entry under its qualified name.
 *
 * @throws AppError FORMAT_DTYPE, FORMAT_SHAPE, FORMAT_OVERFLOW, FORMAT_SIZE_MISMATCH, FORMAT_BOUNDS and what externalPlace throws
 */
export function describeTensor(tensor: OnnxTensor, name: string, source: ByteSource): DescribedTensor {
  const type = dtypeOf(tensor, name);
  const shape = tensor.dims.map((dimension) => toDimension(dimension, name));
  const count = countElements(shape, name);
  const byteLength = packedBytes(count, type.bits, name);
  const findings: Finding[] = [];
  if (tensor.segment) {
    findings.push({
      code: 'unsupported-feature',
      severity: 'caution',
      detail: { feature: 'TensorProto.segment', tensor: name },
    });
  }
  const sources = [tensor.raw !== null, tensor.typed.size > 0, tensor.isExternal].filter(Boolean).length;
  if (sources > 1 || tensor.typed.size > 1) {
    findings.push({ code: 'ambiguous-data', severity: 'caution', detail: { tensor: name } });
  }
  const made = (storage: TensorStorage, length = byteLength, typed?: TypedLayout): DescribedTensor => ({
    entry: { name, dtype: type.dtype, shape, byteLength: length, storage },
    findings,
    onnxDtype: type.onnx,
    ...(typed === undefined ? {} : { typed }),
  });

  if (type.dtype === 'STRING') {
    if (!tensor.isExternal && tensor.strings !== count) throw mismatch(name, count, tensor.strings);
    return made({ kind: 'absent', why: 'text' }, 0);
  }
  if (tensor.isExternal) return made(externalStorage(tensor, name, byteLength, source, findings));
  if (tensor.raw !== null) {
    const actual = tensor.raw.end - tensor.raw.start;
    if (actual !== byteLength) throw mismatch(name, byteLength, actual);
    return made({ kind: 'range', start: tensor.raw.start });
  }
  const runs = tensor.typed.get(type.field) ?? [];
  if (byteLength === 0 && runs.every((run) => run.start === run.end))
    return made({ kind: 'assembled' }, 0, layoutOf(type, []));
  const layout = layoutOf(type, runs);
  checkRuns(layout, byteLength, name);
  const [only] = runs;
  // One packed run of fixed-width values is exactly what raw_data would be.
  if (runs.length === 1 && only?.packed === true && layout.wire !== 0)
    return made({ kind: 'range', start: only.start });
  return made({ kind: 'assembled' }, byteLength, layout);
}

function dtypeOf(tensor: OnnxTensor, name: string): OnnxDtype {
  const type = typeof tensor.dataType === 'number' ? ONNX_DTYPES.get(tensor.dataType) : undefined;
  if (type === undefined) throw new AppError('FORMAT_DTYPE', { tensor: name, dtype: `${tensor.dataType}` });
  return type;
}

function toDimension(dimension: ProtoInt, tensor: string): number {
  if (dimension < 0) throw new AppError('FORMAT_SHAPE', { tensor, dimension: `${dimension}` });
  if (typeof dimension !== 'number') throw new AppError('FORMAT_OVERFLOW', { tensor, dimension: `${dimension}` });
  return dimension;
}

function layoutOf(type: OnnxDtype, runs: readonly ScalarRun[]): TypedLayout {
  if (type.field === 4) return { runs, wire: 5, width: 4, boolean: false };
  if (type.field === 10) return { runs, wire: 1, width: 8, boolean: false };
  // Elements below eight bits come packed: one byte of them per stored value.
  return { runs, wire: 0, width: type.bits < 8 ? 1 : type.bits / 8, boolean: type.dtype === 'BOOL' };
}

/** What the lengths alone prove: exact for packed fixed-width values, bounds for varints and unpacked fields. */
function checkRuns(layout: TypedLayout, byteLength: number, name: string): void {
  const values = byteLength / layout.width;
  let least = 0;
  let most = 0;
  for (const run of layout.runs) {
    const bytes = run.end - run.start;
    const fixed = layout.wire === 1 ? 8 : layout.wire === 5 ? 4 : 0;
    const tag = run.packed ? 0 : 1;
    least += Math.ceil(bytes / (fixed === 0 ? 10 + 5 * tag : fixed + 5 * tag));
    most += Math.floor(bytes / (fixed === 0 ? 1 + tag : fixed + tag));
    if (fixed !== 0 && run.packed && bytes % fixed !== 0) throw mismatch(name, byteLength, bytes);
  }
  if (values < least || values > most) throw mismatch(name, byteLength, most * layout.width);
}

function externalStorage(
  tensor: OnnxTensor,
  name: string,
  byteLength: number,
  source: ByteSource,
  findings: Finding[],
): TensorStorage {
  const place = externalPlace(tensor, source.name);
  if (place.length !== null && place.length < byteLength) throw mismatch(name, byteLength, place.length);
  if (place.path !== source.name) {
    // More than the tensor needs: whether that is beyond the other file or only wrong is for `checkExternal` to say.
    const length = place.length === null || place.length === byteLength ? {} : { length: place.length };
    return { kind: 'external', path: place.path, start: place.start, ...length };
  }
  findings.push({
    code: 'self-reference',
    severity: 'danger',
    offset: place.start,
    length: byteLength,
    detail: { tensor: name },
  });
  if (place.start + byteLength > source.size) {
    throw new AppError('FORMAT_BOUNDS', { tensor: name, end: place.start + byteLength, size: source.size });
  }
  return { kind: 'range', start: place.start };
}

function mismatch(tensor: string, expected: number, actual: number): AppError {
  return new AppError('FORMAT_SIZE_MISMATCH', { tensor, expected, actual });
}
