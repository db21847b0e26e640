import type { TensorEntry } from '../../tensors/entry.ts';
import type { MetaEntry } from '../format.ts';
import { ONNX_DTYPES } from './dtypes.ts';
import type { OnnxModel, OnnxValue } from './types.ts';

/** Lists that are shown as one line of text are cut here. */
const LIST_MAX = 4096;

/** Facts named as in the specification. Lists are joined, because a fact is one value. */
export function onnxFacts(
  model: OnnxModel,
  tensors: readonly TensorEntry[],
): Readonly<Record<string, string | number>> {
  const graph = model.graph;
  const operators = new Set<string>();
  for (const { domain, opType } of graph?.nodes ?? []) operators.add(domain === '' ? opType : `${domain}::${opType}`);
  const external = new Set<string>();
  for (const { storage } of tensors) if (storage.kind === 'external') external.add(storage.path);
  return {
    ir_version: model.irVersion === null ? '' : Number(model.irVersion),
    opset_import: joined(model.opsets.map(({ domain, version }) => `${domain === '' ? 'ai.onnx' : domain} ${version}`)),
    producer_name: model.producerName,
    producer_version: model.producerVersion,
    domain: model.domain,
    model_version: Number(model.modelVersion),
    graph_name: graph?.name ?? '',
    node_count: graph?.nodes.length ?? 0,
    op_types: joined([...operators].sort()),
    inputs: joined((graph?.inputs ?? []).map(describe)),
    outputs: joined((graph?.outputs ?? []).map(describe)),
    functions: joined(model.functions.map(({ domain, name }) => `${domain}::${name}`)),
    external_files: joined([...external].sort()),
  };
}

export function onnxMetadata(model: OnnxModel): MetaEntry[] {
  const entries: MetaEntry[] = model.metadata.map(({ key, value }) => ({ key, type: 'STRING', value }));
  if (model.docString !== '') entries.push({ key: 'doc_string', type: 'STRING', value: model.docString });
  return entries;
}

function describe({ name, elemType, shape }: OnnxValue): string {
  const type = ONNX_DTYPES.get(Number(elemType))?.dtype ?? `type ${elemType}`;
  return `${name}: ${type}${shape === null ? '' : `[${shape.join(', ')}]`}`;
}

function joined(parts: readonly string[]): string {
  const text = parts.join(', ');
  return text.length > LIST_MAX ? `${text.slice(0, LIST_MAX)}…` : text;
}
