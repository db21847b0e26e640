/** TensorProto and SparseTensorProto of onnx.proto3. */
import { AppError } from '../../errors.ts';
import { int, message, scalars, span, type Field } from '../protobuf.ts';
import { DIMENSIONS_MAX } from '../shape.ts';
import { nameOf, noted, part, prose } from './texts.ts';
import type { Noted, OnnxEntry, OnnxNotes, OnnxSparse, OnnxTensor } from './types.ts';

/** Shapes that are given as data are short; longer integer tensors are weights or tables. */
const RAW_HEAD = 128;

export const ENTRY = noted<OnnxEntry>('StringStringEntryProto');
export const TENSOR = noted<OnnxTensor>('TensorProto');
export const SPARSE = noted<OnnxSparse>('SparseTensorProto');
const SEGMENT = noted<Noted>('TensorProto.Segment');

ENTRY.define({ 1: nameOf('key', (t, v) => (t.key = v)), 2: prose('value', (t, v) => (t.value = v)) });

TENSOR.define(
  {
    1: int((t, v) => {
      if (t.dims.length >= DIMENSIONS_MAX) throw new AppError('FORMAT_SHAPE', { tensor: t.name, max: DIMENSIONS_MAX });
      t.dims.push(v);
    }),
    2: int((t, v) => (t.dataType = v)),
    3: message(SEGMENT, (t) => {
      t.segment = true;
      return t;
    }),
    4: typed(4, 5),
    5: typed(5, 0),
    6: span(0, (t) => (t.strings += 1)),
    7: typed(7, 0),
    8: nameOf('tensor name', (t, v) => (t.name = v)),
    9: span(RAW_HEAD, (t, where, head) => {
      t.raw = where;
      t.rawHead = head;
    }),
    10: typed(10, 1),
    11: typed(11, 0),
    12: prose('doc string'),
    13: message(ENTRY, (t) => {
      const entry = { notes: part(t.notes), key: '', value: '' };
      t.external.push(entry);
      return entry;
    }),
    14: int((t, v) => (t.isExternal = v === 1)),
  },
  [16],
);

SEGMENT.define({}, [1, 2]);

SPARSE.define(
  {
    1: message(TENSOR, (t) => (t.values ??= newTensor(t.notes))),
    2: message(TENSOR, (t) => (t.indices ??= newTensor(t.notes))),
  },
  [3],
);

function typed(field: number, wire: 0 | 1 | 5): Field<OnnxTensor> {
  return scalars(wire, (t, run) => {
    const runs = t.typed.get(field) ?? [];
    if (runs.length === 0) t.typed.set(field, runs);
    runs.push(run);
  });
}

export function newTensor(notes: OnnxNotes): OnnxTensor {
  return {
    notes: part(notes),
    name: '',
    dataType: 0,
    dims: [],
    segment: false,
    raw: null,
    rawHead: new Uint8Array(0),
    typed: new Map(),
    strings: 0,
    external: [],
    isExternal: false,
  };
}

export function newSparse(notes: OnnxNotes): OnnxSparse {
  return { notes: part(notes), values: null, indices: null };
}
