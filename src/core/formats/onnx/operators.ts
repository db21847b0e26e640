/** What is known about operators that do more than arithmetic. */
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from './types.ts';
import { walkModel } from './walk.ts';

/**
 * Domains whose operators come with the runtimes themselves: the standard (onnx/defs), and ONNX Runtime's own
 * (onnxruntime/core/graph/constants.h). Everything else needs a library of somebody.
 */
export const KNOWN_DOMAINS: ReadonlySet<string> = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview',
  'ai.onnx.preview.training',
  'com.microsoft',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
]);

/** Operators that run code of another language or a compiled blob, by name in any domain. */
export const DANGEROUS_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['PyOp', 'runs Python'],
  ['PyCustomOp', 'runs Python'],
  ['PythonOp', 'runs Python'],
  ['PythonOpGrad', 'runs Python'],
  ['EPContext', 'loads a compiled program for an accelerator'],
]);

/** More elements than this in one made-up tensor: 16 GiB of float32. */
export const RESOURCE_ELEMENTS = 2 ** 32;

export interface ResourceUse {
  readonly node: OnnxNode;
  readonly elements: bigint;
}

/** Nodes that make a tensor out of a shape alone, where that shape is a constant and very large. */
export function resourceUses(model: OnnxModel): ResourceUse[] {
  const constants = new Map<string, OnnxTensor>();
  const uses: ResourceUse[] = [];
  walkModel(model, {
    nodes(nodes: readonly OnnxNode[], _prefix: string, graph: OnnxGraph | null) {
      for (const tensor of graph?.initializers ?? []) constants.set(tensor.name, tensor);
      for (const node of nodes) {
        const value = node.attributes.find((a) => a.name === 'value')?.tensor ?? null;
        const [output] = node.outputs;
        if (node.opType === 'Constant' && value !== null && output !== undefined) constants.set(output, value);
      }
      for (const node of nodes) {
        const elements = madeElements(node, constants);
        if (elements !== null && elements > BigInt(RESOURCE_ELEMENTS)) uses.push({ node, elements });
      }
    },
  });
  return uses;
}

function madeElements(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): bigint | null {
  switch (node.opType) {
    case 'ConstantOfShape':
      return product(integers(constants.get(node.inputs[0] ?? '')));
    case 'Expand':
    case 'Tile':
      return product(integers(constants.get(node.inputs[1] ?? '')));
    case 'RandomNormal':
    case 'RandomUniform':
      return product(node.attributes.find((a: OnnxAttribute) => a.name === 'shape')?.ints.map(BigInt) ?? null);
    default:
      return null;
  }
}

/** The values of a small int64 tensor in raw_data; null when it is none. */
function integers(tensor: OnnxTensor | undefined): bigint[] | null {
  if (tensor?.dataType !== 7 || tensor.raw === null) return null;
  const { rawHead } = tensor;
  if (rawHead.length !== tensor.raw.end - tensor.raw.start || rawHead.length % 8 !== 0) return null;
  const view = new DataView(rawHead.buffer, rawHead.byteOffset, rawHead.length);
  return Array.from({ length: rawHead.length / 8 }, (_, i) => view.getBigInt64(8 * i, true));
}

/** Zero and minus one mean "as the input" in some operators: they count as one. */
function product(sizes: readonly bigint[] | null): bigint | null {
  return sizes === null ? null : sizes.reduce((made, size) => (size > 0n ? made * size : made), 1n);
}
