/** What is kept of a TensorFlow graph: constants by place, operators by count. */
import type { FindingCollector } from '../../content/collector.ts';
import type { ProtoInt, ScalarRun, Span } from '../protobuf.ts';

export interface TfTensor {
  dtype: ProtoInt;
  readonly dims: ProtoInt[];
  unknownRank: boolean;
  content: Span | null;
  /** Field number of a typed field → its elements. */
  readonly typed: Map<number, ScalarRun[]>;
}

export interface TfConstant {
  /** With the function it stands in. */
  readonly name: string;
  readonly tensor: TfTensor;
}

/** What is gathered while a graph is read. */
export interface TfNotes {
  readonly findings: FindingCollector;
  /** Operator → how often. */
  readonly operators: Map<string, number>;
  readonly constants: TfConstant[];
  nodes: number;
  functions: number;
  readonly versions: Set<string>;
  readonly tags: Set<string>;
  readonly signatures: Set<string>;
  readonly assets: Set<string>;
  /** JSON that Keras keeps beside the objects of a model. */
  readonly kerasTexts: string[];
  /** Nodes and constants made so far. */
  parts: number;
}

/** A scope in which node names are unique. */
export interface TfScope {
  readonly notes: TfNotes;
  prefix: string;
  /** Constants of a function wait for its name, which may come later. */
  readonly waiting: { readonly node: string; readonly tensor: TfTensor }[];
}

export interface TfNode {
  readonly notes: TfNotes;
  name: string;
  op: string;
  readonly tensors: TfTensor[];
}
