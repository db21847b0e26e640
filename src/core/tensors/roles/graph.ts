/** Tensors of graphs whose own names are lost: the node that takes them may say more. */
import type { TensorUse } from '../entry.ts';
import { isKnown, parseName, type KeyCache, type ParsedName } from './name.ts';
import type { NamedTensor } from './role.ts';

/** What a constant is to the operator that takes it, by operator and place among its inputs. */
const INPUTS: Readonly<Record<string, Readonly<Record<number, 'weight' | 'bias'>> | undefined>> = {
  MatMul: { 0: 'weight', 1: 'weight' },
  MatMulInteger: { 1: 'weight' },
  DynamicQuantizeMatMul: { 1: 'weight' },
  Gemm: { 1: 'weight', 2: 'bias' },
  Conv: { 1: 'weight', 2: 'bias' },
  Gather: { 0: 'weight' },
  Add: { 0: 'bias', 1: 'bias' },
  Mul: { 0: 'weight', 1: 'weight' },
  LayerNormalization: { 1: 'weight', 2: 'bias' },
  SimplifiedLayerNormalization: { 1: 'weight' },
  RMSNormalization: { 1: 'weight' },
  SkipSimplifiedLayerNormalization: { 2: 'weight' },
  SkipLayerNormalization: { 2: 'weight', 3: 'bias' },
  BatchNormalization: { 1: 'weight', 2: 'bias' },
};

/**
 * The name of a tensor, or, where that says nothing, the path of the module that PyTorch's exporter gave its node
 * (`/model/layers.0/self_attn/q_proj/MatMul`).
 */
export function parseTensor(
  { name, origin }: NamedTensor,
  keys: KeyCache,
): { parsed: ParsedName | undefined; graph: boolean } {
  const parsed = parseName(name, keys);
  const use = origin?.use;
  if (use === undefined || (parsed !== undefined && isKnown(parsed))) return { parsed, graph: false };
  const parameter = INPUTS[use.operator]?.[use.input];
  const path = use.node.slice(0, Math.max(0, use.node.lastIndexOf('/')));
  if (parameter === undefined || path === '') return { parsed, graph: false };
  const alias = parseName(`${path}/${parameter}`, keys);
  if (alias === undefined || !isKnown(alias)) return { parsed, graph: false };
  return { parsed: { ...alias, inOut: isInOut(use) }, graph: true };
}

/** Whether a matrix lies as [in, out] for its operator. */
function isInOut({ operator, input, transB }: TensorUse): boolean {
  return (operator.startsWith('MatMul') && input === 1) || (operator === 'Gemm' && input === 1 && !transB);
}
