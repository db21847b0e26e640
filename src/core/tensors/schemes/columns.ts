/** GPTQ and AWQ: codes of a [in, out] matrix in 32-bit words, with scales and zero points per group of input rows. */
import type { TensorEntry } from '../entry.ts';
import type { ModelTensors, Undecoded, VirtualTensor } from './scheme.ts';

/** Methods that use the names of GPTQ for something else. */
const FOREIGN = new Set(['marlin', 'exl2', 'hqq', 'vptq', 'aqlm', 'quip']);

function isMatrix(
  entry: TensorEntry | undefined,
): entry is TensorEntry & { readonly shape: readonly [number, number] } {
  return entry !== undefined && entry.shape.length === 2 && entry.shape.every((n) => n > 0);
}

const WORDS = new Set(['I32', 'U32']);
const SCALES = new Set(['F16', 'BF16', 'F32']);

export async function* recogniseColumns(model: ModelTensors): AsyncIterable<VirtualTensor | Undecoded> {
  for (const [name, entry] of model.entries) {
    if (name.endsWith('.qweight')) yield describe(model, name.slice(0, -'.qweight'.length), entry);
  }
}

function describe(model: ModelTensors, layer: string, codes: TensorEntry): VirtualTensor | Undecoded {
  const { entries, config } = model;
  const zeros = entries.get(`${layer}.qzeros`);
  const scales = entries.get(`${layer}.scales`);
  const index = entries.get(`${layer}.g_idx`);
  const name = `${layer}.weight`;
  const present = [codes, zeros, scales, index].filter((entry) => entry !== undefined).map((entry) => entry.name);
  const refuse = (why: Undecoded['why']): Undecoded => ({
    name,
    scheme: config.method ?? 'gptq',
    why,
    parts: present,
  });
  if (FOREIGN.has(config.method ?? '') || FOREIGN.has(config.format ?? '')) return refuse('scheme');
  if (!isMatrix(codes) || !isMatrix(zeros) || !isMatrix(scales)) return refuse('layout');
  if (!WORDS.has(codes.dtype) || !WORDS.has(zeros.dtype) || !SCALES.has(scales.dtype)) return refuse('layout');
  const [groups, n] = scales.shape;
  if (zeros.shape[0] !== groups) return refuse('layout');
  const shared = { codes: codes.name, zeros: zeros.name, scales: scales.name, n, groups };

  // Shapes tell the two apart: a word of AWQ holds eight columns, a word of GPTQ eight rows of one column.
  if (codes.shape[1] * 8 === n && zeros.shape[1] * 8 === n) {
    const k = codes.shape[0];
    const groupSize = groupSizeOf(k, groups, config.groupSize);
    const other = config.bits !== undefined && config.bits !== 4;
    if (groupSize === undefined || other || (config.method === 'awq' && (config.format ?? 'gemm') !== 'gemm')) {
      return refuse('config');
    }
    const recipe = { kind: 'columns', packing: 'awq', bits: 4, zeroOffset: 0, groupSize, k, ...shared } as const;
    const parts = [codes.name, zeros.name, scales.name];
    return { name, scheme: 'awq', dtype: scales.dtype, shape: [n, k], bits: 4, groupSize, parts, recipe };
  }

  const bits = (zeros.shape[1] * 32) / n;
  const k = (codes.shape[0] * 32) / bits;
  if (codes.shape[1] !== n || ![2, 3, 4, 8].includes(bits) || !Number.isInteger(k)) return refuse('layout');
  const groupSize = groupSizeOf(k, groups, config.groupSize);
  if (groupSize === undefined || (index !== undefined && (index.shape.length !== 1 || index.shape[0] !== k))) {
    return refuse('layout');
  }
  const recipe = {
    kind: 'columns',
    packing: 'gptq',
    bits,
    // The first format keeps a zero point less one; the second, and whatever says so, keeps it as it is.
    zeroOffset: config.format?.includes('v2') === true ? 0 : 1,
    groupSize,
    k,
    ...shared,
    ...(index === undefined ? {} : { groupIndex: index.name }),
  } as const;
  return { name, scheme: 'gptq', dtype: scales.dtype, shape: [n, k], bits, groupSize, parts: present, recipe };
}

/** Input rows per group: what the config says when that gives the number of groups there are, else by division. */
export function groupSizeOf(k: number, groups: number, stated: number | undefined): number | undefined {
  if (stated !== undefined && Math.ceil(k / stated) === groups) return stated;
  const size = Math.ceil(k / groups);
  return Math.ceil(k / size) === groups ? size : undefined;
}
