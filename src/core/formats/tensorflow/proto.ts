/**
 * GraphDef, MetaGraphDef and SavedModel (tensorflow/core/framework/*.proto, tensorflow/core/protobuf/*.proto) as far as
 * they are read: operators, constants, and what Keras writes beside the objects of a model.
 */
import { riskyText } from '../../content/text.ts';
import { AppError } from '../../errors.ts';
import { GRAPH_PARTS_MAX, PROTO_NAME_MAX, SIDE_FILE_MAX } from '../../limits.ts';
import { int, message, MessageType, scalars, span, text, type Field, type ProtoText } from '../protobuf.ts';
import { DIMENSIONS_MAX } from '../shape.ts';
import { dangerousOperator } from './operators.ts';
import type { TfNode, TfNotes, TfScope, TfTensor } from './types.ts';

const KERAS_TEXTS_MAX = 10_000;
const NAMES_KEPT = 1000;

export const SAVED_MODEL = new MessageType<SavedModel>('SavedModel');
export const META_GRAPH = new MessageType<TfScope>('MetaGraphDef');
export const GRAPH = new MessageType<TfScope>('GraphDef');
const META_INFO = new MessageType<TfScope>('MetaInfoDef');
const NAMED = new MessageType<{ name: string }>('map entry');
const ASSET = new MessageType<TfScope>('AssetFileDef');
const OBJECT_GRAPH = new MessageType<TfScope>('SavedObjectGraph');
const OBJECT = new MessageType<TfScope>('SavedObject');
const USER_OBJECT = new MessageType<TfScope>('SavedUserObject');
const LIBRARY = new MessageType<TfScope>('FunctionDefLibrary');
const FUNCTION = new MessageType<TfScope>('FunctionDef');
const SIGNATURE = new MessageType<TfScope>('OpDef');
const NODE = new MessageType<TfNode>('NodeDef');
const ATTRIBUTE = new MessageType<TfNode>('AttrValue entry');
const VALUE = new MessageType<TfNode>('AttrValue');
const LIST = new MessageType<TfNode>('AttrValue.ListValue');
const TENSOR = new MessageType<TfTensor>('TensorProto');
export const SHAPE = new MessageType<{ readonly dims: (number | bigint)[]; unknownRank: boolean }>('TensorShapeProto');
const DIMENSION = new MessageType<{ readonly dims: (number | bigint)[] }>('TensorShapeProto.Dim');

export interface SavedModel {
  readonly notes: TfNotes;
  version: number | bigint;
  graphs: number;
}

SAVED_MODEL.define({
  1: int((t, v) => (t.version = v)),
  2: message(META_GRAPH, (t) => {
    t.graphs += 1;
    return newScope(t.notes, t.graphs === 1 ? '' : `meta_graph[${t.graphs - 1}]/`);
  }),
});

META_GRAPH.define({
  1: message(META_INFO, (t) => t),
  2: message(GRAPH, (t) => newScope(t.notes, t.prefix)),
  5: message(
    NAMED,
    () => ({ name: '' }),
    (t, entry) => keep(t.notes.signatures, entry.name),
  ),
  6: message(ASSET, (t) => t),
  7: message(OBJECT_GRAPH, (t) => t),
});

META_INFO.define({
  4: shown('tag', (t, v) => keep(t.notes.tags, v)),
  5: shown('tensorflow version', (t, v) => keep(t.notes.versions, v)),
});
NAMED.define({ 1: text(PROTO_NAME_MAX, (t, v) => (t.name = v.text)) });
ASSET.define({ 2: shown('asset', (t, v) => keep(t.notes.assets, v)) });
OBJECT_GRAPH.define({ 1: message(OBJECT, (t) => t) });
OBJECT.define({ 4: message(USER_OBJECT, (t) => t) });
USER_OBJECT.define({ 3: text(SIDE_FILE_MAX, (t, v) => keepKeras(t.notes, v)) });

GRAPH.define({
  1: message(NODE, (t) => newNode(t.notes), finishNode),
  2: message(LIBRARY, (t) => t),
});
LIBRARY.define({
  1: message(
    FUNCTION,
    (t) => newScope(t.notes, ''),
    (t, fn) => {
      t.notes.functions += 1;
      for (const { node, tensor } of fn.waiting)
        addConstant(t.notes, `${t.prefix}function:${fn.prefix}/${node}`, tensor);
    },
  ),
});
FUNCTION.define({
  1: message(SIGNATURE, (t) => t),
  3: message(
    NODE,
    (t) => newNode(t.notes),
    (t, node) => {
      for (const { name, tensor } of finishedConstants(t, node)) t.waiting.push({ node: name, tensor });
    },
  ),
});
SIGNATURE.define({ 1: shown('function', (t, v) => (t.prefix = v)) });

