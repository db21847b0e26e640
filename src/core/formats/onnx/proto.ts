/** Models, graphs and nodes of onnx.proto3 as far as they are read; field numbers from the specification (IR 14). */
import { FindingCollector } from '../../content/collector.ts';
import { AppError } from '../../errors.ts';
import { int, message } from '../protobuf.ts';
import { DIMENSIONS_MAX } from '../shape.ts';
import { ENTRY, newSparse, newTensor, SPARSE, TENSOR } from './proto-tensor.ts';
import { nameOf, noted, part, prose } from './texts.ts';
import type {
  Noted,
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxNotes,
  OnnxOpset,
  OnnxTraining,
  OnnxValue,
} from './types.ts';

const INTS_KEPT = 16;

export const MODEL = noted<OnnxModel>('ModelProto');
const GRAPH = noted<OnnxGraph>('GraphProto');
const NODE = noted<OnnxNode>('NodeProto');
const ATTRIBUTE = noted<OnnxAttribute>('AttributeProto');
const FUNCTION = noted<OnnxFunction>('FunctionProto');
const OPSET = noted<OnnxOpset>('OperatorSetIdProto');
const TRAINING = noted<OnnxTraining>('TrainingInfoProto');
const VALUE = noted<OnnxValue>('ValueInfoProto');
const VALUE_TYPE = noted<OnnxValue>('TypeProto');
const TENSOR_TYPE = noted<OnnxValue>('TypeProto.Tensor');
const SHAPE = noted<OnnxValue>('TensorShapeProto');
const DIMENSION = noted<OnnxValue>('TensorShapeProto.Dimension');
const INNER_TYPE = noted<Noted>('TypeProto');
const ELEMENT_TYPE = noted<Noted>('TypeProto.Sequence');
const MAP_TYPE = noted<Noted>('TypeProto.Map');

MODEL.define(
  {
    1: int((t, v) => (t.irVersion = v)),
    2: nameOf('producer name', (t, v) => (t.producerName = v)),
    3: nameOf('producer version', (t, v) => (t.producerVersion = v)),
    4: nameOf('domain', (t, v) => (t.domain = v)),
    5: int((t, v) => (t.modelVersion = v)),
    6: prose('doc string', (t, v) => (t.docString = v)),
    7: message(GRAPH, (t) => (t.graph ??= newGraph(t.notes))),
    8: message(OPSET, (t) => added(t.opsets, { notes: part(t.notes), domain: '', version: 0 })),
    14: message(ENTRY, (t) => added(t.metadata, { notes: part(t.notes), key: '', value: '' })),
    20: message(TRAINING, (t) => added(t.training, { notes: part(t.notes), initialization: null, algorithm: null })),
    25: message(FUNCTION, (t) => added(t.functions, { notes: part(t.notes), name: '', domain: '', nodes: [] })),
  },
  [26],
);

OPSET.define({ 1: nameOf('operator domain', (t, v) => (t.domain = v)), 2: int((t, v) => (t.version = v)) });

TRAINING.define(
  {
    1: message(GRAPH, (t) => (t.initialization ??= newGraph(t.notes))),
    2: message(GRAPH, (t) => (t.algorithm ??= newGraph(t.notes))),
  },
  [3, 4],
);

FUNCTION.define(
  {
    1: nameOf('function name', (t, v) => (t.name = v)),
    7: message(NODE, (t) => added(t.nodes, newNode(t.notes))),
    8: prose('doc string'),
    10: nameOf('function domain', (t, v) => (t.domain = v)),
  },
  [2, 4, 5, 6, 9, 11, 12, 13, 14],
);

GRAPH.define(
  {
    1: message(NODE, (t) => added(t.nodes, newNode(t.notes))),
    2: nameOf('graph name', (t, v) => (t.name = v)),
    5: message(TENSOR, (t) => added(t.initializers, newTensor(t.notes))),
    10: prose('doc string'),
    11: message(VALUE, (t) => added(t.inputs, newValue(t.notes))),
    12: message(VALUE, (t) => added(t.outputs, newValue(t.notes))),
    15: message(SPARSE, (t) => added(t.sparse, newSparse(t.notes))),
  },
  [13, 14, 16],
);

