import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from './types.ts';

export interface PlacedTensor {
  /** Qualified: `node@attribute`, nested graphs and functions joined with `/`. */
  readonly name: string;
  readonly tensor: OnnxTensor;
  readonly where: 'initializer' | 'sparse_initializer' | 'attribute';
}

export interface GraphVisitor {
  /** Every list of nodes: the main graph, subgraphs of attributes, functions, training graphs. */
  nodes?(nodes: readonly OnnxNode[], prefix: string, graph: OnnxGraph | null): void;
  tensor?(placed: PlacedTensor): void;
}

/**
 * Visits all tensors and node lists in the order of the messages: initialisers of a graph first, then its nodes, each
 * with its attributes. Nesting is at most PROTO_DEPTH_MAX messages deep, so recursion here is bounded.
 */
export function walkModel(model: OnnxModel, visitor: GraphVisitor): void {
  if (model.graph !== null) walkGraph(model.graph, '', visitor);
  for (const fn of model.functions) {
    const prefix = `function:${fn.domain}.${fn.name}/`;
    visitor.nodes?.(fn.nodes, prefix, null);
    fn.nodes.forEach((node, index) => walkNode(node, index, prefix, visitor));
  }
  model.training.forEach(({ initialization, algorithm }, index) => {
    if (initialization !== null) walkGraph(initialization, `training[${index}].initialization/`, visitor);
    if (algorithm !== null) walkGraph(algorithm, `training[${index}].algorithm/`, visitor);
  });
}

function walkGraph(graph: OnnxGraph, prefix: string, visitor: GraphVisitor): void {
  visitor.nodes?.(graph.nodes, prefix, graph);
  for (const tensor of graph.initializers)
    visitor.tensor?.({ name: prefix + tensor.name, tensor, where: 'initializer' });
  for (const { values, indices } of graph.sparse) {
    // A sparse initialiser is named by its values.
    const name = prefix + (values?.name ?? '');
    if (values !== null) visitor.tensor?.({ name: `${name}#values`, tensor: values, where: 'sparse_initializer' });
    if (indices !== null) visitor.tensor?.({ name: `${name}#indices`, tensor: indices, where: 'sparse_initializer' });
  }
  graph.nodes.forEach((node, index) => walkNode(node, index, prefix, visitor));
}

function walkNode(node: OnnxNode, index: number, prefix: string, visitor: GraphVisitor): void {
  for (const attribute of node.attributes)
    walkAttribute(attribute, `${prefix}${nodeLabel(node, index)}@${attribute.name}`, visitor);
}

function walkAttribute(attribute: OnnxAttribute, name: string, visitor: GraphVisitor): void {
  if (attribute.tensor !== null) visitor.tensor?.({ name, tensor: attribute.tensor, where: 'attribute' });
  attribute.tensors.forEach((tensor, k) => visitor.tensor?.({ name: `${name}[${k}]`, tensor, where: 'attribute' }));
  const sparses = attribute.sparse === null ? attribute.sparses : [attribute.sparse, ...attribute.sparses];
  sparses.forEach(({ values, indices }, k) => {
    const label = k === 0 && attribute.sparse !== null ? name : `${name}[${k}]`;
    if (values !== null) visitor.tensor?.({ name: `${label}#values`, tensor: values, where: 'attribute' });
    if (indices !== null) visitor.tensor?.({ name: `${label}#indices`, tensor: indices, where: 'attribute' });
  });
  if (attribute.graph !== null) walkGraph(attribute.graph, `${name}/`, visitor);
  attribute.graphs.forEach((graph, k) => walkGraph(graph, `${name}[${k}]/`, visitor));
}

/** Nodes need no name: the operator and the position stand in. */
export function nodeLabel(node: OnnxNode, index: number): string {
  return node.name === '' ? `${node.opType}_${index}` : node.name;
}
