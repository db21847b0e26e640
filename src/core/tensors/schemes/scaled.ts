/** Weights kept in eight bits beside their scales: FP8 by tensor, channel or block, and INT8 of compressed-tensors. */
import type { TensorEntry } from '../entry.ts';
import type { ModelTensors, Undecoded, VirtualTensor } from './scheme.ts';
import { placeScales } from './spread.ts';

const SCALES = new Set(['F32', 'F16', 'BF16']);

export async function* recogniseScaled(model: ModelTensors): AsyncIterable<VirtualTensor | Undecoded> {
  for (const [name, entry] of model.entries) {
    const float = entry.dtype.startsWith('F8_E4M3') || entry.dtype.startsWith('F8_E5M2');
    if (!float && entry.dtype !== 'I8') continue;
    // Multiplied, whatever its name says. Anything else that is I8 is no weight.
    const scale = (float ? model.entries.get(`${name}_scale_inv`) : undefined) ?? model.entries.get(`${name}_scale`);
    if (scale !== undefined) yield describe(model, entry, scale);
  }
}

/** The type of a layer's arithmetic: its scales', its bias's, the config's. */
export function layerDtype(model: ModelTensors, weight: string, scale: TensorEntry, otherwise: string): string {
  if (scale.dtype === 'F16' || scale.dtype === 'BF16') return scale.dtype;
  const bias = model.entries.get(weight.replace(/\.weight(_packed)?$/, '.bias'));
  if (bias !== undefined && bias.name !== weight && SCALES.has(bias.dtype)) return bias.dtype;
  return model.config.computeDtype ?? otherwise;
}

function describe(model: ModelTensors, codes: TensorEntry, scale: TensorEntry): VirtualTensor | Undecoded {
  const { name, dtype } = codes;
  const zeros = model.entries.get(`${name}_zero_point`);
  const parts = [codes, scale, zeros].filter((entry) => entry !== undefined).map((entry) => entry.name);
  const placed = placeScales(codes.shape, scale.shape, model.config.block);
  const odd = zeros !== undefined && (zeros.dtype !== dtype || zeros.shape.join() !== scale.shape.join());
  if (placed === undefined || !SCALES.has(scale.dtype) || odd) {
    return { name, scheme: dtype === 'I8' ? 'int8' : 'fp8', why: 'layout', parts };
  }
  const columns = codes.shape.at(-1)!;
  return {
    name,
    scheme: dtype === 'I8' ? 'compressed-tensors' : `fp8-${placed.kind}`,
    dtype: layerDtype(model, name, scale, 'BF16'),
    shape: codes.shape,
    bits: 8,
    ...(placed.block === undefined ? {} : { block: placed.block }),
    parts,
    recipe: {
      kind: 'rows',
      codes: name,
      coding: { kind: 'dtype', dtype },
      columns,
      scale: { part: scale.name, ...placed.spread },
      ...(zeros === undefined ? {} : { zeros: { part: zeros.name } }),
    },
  };
}
