import { AppError } from '../../errors.ts';
import type { StatedTensor } from './header.ts';

/**
 * Checks that the tensors fill the data section without gap or overlap, as the reference reader 0.8.0 demands: sorted
 * by their offsets, each begins where the one before ends.
 *
 * @returns the tensors by position in the file, and where the last one ends, bytes from the start of the data section
 * @throws AppError FORMAT_HOLE {tensor, offset, bytes}; FORMAT_OVERLAP {tensor, other, offset, bytes}
 */
export function checkLayout(
  tensors: readonly StatedTensor[],
  dataStart: number,
): { readonly ordered: readonly StatedTensor[]; readonly end: number } {
  const ordered = tensors.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  let before = '';
  for (const tensor of ordered) {
    const place = { tensor: tensor.name.slice(0, 200), offset: dataStart + Math.min(end, tensor.begin) };
    if (tensor.begin > end) throw new AppError('FORMAT_HOLE', { ...place, bytes: tensor.begin - end });
    if (tensor.begin < end) {
      throw new AppError('FORMAT_OVERLAP', { ...place, other: before.slice(0, 200), bytes: end - tensor.begin });
    }
    end = tensor.end;
    before = tensor.name;
  }
  return { ordered, end };
}

/**
 * Says what a file that ends too early has lost.
 *
 * @param ordered by position in the file @param size bytes that are there @param expected bytes that should be
 */
export function lostTensors(
  ordered: readonly { readonly name: string; readonly end: number }[],
  dataStart: number,
  size: number,
  expected: number,
): AppError {
  const first = ordered.findIndex((tensor) => dataStart + tensor.end > size);
  return new AppError('FORMAT_TRUNCATED', {
    tensor: ordered[first]?.name.slice(0, 200) ?? '',
    missing: expected - size,
    expected,
    actual: size,
    lost: first < 0 ? 0 : ordered.length - first,
    tensors: ordered.length,
  });
}
