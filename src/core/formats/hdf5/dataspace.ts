import { AppError } from '../../errors.ts';
import { DIMENSIONS_MAX } from '../shape.ts';
import type { H5Cursor } from './file.ts';

export interface Dataspace {
  /** Sizes outermost first; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** Largest sizes; null: without limit. As long as `shape`. */
  readonly most: readonly (number | null)[];
  /** A dataspace without elements ("null"), which is not a scalar. */
  readonly empty: boolean;
}

/** Dataspace message, versions 1 and 2 (specification IV.A.2.b). @throws AppError FORMAT_VERSION, FORMAT_SHAPE, FORMAT_OVERFLOW */
export function readDataspace(cursor: H5Cursor): Dataspace {
  const version = cursor.u8();
  const rank = cursor.u8();
  const flags = cursor.u8();
  if (rank > DIMENSIONS_MAX) throw new AppError('FORMAT_SHAPE', { dimensions: rank });
  if (version === 1) cursor.skip(5);
  else if (version !== 2) throw new AppError('FORMAT_VERSION', { what: 'dataspace', version });
  else if (cursor.u8() === 2) return { shape: [], most: [], empty: true };
  const shape: number[] = [];
  for (let i = 0; i < rank; i += 1) shape.push(cursor.extent());
  const most: (number | null)[] = [];
  for (let i = 0; i < rank; i += 1) most.push((flags & 1) === 0 ? shape[i]! : unlimited(cursor));
  return { shape, most, empty: false };
}

/** All bits set: no limit. A limit beyond 2^53 is none either. */
function unlimited(cursor: H5Cursor): number | null {
  const bytes = cursor.take(cursor.widths.length);
  let value = 0;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = value * 256 + bytes[i]!;
  return bytes.every((byte) => byte === 255) || !Number.isSafeInteger(value) ? null : value;
}