NODE.define(
  {
    1: nameOf('input', (t, v) => t.inputs.push(v), true),
    2: nameOf('output', (t, v) => t.outputs.push(v), true),
    3: nameOf('node name', (t, v) => (t.name = v)),
    4: nameOf('operator', (t, v) => (t.opType = v)),
    5: message(
      ATTRIBUTE,
      (t) => newAttribute(t.notes),
      (t, attribute) => holdsSomething(attribute) && t.attributes.push(attribute),
    ),
    6: prose('doc string'),
    7: nameOf('operator domain', (t, v) => (t.domain = v)),
  },
  [8, 9, 10],
);

ATTRIBUTE.define(
  {
    1: nameOf('attribute name', (t, v) => (t.name = v), true),
    3: int((t, v) => (t.int = v)),
    5: message(TENSOR, (t) => (t.tensor ??= newTensor(t.notes))),
    6: message(GRAPH, (t) => (t.graph ??= newGraph(t.notes))),
    8: int((t, v) => t.ints.length < INTS_KEPT && t.ints.push(v)),
    10: message(TENSOR, (t) => added(t.tensors, newTensor(t.notes))),
    11: message(GRAPH, (t) => added(t.graphs, newGraph(t.notes))),
    22: message(SPARSE, (t) => (t.sparse ??= newSparse(t.notes))),
    23: message(SPARSE, (t) => added(t.sparses, newSparse(t.notes))),
  },
  [2, 4, 7, 9, 13, 14, 15, 20, 21],
);

VALUE.define({ 1: nameOf('value name', (t, v) => (t.name = v)), 2: message(VALUE_TYPE, (t) => t) }, [3, 4]);

TENSOR_TYPE.define({
  1: int((t, v) => (t.elemType = v)),
  2: message(SHAPE, (t) => {
    t.shape ??= [];
    return t;
  }),
});

SHAPE.define({
  1: message(DIMENSION, (t) => {
    t.shape ??= [];
    if (t.shape.length >= DIMENSIONS_MAX) throw new AppError('FORMAT_SHAPE', { tensor: t.name, max: DIMENSIONS_MAX });
    t.shape.push('?');
    return t;
  }),
});

DIMENSION.define(
  {
    1: int((t, v) => setDimension(t, typeof v === 'number' ? v : v.toString())),
    2: nameOf('dimension', (t, v) => setDimension(t, v)),
  },
  [3],
);

// Sequence, map and optional types nest without end; only their depth is of interest, and the reader watches that.
for (const type of [VALUE_TYPE, INNER_TYPE]) {
  type.define(
    {
      4: message(ELEMENT_TYPE, (t: Noted) => t),
      5: message(MAP_TYPE, (t: Noted) => t),
      9: message(ELEMENT_TYPE, (t: Noted) => t),
    },
    [1, 6, 7, 8],
  );
}
VALUE_TYPE.define({ 1: message(TENSOR_TYPE, (t) => t) });
ELEMENT_TYPE.define({ 1: message(INNER_TYPE, (t) => t) });
MAP_TYPE.define({ 2: message(INNER_TYPE, (t) => t) }, [1]);

export function newModel(): OnnxModel {
  return {
    notes: { findings: new FindingCollector(), unknownFields: 0, unknownBytes: 0, unknownAt: 0, parts: 0 },
    irVersion: null,
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0,
    docString: '',
    graph: null,
    opsets: [],
    metadata: [],
    functions: [],
    training: [],
  };
}

function newGraph(notes: OnnxNotes): OnnxGraph {
  return { notes: part(notes), name: '', nodes: [], initializers: [], sparse: [], inputs: [], outputs: [] };
}

function newNode(notes: OnnxNotes): OnnxNode {
  return { notes: part(notes), name: '', opType: '', domain: '', inputs: [], outputs: [], attributes: [] };
}

function newValue(notes: OnnxNotes): OnnxValue {
  return { notes: part(notes), name: '', elemType: 0, shape: null };
}

function newAttribute(notes: OnnxNotes): OnnxAttribute {
  return {
    notes,
    name: '',
    int: null,
    ints: [],
    tensor: null,
    graph: null,
    sparse: null,
    tensors: [],
    graphs: [],
    sparses: [],
  };
}

function holdsSomething(a: OnnxAttribute): boolean {
  if (a.int !== null || a.tensor !== null || a.graph !== null || a.sparse !== null) return true;
  return a.ints.length + a.tensors.length + a.graphs.length + a.sparses.length > 0;
}

function setDimension(value: OnnxValue, size: string | number): void {
  if (value.shape !== null && value.shape.length > 0) value.shape[value.shape.length - 1] = size;
}

function added<T>(list: T[], value: T): T {
  list.push(value);
  return value;
}
