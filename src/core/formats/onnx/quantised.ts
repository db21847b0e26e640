/**
 * Weights that the graph itself makes of stored integers: DequantizeLinear (onnx.ai, operators), ONNX Runtime's
 * MatMulNBits, MatMulBnb4 and GatherBlockQuantized (com.microsoft, ContribOperators.md). Only where all inputs are constants of the file.
 */
import { PROTO_DEPTH_MAX, TENSORS_MAX } from '../../limits.ts';
import { elementCount } from '../../tensors/dtypes.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { RowsRecipe, VirtualTensor } from '../../tensors/schemes/scheme.ts';
import { attribute, SCALES, type Find } from './constants.ts';
import { gatherBlocks, matMulBnb4, matMulNBits } from './contrib.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './types.ts';
import { nodeLabel, walkModel } from './walk.ts';

const CODES: ReadonlySet<string> = new Set(['I8', 'U8', 'I16', 'U16', 'I32', 'I4', 'U4', 'I2', 'U2', 'F4']);
/** Types whose zero point can only be zero. */
const FLOAT_CODES = /^(?:F8_E[45]|F4$)/;

/** `output_dtype`: numbers of onnx.TensorProto.DataType. */
const OUTPUTS: ReadonlyMap<number, string> = new Map([
  [1, 'F32'],
  [10, 'F16'],
  [16, 'BF16'],
]);

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
  'com.microsoft.GatherBlockQuantized': gatherBlocks,
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
