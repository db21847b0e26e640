import { AppError } from '../../errors.ts';
import { besideArtifact, safeRelativePath } from '../safe-path.ts';
import type { OnnxTensor } from './types.ts';

export interface ExternalPlace {
  /** In the model's own paths. */
  readonly path: string;
  readonly start: number;
  /** Stated length in bytes; null: to where the tensor ends. */
  readonly length: number | null;
}

/**
 * Where an external tensor says its bytes are (onnx docs/ExternalData.md): `location` below the model's own folder,
 * `offset` and `length` as decimal text.
 *
 * @throws AppError FORMAT_PATH, FORMAT_MISSING_FIELD, FORMAT_DUPLICATE_KEY, FORMAT_NUMBER, FORMAT_LENGTH, FORMAT_OVERFLOW
 */
export function externalPlace(tensor: OnnxTensor, artifact: string): ExternalPlace {
  const seen = new Map<string, string>();
  let duplicate: string | null = null;
  for (const { key, value } of tensor.external) {
    // Every location is looked at, also the one that another reader would ignore.
    if (key === 'location') safeRelativePath(value, { tensor: tensor.name });
    if (seen.has(key)) duplicate = key;
    seen.set(key, value);
  }
  if (duplicate !== null) throw new AppError('FORMAT_DUPLICATE_KEY', { tensor: tensor.name, key: duplicate });
  const location = safeRelativePath(seen.get('location') ?? '', { tensor: tensor.name });
  return {
    path: besideArtifact(artifact, location),
    start: decimal(tensor.name, 'offset', seen.get('offset')) ?? 0,
    length: decimal(tensor.name, 'length', seen.get('length')),
  };
}

function decimal(tensor: string, field: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = text.trim();
  if (/^-\d+$/.test(value)) throw new AppError('FORMAT_LENGTH', { tensor, field, value: value.slice(0, 40) });
  if (!/^\d+$/.test(value)) throw new AppError('FORMAT_NUMBER', { tensor, field, value: value.slice(0, 40) });
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new AppError('FORMAT_OVERFLOW', { tensor, field, value: value.slice(0, 40) });
  return number;
}
