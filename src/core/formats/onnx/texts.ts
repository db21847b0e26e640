import { AppError } from '../../errors.ts';
import { GRAPH_PARTS_MAX, PROTO_NAME_MAX, TEXT_SHOWN_MAX } from '../../limits.ts';
import { MessageType, text, type Field, type ProtoText, type Span } from '../protobuf.ts';
import type { Noted, OnnxNotes } from './types.ts';

/** Notes kept of one kind: enough to show, few enough to hold. */
const NOTES_MAX = 64;

/** Counts one more part of the graph. @throws AppError FORMAT_COUNT_TOO_LARGE */
export function part(notes: OnnxNotes): OnnxNotes {
  notes.parts += 1;
  if (notes.parts > GRAPH_PARTS_MAX)
    throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'nodes and tensors', max: GRAPH_PARTS_MAX });
  return notes;
}

/** A message type whose unknown fields are counted. */
export function noted<T extends Noted>(name: string): MessageType<T> {
  return new MessageType<T>(name, countUnknown);
}

function countUnknown(target: Noted, _field: number, where: Span): void {
  const { notes } = target;
  if (notes.unknownFields === 0) notes.unknownAt = where.start;
  notes.unknownFields += 1;
  notes.unknownBytes += where.end - where.start;
}

/** A name: must be whole, or it names something else. `edge`: the name of a value between nodes, which nobody is shown. */
export function nameOf<T extends Noted>(what: string, set: (target: T, value: string) => void, edge = false): Field<T> {
  return text(PROTO_NAME_MAX, (target, value) => {
    if (value.span.end - value.span.start > PROTO_NAME_MAX) {
      throw new AppError('FORMAT_STRING_TOO_LONG', { what, offset: value.span.start, max: PROTO_NAME_MAX });
    }
    note(target.notes, what, value, !edge);
    set(target, value.text);
  });
}

/** Text that is only shown: cut, never refused. */
export function prose<T extends Noted>(
  what: string,
  set: (target: T, value: string) => void = () => undefined,
): Field<T> {
  return text(TEXT_SHOWN_MAX, (target, value) => {
    note(target.notes, what, value, true);
    set(target, value.text);
  });
}

function note(notes: OnnxNotes, what: string, value: ProtoText, shown: boolean): void {
  const entry = { what, text: value.text, offset: value.span.start };
  if (!value.valid && notes.badUtf8.length < NOTES_MAX) notes.badUtf8.push(entry);
  // Markup, links and direction tricks all need a character outside this set.
  if (shown && /[^\w .,/()'[\]+-]/.test(value.text) && notes.shown.length < NOTES_MAX) notes.shown.push(entry);
}