NODE.define({
  1: shown('node name', (t, v) => (t.name = v)),
  2: shown('operator', (t, v) => (t.op = v)),
  5: message(ATTRIBUTE, (t) => t),
});
ATTRIBUTE.define({ 2: message(VALUE, (t) => t) });
VALUE.define({ 1: message(LIST, (t) => t), 8: message(TENSOR, newTensor) });
LIST.define({ 8: message(TENSOR, newTensor) });

TENSOR.define({
  1: int((t, v) => (t.dtype = v)),
  2: message(SHAPE, (t) => t),
  4: span(0, (t, where) => (t.content = where)),
  5: typed(5, 5),
  6: typed(6, 1),
  7: typed(7, 0),
  9: typed(9, 5),
  10: typed(10, 0),
  11: typed(11, 0),
  12: typed(12, 1),
  13: typed(13, 0),
  16: typed(16, 0),
  17: typed(17, 0),
});
SHAPE.define({
  2: message(DIMENSION, (t) => {
    if (t.dims.length >= DIMENSIONS_MAX) throw new AppError('FORMAT_SHAPE', { max: DIMENSIONS_MAX });
    // A size of zero is not written out.
    t.dims.push(0);
    return t;
  }),
  3: int((t, v) => (t.unknownRank = v !== 0)),
});
DIMENSION.define({ 1: int((t, v) => (t.dims[t.dims.length - 1] = v)) });

function typed(field: number, wire: 0 | 1 | 5): Field<TfTensor> {
  return scalars(wire, (t, run) => {
    const runs = t.typed.get(field) ?? [];
    if (runs.length === 0) t.typed.set(field, runs);
    runs.push(run);
  });
}

/** A name, whole, and looked at for what it may do to those who print it. */
function shown<T extends { readonly notes: TfNotes }>(what: string, set: (target: T, value: string) => void): Field<T> {
  return text(PROTO_NAME_MAX, (target, { text: value, valid, span: where }) => {
    if (where.end - where.start > PROTO_NAME_MAX) {
      throw new AppError('FORMAT_STRING_TOO_LONG', { what, offset: where.start, max: PROTO_NAME_MAX });
    }
    const place = { offset: where.start, length: where.end - where.start };
    if (!valid) target.notes.findings.add('bad-utf8', 'caution', { key: what, text: value.slice(0, 200) }, place);
    if (/[^\w .,/()'[\]+>^-]|\.\./.test(value)) {
      const kinds = riskyText(value).join(', ');
      if (kinds !== '')
        target.notes.findings.add('injection-text', 'caution', { key: what, kinds, text: value.slice(0, 200) }, place);
    }
    set(target, value);
  });
}

function finishNode(scope: TfScope, node: TfNode): void {
  for (const { name, tensor } of finishedConstants(scope, node)) addConstant(scope.notes, scope.prefix + name, tensor);
}

/** Counts the operator of a node and gives its constants under the name of the node. */
function finishedConstants({ notes }: TfScope, node: TfNode): { readonly name: string; readonly tensor: TfTensor }[] {
  notes.nodes += 1;
  const before = notes.operators.get(node.op) ?? 0;
  if (before > 0 || notes.operators.size < GRAPH_PARTS_MAX) notes.operators.set(node.op, before + 1);
  const effect = dangerousOperator(node.op);
  if (effect !== null && before === 0) {
    notes.findings.add('tensorflow-dangerous-op', 'danger', {
      operator: node.op,
      effect,
      node: node.name.slice(0, 200),
    });
  }
  const alone = node.tensors.length === 1 && node.op === 'Const';
  return node.tensors.map((tensor, k) => ({ name: alone ? node.name : `${node.name}@${k}`, tensor }));
}

function addConstant(notes: TfNotes, name: string, tensor: TfTensor): void {
  notes.constants.push({ name, tensor });
}

function newScope(notes: TfNotes, prefix: string): TfScope {
  return { notes, prefix, waiting: [] };
}

function newNode(notes: TfNotes): TfNode {
  return { notes, name: '', op: '', tensors: [] };
}

function newTensor(node: TfNode): TfTensor {
  node.notes.parts += 1;
  if (node.notes.parts > GRAPH_PARTS_MAX)
    throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'constants', max: GRAPH_PARTS_MAX });
  const tensor: TfTensor = { dtype: 0, dims: [], unknownRank: false, content: null, typed: new Map() };
  node.tensors.push(tensor);
  return tensor;
}

function keep(names: Set<string>, name: string): void {
  if (names.size < NAMES_KEPT) names.add(name.slice(0, 4096));
}

function keepKeras(notes: TfNotes, value: ProtoText): void {
  if (value.text.startsWith('{') && notes.kerasTexts.length < KERAS_TEXTS_MAX) notes.kerasTexts.push(value.text);
}
