/** What turns stored numbers into a tensor's own: PyTorch's conjugate and negative bits and its quantised tensors. */
import type { TensorTransform } from '../entry.ts';
import { wideValues } from '../wide.ts';
import { canonicalNaN } from './codec.ts';

/** Changes one tile in place and gives the little-endian bytes that go with it. `at` counts values before the tile. */
export type TileTransform = (values: Float32Array, stored: Uint8Array, at: number) => Uint8Array;

type Affine = Extract<TensorTransform, { readonly kind: 'affine' }>;

/** The dtype of what comes out: quantised integers become float32. */
export function transformedDtype(dtype: string, transforms: readonly TensorTransform[]): string {
  return transforms.some(({ kind }) => kind === 'affine') ? 'F32' : dtype;
}

/**
 * @param dtype as stored
 * @param shape outermost first; needed where scales differ along an axis
 */
export function tileTransform(
  dtype: string,
  shape: readonly number[],
  transforms: readonly TensorTransform[],
): TileTransform | undefined {
  if (transforms.length === 0) return undefined;
  const bytes = (values: Float32Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return (values, stored, at) => {
    let wide = dtype === 'F64' || dtype === 'C128' ? wideValues(dtype, stored, values.length) : null;
    for (const transform of transforms) {
      if (transform.kind === 'affine') {
        affine(transform, shape, dtype === 'I32' ? wideValues(dtype, stored, values.length) : values, values, at);
        wide = null;
      } else {
        // Tiles hold an even number of values, so imaginary parts are the odd ones.
        const step = transform.kind === 'conjugate' ? 2 : 1;
        for (let i = step - 1; i < values.length; i += step) values[i] = -values[i]!;
        if (wide !== null) for (let i = step - 1; i < wide.length; i += step) wide[i] = -wide[i]!;
      }
    }
    canonicalNaN(values);
    return wide === null ? bytes(values) : new Uint8Array(wide.buffer);
  };
}

/**
 * `fround((code - zero) * scale)`; a channel without a scale gives NaN. One scale for all is a float in PyTorch's kernel,
 * scales along an axis are doubles (golden `zip-quantised.pt`).
 */
function affine(
  { scales, zeroPoints, axis }: Affine,
  shape: readonly number[],
  codes: Float32Array | Float64Array,
  values: Float32Array,
  at: number,
): void {
  const run = axis === undefined ? Infinity : shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  const channels = axis === undefined ? 1 : (shape[axis] ?? 1);
  for (let i = 0; i < values.length; i++) {
    const channel = axis === undefined ? 0 : Math.floor((at + i) / run) % channels;
    const scale = scales[channel] ?? NaN;
    values[i] = (codes[i]! - (zeroPoints[channel] ?? 0)) * (axis === undefined ? Math.fround(scale) : scale);
  }
}
