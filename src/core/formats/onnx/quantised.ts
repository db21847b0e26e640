/**
 * Weights that the graph itself makes of stored integers: DequantizeLinear (onnx.ai, operators), ONNX Runtime's
 * MatMulNBits and MatMulBnb4 (com.microsoft, ContribOperators.md). Only where all inputs are constants of the file.
 */
import { PROTO_DEPTH_MAX, TENSORS_MAX } from '../../limits.ts';
import { elementCount } from '../../tensors/dtypes.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { RowsRecipe, VirtualTensor } from '../../tensors/schemes/scheme.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './types.ts';
import { nodeLabel, walkModel } from './walk.ts';

const CODES: ReadonlySet<string> = new Set(['I8', 'U8', 'I16', 'U16', 'I32', 'I4', 'U4', 'I2', 'U2', 'F4']);
/** Types whose zero point can only be zero. */
const FLOAT_CODES = /^(?:F8_E[45]|F4$)/;
const SCALES: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);

/** `output_dtype`: numbers of onnx.TensorProto.DataType. */
const OUTPUTS: ReadonlyMap<number, string> = new Map([
  [1, 'F32'],
  [10, 'F16'],
  [16, 'BF16'],
]);

/** Values of the two code books of MatMulBnb4 (onnxruntime, blockwise_quant_block_bnb4.h), of which FP4 has a sign bit. */
const FP4 = [0, 5.208333333e-3, 0.66666667, 1, 0.33333333, 0.5, 0.16666667, 0.25];
const NF4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];
const BNB4: ReadonlyMap<number, readonly number[]> = new Map([
  [0, [...FP4, ...FP4.map((value) => -value)]],
  [1, NF4],
]);

type Find = (name: string) => TensorEntry | undefined;

/** Names that edges of one graph use for its constants, and where they stand among the entries. */
type Scope = ReadonlyMap<string, string>;

/** @param entries of the same file, by name */
export function quantisedTensors(model: OnnxModel, entries: ReadonlyMap<string, TensorEntry>): VirtualTensor[] {
  const made = new Map<string, VirtualTensor>();
  const scopes = new Map<string, Scope>();
  walkModel(model, {
    nodes(nodes, prefix, graph) {
      scopes.set(prefix, scopeOf(nodes, prefix, graph));
      const find = finder(prefix, scopes, entries);
      for (const node of nodes) {
        const tensor = OPERATORS[`${node.domain}.${node.opType}`]?.(node, find, prefix);
        if (tensor !== undefined && !entries.has(tensor.name) && made.size < TENSORS_MAX) made.set(tensor.name, tensor);
      }
    },
  });
  return [...made.values()];
}

/** What an operator makes of constants; keys are `domain.operator`. */
const OPERATORS: Readonly<
  Record<string, ((node: OnnxNode, find: Find, prefix: string) => VirtualTensor | undefined) | undefined>
> = {
  '.DequantizeLinear': dequantizeLinear,
  'ai.onnx.DequantizeLinear': dequantizeLinear,
  'com.microsoft.DequantizeLinear': dequantizeLinear,
  'com.microsoft.MatMulNBits': matMulNBits,
  'com.microsoft.MatMulBnb4': matMulBnb4,
};

/** Initialisers and Constant nodes of one graph. */
function scopeOf(nodes: readonly OnnxNode[], prefix: string, graph: OnnxGraph | null): Scope {
  const scope = new Map<string, string>();
  for (const { name } of graph?.initializers ?? []) scope.set(name, prefix + name);
  for (const [index, node] of nodes.entries()) {
    const [output = ''] = node.outputs;
    if (node.opType === 'Constant' && output !== '') scope.set(output, `${prefix}${nodeLabel(node, index)}@value`);
  }
  return scope;
}

/** A constant by the name that edges of a graph use: of its own, or of the graphs around it, the nearest first. */
function finder(prefix: string, scopes: ReadonlyMap<string, Scope>, entries: ReadonlyMap<string, TensorEntry>): Find {
  const around: Scope[] = [];
  // Names may hold slashes of their own: a prefix that is no graph's is passed over.
  let end = prefix.length;
  for (let steps = 0; steps < PROTO_DEPTH_MAX; steps++) {
    const scope = scopes.get(prefix.slice(0, end));
    if (scope !== undefined) around.push(scope);
    if (end === 0) break;
    end = prefix.lastIndexOf('/', end - 2) + 1;
  }
  return (name) => {
    if (name === '') return undefined;
    for (const scope of around) {
      const found = scope.get(name);
      if (found !== undefined) return entries.get(found);
    }
    return undefined;
  };
}

