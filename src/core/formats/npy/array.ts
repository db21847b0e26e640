import type { Finding } from '../../content/finding.ts';
import { AppError } from '../../errors.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import { countElements } from '../shape.ts';
import type { NpyHeader } from './header.ts';

export interface NpyArray {
  /** Stored as a range of the file the header was read from. */
  readonly entry: TensorEntry;
  readonly findings: readonly Finding[];
  /** Bytes behind the data; -1 when the data are a pickle, whose end only the pickle knows. */
  readonly trailing: number;
}

/**
 * One array as its header states it, held against the bytes there are.
 *
 * @param name tensor name
 * @param size bytes of the .npy file
 * @throws AppError FORMAT_TRUNCATED, FORMAT_OVERFLOW
 */
export function describeArray(header: NpyHeader, name: string, size: number): NpyArray {
  const { type, shape, fortran, dataStart } = header;
  const count = countElements(shape, name);
  const findings: Finding[] = [];
  if (type.object) {
    const byteLength = size - dataStart;
    const entry = { name, dtype: 'OTHER', shape, byteLength, storage: { kind: 'range', start: dataStart } } as const;
    return { entry, findings, trailing: -1 };
  }
  const byteLength = count * type.size;
  if (!Number.isSafeInteger(byteLength))
    throw new AppError('FORMAT_OVERFLOW', { tensor: name, count, size: type.size });
  if (byteLength > size - dataStart) {
    throw new AppError('FORMAT_TRUNCATED', { tensor: name, wanted: byteLength, available: size - dataStart });
  }
  const trailing = size - dataStart - byteLength;
  if (trailing > 0) {
    const place = { offset: dataStart + byteLength, length: trailing };
    findings.push({ code: 'trailing-bytes', severity: 'caution', ...place, detail: { name, length: trailing } });
  }
  if (type.guessed) {
    findings.push({ code: 'unusual-type', severity: 'note', detail: { name, type: type.descr, dtype: type.dtype } });
  }
  const strides = fortran ? fortranStrides(shape) : null;
  const storage = {
    kind: 'range',
    start: dataStart,
    ...(type.big ? { order: 'big' as const } : {}),
    ...(strides === null ? {} : { strides }),
  } as const;
  return { entry: { name, dtype: type.dtype, shape, byteLength, storage }, findings, trailing };
}

/** Elements between neighbours when the first dimension varies fastest; null when that is row-major all the same. */
export function fortranStrides(shape: readonly number[]): number[] | null {
  if (shape.filter((size) => size !== 1).length < 2) return null;
  const strides: number[] = [];
  let step = 1;
  for (const size of shape) {
    strides.push(step);
    step *= Math.max(1, size);
  }
  return strides;
}
