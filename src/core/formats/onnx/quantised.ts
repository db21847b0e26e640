/**
 * Weights that the graph itself makes of stored integers: DequantizeLinear (onnx.ai, operators) and ONNX Runtime's
 * MatMulNBits (com.microsoft, ContribOperators.md). Only where all inputs are constants of the file.
 */
import { TENSORS_MAX } from '../../limits.ts';
import { elementCount } from '../../tensors/dtypes.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { RowsRecipe, VirtualTensor } from '../../tensors/schemes/scheme.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './types.ts';
import { nodeLabel, walkModel } from './walk.ts';

const INTEGERS: ReadonlySet<string> = new Set(['I8', 'U8', 'I16', 'U16', 'I32', 'I4', 'U4', 'I2', 'U2']);
const FLOAT8 = /^F8_E[45]/;
const SCALES: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);

type Find = (name: string) => TensorEntry | undefined;

/** @param entries of the same file, by name */
export function quantisedTensors(model: OnnxModel, entries: ReadonlyMap<string, TensorEntry>): VirtualTensor[] {
  const made = new Map<string, VirtualTensor>();
  walkModel(model, {
    nodes(nodes, prefix, graph) {
      const find = finder(nodes, prefix, graph, entries);
      for (const node of nodes) {
        const tensor =
          node.opType === 'DequantizeLinear' && node.domain === ''
            ? dequantizeLinear(node, prefix, find)
            : node.opType === 'MatMulNBits' && node.domain === 'com.microsoft'
              ? matMulNBits(node, find)
              : undefined;
        if (tensor !== undefined && !entries.has(tensor.name) && made.size < TENSORS_MAX) made.set(tensor.name, tensor);
      }
    },
  });
  return [...made.values()];
}

/** A constant by the name that edges of this graph use: an initialiser here or further out, or a Constant node here. */
function finder(
  nodes: readonly OnnxNode[],
  prefix: string,
  graph: OnnxGraph | null,
  entries: ReadonlyMap<string, TensorEntry>,
): Find {
  const constants = new Map<string, string>();
  for (const [index, node] of nodes.entries()) {
    const [output] = node.outputs;
    if (node.opType === 'Constant' && output !== undefined && output !== '') {
      constants.set(output, `${prefix}${nodeLabel(node, index)}@value`);
    }
  }
  const own = new Set(graph?.initializers.map(({ name }) => name));
  return (name) => {
    if (name === '') return undefined;
    const constant = constants.get(name);
    if (constant !== undefined) return entries.get(constant);
    return own.has(name) ? entries.get(prefix + name) : entries.get(name);
  };
}

/** `y = fround((x - zero) * scale)`, with one pair for all, one per index of `axis`, or one per block along it. */
function dequantizeLinear(node: OnnxNode, prefix: string, find: Find): VirtualTensor | undefined {
  const [codesName = '', scaleName = '', zeroName = ''] = node.inputs;
  const [output = ''] = node.outputs;
  const codes = find(codesName);
  const scale = find(scaleName);
  const zero = zeroName === '' ? undefined : find(zeroName);
  if (codes === undefined || scale === undefined || output === '' || (zeroName !== '' && zero === undefined)) return;
  if (!(INTEGERS.has(codes.dtype) || FLOAT8.test(codes.dtype)) || !SCALES.has(scale.dtype)) return;
  if (zero !== undefined && zero.shape.join() !== scale.shape.join()) return;
  const spread = spreadOf(codes.shape, scale.shape, attribute(node, 'axis') ?? 1, attribute(node, 'block_size') ?? 0);
  if (spread === undefined) return;
  const { columns, ...place } = spread;
  const recipe: RowsRecipe = {
    kind: 'rows',
    codes: codes.name,
    coding: { kind: 'dtype', dtype: codes.dtype },
    columns,
    scale: { part: scale.name, ...place },
    // A float8 has no zero point but zero.
    ...(zero === undefined || FLOAT8.test(codes.dtype) ? {} : { zeros: { part: zero.name } }),
  };
  const parts = [codes, scale, zero].flatMap((entry) => (entry === undefined ? [] : [entry.name]));
  const bits = (codes.byteLength * 8) / Math.max(1, elementCount(codes.shape));
  return {
    name: prefix + output,
    scheme: 'onnx-qdq',
    dtype: scale.dtype,
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
  if (block === 0) {
    if (scale.length !== 1 || count !== length) return undefined;
    return { columns: length * inner, rows: outer, run: inner, width: length };
  }
  const blocks = Math.ceil(length / block);
  const wanted = shape.map((n, d) => (d === axis ? blocks : n));
  if (scale.join() !== wanted.join()) return undefined;
  if (inner === 1) return { columns: length, rows: 1, run: block, width: blocks };
  // Where the last block is cut, the next matrix of a stack begins a new one.
  if (outer > 1 && length % block !== 0) return undefined;
  return { columns: inner, rows: block, run: 1, width: inner };
}

/** B is [N, blocks, bytes], lowest bits first; W[n, k] = fround((code - zero) * scale), the transpose of MatMul's weight. */
function matMulNBits(node: OnnxNode, find: Find): VirtualTensor | undefined {
  const [, codesName = '', scaleName = '', zeroName = '', order = ''] = node.inputs;
  const codes = find(codesName);
  const scale = find(scaleName);
  const zero = zeroName === '' ? undefined : find(zeroName);
  const [k = 0, n = 0, size = 0] = [attribute(node, 'K'), attribute(node, 'N'), attribute(node, 'block_size')];
  const bits = attribute(node, 'bits') ?? 4;
  if (codes === undefined || scale === undefined || order !== '' || (zeroName !== '' && zero === undefined)) return;
  if (codes.dtype !== 'U8' || !SCALES.has(scale.dtype) || ![2, 4, 8].includes(bits)) return;
  // Rows that end inside a block would leave codes between them.
  if (!(k > 0 && n > 0 && size > 0) || k % size !== 0) return;
  const width = k / size;
  if (codes.byteLength !== (n * k * bits) / 8 || elementCount(scale.shape) !== n * width) return;
  const stored = zero === undefined ? 0 : elementCount(zero.shape);
  const packed = zero?.dtype === 'U8';
  if (zero !== undefined && stored !== (packed ? n * Math.ceil((width * bits) / 8) : n * width)) return;
  if (zero !== undefined && !packed && !SCALES.has(zero.dtype)) return;
  return {
    name: `${codes.name.replace(/_Q\d+(?:G\d+)?$/, '')}^T`,
    scheme: 'onnx-matmulnbits',
    dtype: scale.dtype,
    shape: [n, k],
    bits,
    groupSize: size,
    parts: [codes, scale, zero].flatMap((entry) => (entry === undefined ? [] : [entry.name])),
    recipe: {
      kind: 'rows',
      codes: codes.name,
      coding: { kind: 'dtype', dtype: `U${bits}` },
      columns: k,
      scale: { part: scale.name, rows: 1, run: size, width },
      ...(zero === undefined ? { zero: 2 ** (bits - 1) } : {}),
      ...(zero === undefined ? {} : { zeros: { part: zero.name, ...(packed ? { inRows: { bits } } : {}) } }),
    },
  };
}

/** An integer attribute, where it is one that fits. */
function attribute(node: OnnxNode, name: string): number | undefined {
  const value = node.attributes.find((one) => one.name === name)?.int;
  const number = value === null || value === undefined ? undefined : Number(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}
