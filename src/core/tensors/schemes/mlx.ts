/** MLX's quantised layers: codes in 32-bit words along the input, scale and bias per group. */
import type { TensorEntry } from '../entry.ts';
import type { Coding, ModelTensors, Undecoded, VirtualTensor } from './scheme.ts';

const BITS = [4, 8, 2, 3, 5, 6];

export async function* recogniseMlx(model: ModelTensors): AsyncIterable<VirtualTensor | Undecoded> {
  for (const [name, entry] of model.entries) {
    if (entry.dtype !== 'U32' || !name.endsWith('.weight')) continue;
    const layer = name.slice(0, -'.weight'.length);
    const scales = model.entries.get(`${layer}.scales`);
    if (scales !== undefined) yield describe(model, layer, entry, scales);
  }
}

function coding(bits: number): Coding {
  if (bits === 2 || bits === 4 || bits === 8) return { kind: 'dtype', dtype: `U${bits}` };
  return { kind: 'stream', bits };
}

function describe(
  model: ModelTensors,
  layer: string,
  codes: TensorEntry,
  scales: TensorEntry,
): VirtualTensor | Undecoded {
  const { config } = model;
  const own = config.layers.get(layer);
  const biases = model.entries.get(`${layer}.biases`);
  const mode = own?.mode ?? config.mode ?? (biases === undefined ? 'mxfp4' : 'affine');
  const parts = [codes, scales, biases].filter((entry) => entry !== undefined).map((entry) => entry.name);
  const name = codes.name;
  const refuse = (why: Undecoded['why']): Undecoded => ({ name, scheme: `mlx ${mode}`, why, parts });
  const words = codes.shape.at(-1) ?? 0;
  const width = scales.shape.at(-1) ?? 0;
  const rows = codes.shape.slice(0, -1);
  if (words === 0 || width === 0 || rows.length === 0 || scales.shape.slice(0, -1).join() !== rows.join()) {
    return refuse('layout');
  }
  const shared = { name, parts } as const;
  if (mode === 'mxfp4') {
    if (scales.dtype !== 'U8' || biases !== undefined || words * 8 !== width * 32) return refuse('layout');
    const columns = words * 8;
    const scale = { part: scales.name, rows: 1, run: 32, width, as: 'F8_E8M0' };
    return {
      ...shared,
      scheme: 'mlx-mxfp4',
      dtype: config.computeDtype ?? 'BF16',
      shape: [...rows, columns],
      bits: 4,
      groupSize: 32,
      recipe: { kind: 'rows', codes: name, coding: { kind: 'dtype', dtype: 'F4' }, columns, scale },
    };
  }
  if (mode !== 'affine') return refuse('scheme');
  if (biases === undefined || biases.shape.join() !== scales.shape.join() || biases.dtype !== scales.dtype) {
    return refuse('layout');
  }
  const found = sizes(words, width, own?.bits ?? config.bits, own?.groupSize ?? config.groupSize);
  if (found === undefined) return refuse('config');
  const [bits, groupSize] = found;
  const columns = width * groupSize;
  const spread = { rows: 1, run: groupSize, width };
  return {
    ...shared,
    scheme: 'mlx-affine',
    dtype: scales.dtype,
    shape: [...rows, columns],
    bits,
    groupSize,
    recipe: {
      kind: 'rows',
      codes: name,
      coding: coding(bits),
      columns,
      scale: { part: scales.name, ...spread },
      bias: { part: biases.name, ...spread },
    },
  };
}

/** Bits and group size: as stated when they fit the shapes, else the only pair that does. */
function sizes(
  words: number,
  width: number,
  bits: number | undefined,
  groupSize: number | undefined,
): readonly [number, number] | undefined {
  const fits: [number, number][] = [];
  for (const b of bits === undefined ? BITS : [bits]) {
    for (const g of groupSize === undefined ? [32, 64, 128] : [groupSize]) {
      if (BITS.includes(b) && words * 32 === width * g * b) fits.push([b, g]);
    }
  }
  return fits.length === 1 ? fits[0] : undefined;
}