/**
 * `y = (x - zero) * scale` in float32, rounded to the output type, with one pair for all, one per index of `axis`, or one
 * per block along it.
 */
function dequantizeLinear(node: OnnxNode, find: Find, prefix: string): VirtualTensor | undefined {
  const [codesName = '', scaleName = '', zeroName = ''] = node.inputs;
  const [output = ''] = node.outputs;
  const codes = find(codesName);
  const scale = find(scaleName);
  const zero = zeroName === '' ? undefined : find(zeroName);
  if (codes === undefined || scale === undefined || output === '' || (zeroName !== '' && zero === undefined)) return;
  const floats = FLOAT_CODES.test(codes.dtype);
  const stated = attribute(node, 'output_dtype') ?? 0;
  const dtype = stated === 0 ? scale.dtype : OUTPUTS.get(stated);
  // A scale of exponents alone takes an output type to say what comes out.
  if (dtype === undefined || !SCALES.has(dtype) || !(SCALES.has(scale.dtype) || scale.dtype === 'F8_E8M0')) return;
  if (!(CODES.has(codes.dtype) || floats)) return;
  if (zero !== undefined && (zero.dtype !== codes.dtype || zero.shape.join() !== scale.shape.join())) return;
  const spread = spreadOf(codes.shape, scale.shape, attribute(node, 'axis') ?? 1, attribute(node, 'block_size') ?? 0);
  if (spread === undefined) return;
  const { columns, ...place } = spread;
  const recipe: RowsRecipe = {
    kind: 'rows',
    codes: codes.name,
    coding: { kind: 'dtype', dtype: codes.dtype },
    columns,
    scale: { part: scale.name, ...place },
    ...(zero === undefined || floats ? {} : { zeros: { part: zero.name } }),
    ...(dtype === 'F16' || dtype === 'BF16' ? { round: dtype } : {}),
  };
  const parts = [codes, scale, zero].flatMap((entry) => (entry === undefined ? [] : [entry.name]));
  const bits = (codes.byteLength * 8) / Math.max(1, elementCount(codes.shape));
  return {
    name: prefix + output,
    scheme: 'onnx-qdq',
    dtype,
    shape: codes.shape,
    bits: Math.round(bits),
    parts,
    recipe,
  };
}

interface Placed {
  readonly columns: number;
  readonly rows: number;
  readonly run: number;
  readonly width: number;
  readonly restart?: number;
}

const product = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** Where the scale of each number stands, as rows and runs of a matrix. Undefined when the shapes do not fit. */
function spreadOf(
  shape: readonly number[],
  scale: readonly number[],
  stated: number,
  block: number,
): Placed | undefined {
  const total = elementCount(shape);
  if (total === 0) return undefined;
  const count = elementCount(scale);
  if (count === 1 && block === 0) return { columns: total, rows: 1, run: total, width: 1 };
  const axis = stated < 0 ? stated + shape.length : stated;
  const length = shape[axis];
  if (length === undefined) return undefined;
  const outer = product(shape.slice(0, axis));
  const inner = product(shape.slice(axis + 1));
  if (block < 0) return undefined;
  if (block === 0) {
    if (scale.length !== 1 || count !== length) return undefined;
    return { columns: length * inner, rows: outer, run: inner, width: length };
  }
  const blocks = Math.ceil(length / block);
  const wanted = shape.map((n, d) => (d === axis ? blocks : n));
  if (scale.join() !== wanted.join()) return undefined;
  if (inner === 1) return { columns: length, rows: 1, run: block, width: blocks };
  // Where the last block is cut, the next matrix of a stack begins a new one.
  const cut = outer > 1 && length % block !== 0;
  return { columns: inner, rows: block, run: 1, width: inner, ...(cut ? { restart: length } : {}) };
}

/**
 * B is [N, blocks, bytes], lowest bits first; W[n, k] = (code - zero) * scale, the transpose of MatMul's weight. The group
 * of a column is its block, or what `g_idx` says. Codes beyond K fill up the last block.
 */
