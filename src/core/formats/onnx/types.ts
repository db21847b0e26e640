/**
 * What is kept of an ONNX file (onnx.proto3, IR version 14): names, edges, tensors by place, nothing of their bytes.
 */
import type { FindingCollector } from '../../content/collector.ts';
import type { ProtoInt, ScalarRun, Span } from '../protobuf.ts';

/** What is noticed while reading. */
export interface OnnxNotes {
  readonly findings: FindingCollector;
  unknownFields: number;
  unknownBytes: number;
  unknownAt: number;
  /** Nodes, tensors and values made so far. */
  parts: number;
}

export interface Noted {
  readonly notes: OnnxNotes;
}

export interface OnnxEntry extends Noted {
  key: string;
  value: string;
}

export interface OnnxTensor extends Noted {
  name: string;
  dataType: ProtoInt;
  readonly dims: ProtoInt[];
  segment: boolean;
  raw: Span | null;
  /** First bytes of raw_data, for the small integer tensors that state shapes. */
  rawHead: Uint8Array;
  /** Field number of the typed field → its elements. */
  readonly typed: Map<number, ScalarRun[]>;
  strings: number;
  readonly external: OnnxEntry[];
  isExternal: boolean;
}

export interface OnnxSparse extends Noted {
  values: OnnxTensor | null;
  indices: OnnxTensor | null;
}

export interface OnnxAttribute extends Noted {
  name: string;
  int: ProtoInt | null;
  readonly ints: ProtoInt[];
  tensor: OnnxTensor | null;
  graph: OnnxGraph | null;
  sparse: OnnxSparse | null;
  readonly tensors: OnnxTensor[];
  readonly graphs: OnnxGraph[];
  readonly sparses: OnnxSparse[];
}

export interface OnnxNode extends Noted {
  name: string;
  opType: string;
  domain: string;
  readonly inputs: string[];
  readonly outputs: string[];
  /** Only those that hold integers, tensors or graphs. */
  readonly attributes: OnnxAttribute[];
}

export interface OnnxValue extends Noted {
  name: string;
  elemType: ProtoInt;
  /** Sizes as numbers, symbolic ones as text, unknown ones as `?`; null: no shape stated. */
  shape: (string | number)[] | null;
}

export interface OnnxGraph extends Noted {
  name: string;
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxTensor[];
  readonly sparse: OnnxSparse[];
  readonly inputs: OnnxValue[];
  readonly outputs: OnnxValue[];
}

export interface OnnxFunction extends Noted {
  name: string;
  domain: string;
  readonly nodes: OnnxNode[];
}

export interface OnnxOpset extends Noted {
  domain: string;
  version: ProtoInt;
}

export interface OnnxTraining extends Noted {
  initialization: OnnxGraph | null;
  algorithm: OnnxGraph | null;
}

export interface OnnxModel extends Noted {
  irVersion: ProtoInt | null;
  producerName: string;
  producerVersion: string;
  domain: string;
  modelVersion: ProtoInt;
  docString: string;
  graph: OnnxGraph | null;
  readonly opsets: OnnxOpset[];
  readonly metadata: OnnxEntry[];
  readonly functions: OnnxFunction[];
  readonly training: OnnxTraining[];
}
