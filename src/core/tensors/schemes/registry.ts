/** The visible list of quantisation schemes, in the order they are asked. */
import { recogniseBitsandbytes } from './bitsandbytes.ts';
import { recogniseColumns } from './columns.ts';
import { recogniseForeign } from './foreign.ts';
import { recogniseMlx } from './mlx.ts';
import { recognisePacked } from './packed.ts';
import { recogniseScaled } from './scaled.ts';
import type { ModelTensors, Recogniser, Undecoded, VirtualTensor } from './scheme.ts';

const RECOGNISERS: readonly Recogniser[] = [
  recogniseColumns,
  recogniseBitsandbytes,
  recogniseMlx,
  recognisePacked,
  recogniseScaled,
  recogniseForeign,
];

export interface Recognised {
  /** Tensors that can be made by `dequantise`. */
  readonly tensors: readonly VirtualTensor[];
  /** Groups that are seen and not understood. */
  readonly undecoded: readonly Undecoded[];
}

/**
 * The quantised tensors of a model. Reads nothing but names, shapes and parts of a few bytes that say how to read the
 * others.
 *
 * @throws AppError SOURCE_* when such a part cannot be read
 */
export async function recognise(model: ModelTensors): Promise<Recognised> {
  const used = new Set<string>();
  const tensors: VirtualTensor[] = [];
  const undecoded: Undecoded[] = [];
  for (const recogniser of RECOGNISERS) {
    for await (const found of recogniser(model)) {
      if (found.parts.some((part) => used.has(part))) continue;
      for (const part of found.parts) used.add(part);
      if ('recipe' in found) tensors.push(found);
      else undecoded.push(found);
    }
  }
  return { tensors, undecoded };
}