function matMulNBits(node: OnnxNode, find: Find): VirtualTensor | undefined {
  const [, codesName = '', scaleName = '', zeroName = '', orderName = ''] = node.inputs;
  const codes = find(codesName);
  const scale = find(scaleName);
  const zero = zeroName === '' ? undefined : find(zeroName);
  const order = orderName === '' ? undefined : find(orderName);
  const [k = 0, n = 0, size = 0] = [attribute(node, 'K'), attribute(node, 'N'), attribute(node, 'block_size')];
  const bits = attribute(node, 'bits') ?? 4;
  if (codes === undefined || scale === undefined) return;
  if ((zeroName !== '' && zero === undefined) || (orderName !== '' && order === undefined)) return;
  // Weights that were laid out for one kind of processor.
  if ((attribute(node, 'weight_prepacked') ?? 0) !== 0) return;
  if (codes.dtype !== 'U8' || !SCALES.has(scale.dtype) || ![2, 4, 8].includes(bits)) return;
  if (!(k > 0 && n > 0 && size > 0) || (size * bits) % 8 !== 0) return;
  const width = Math.ceil(k / size);
  const columns = width * size;
  if (codes.byteLength !== (n * columns * bits) / 8 || elementCount(scale.shape) !== n * width) return;
  const packed = zero?.dtype === 'U8';
  if (zero !== undefined) {
    const wanted = packed ? n * Math.ceil((width * bits) / 8) : n * width;
    if (elementCount(zero.shape) !== wanted || (!packed && !SCALES.has(zero.dtype))) return;
  }
  if (order !== undefined) {
    const indices = elementCount(order.shape);
    if (order.dtype !== 'I32' || (indices !== k && indices !== columns)) return;
  }
  return {
    name: transposedName(codes.name),
    scheme: 'onnx-matmulnbits',
    dtype: scale.dtype,
    shape: [n, k],
    bits,
    groupSize: size,
    parts: [codes, scale, zero, order].flatMap((entry) => (entry === undefined ? [] : [entry.name])),
    recipe: {
      kind: 'rows',
      codes: codes.name,
      coding: { kind: 'dtype', dtype: `U${bits}` },
      columns,
      scale: { part: scale.name, rows: 1, run: size, width },
      ...(zero === undefined ? { zero: 2 ** (bits - 1) } : {}),
      ...(zero === undefined ? {} : { zeros: { part: zero.name, ...(packed ? { inRows: { bits } } : {}) } }),
      ...(order === undefined ? {} : { groupIndex: order.name }),
      ...(k === columns ? {} : { kept: k }),
    },
  };
}

/** B is the flattened [N, K] weight, two codes to a byte, the first in the high half; blocks cross rows. */
function matMulBnb4(node: OnnxNode, find: Find): VirtualTensor | undefined {
  const [, codesName = '', scaleName = ''] = node.inputs;
  const codes = find(codesName);
  const scale = find(scaleName);
  const [k = 0, n = 0, size = 0] = [attribute(node, 'K'), attribute(node, 'N'), attribute(node, 'block_size')];
  const values = BNB4.get(attribute(node, 'quant_type') ?? -1);
  if (codes === undefined || scale === undefined || values === undefined) return;
  const count = n * k;
  // One code more than there are weights would stand in the last byte.
  if (!(k > 0 && n > 0 && size > 0) || count % 2 !== 0 || (attribute(node, 'transB') ?? 1) !== 1) return;
  if (codes.dtype !== 'U8' || codes.byteLength !== count / 2 || !SCALES.has(scale.dtype)) return;
  const width = Math.ceil(count / size);
  if (elementCount(scale.shape) !== width) return;
  return {
    name: transposedName(codes.name),
    scheme: 'onnx-matmulbnb4',
    dtype: scale.dtype,
    shape: [n, k],
    bits: 4,
    groupSize: size,
    parts: [codes.name, scale.name],
    recipe: {
      kind: 'rows',
      codes: codes.name,
      coding: { kind: 'codebook', values },
      columns: count,
      scale: { part: scale.name, rows: 1, run: size, width },
    },
  };
}

/** Exporters add the layout to the name of the weight; what is described here is the transpose of that. */
function transposedName(codes: string): string {
  return `${codes.replace(/_(?:Q\d+(?:G\d+)?|Bnb4)$/, '')}^T`;
}

/** An integer attribute, where it is one that fits. */
function attribute(node: OnnxNode, name: string): number | undefined {
  const value = node.attributes.find((one) => one.name === name)?.int;
  const number = value === null || value === undefined ? undefined : Number(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}
