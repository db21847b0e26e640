import { riskyText } from '../../content/text.ts';
import { AppError } from '../../errors.ts';
import { GRAPH_PARTS_MAX, PROTO_NAME_MAX, TEXT_SHOWN_MAX } from '../../limits.ts';
import { MessageType, text, type Field, type ProtoText, type Span } from '../protobuf.ts';
import type { Noted, OnnxNotes } from './types.ts';

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
  const { text, valid, span } = value;
  const place = { offset: span.start, length: span.end - span.start };
  if (!valid) notes.findings.add('bad-utf8', 'caution', { key: what, text: text.slice(0, 200) }, place);
  // Markup, links and direction tricks all need a character outside this set, and paths two points: most names end here.
  if (!shown || !/[^\w .,/()'[\]+-]|\.\./.test(text)) return;
  const kinds = riskyText(text);
  if (kinds.length === 0) return;
  notes.findings.add(
    'injection-text',
    'caution',
    { key: what, kinds: kinds.join(', '), text: text.slice(0, 200) },
    place,
  );
}
