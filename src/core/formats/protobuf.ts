/**
 * A reader of the protobuf wire format (protobuf.dev/programming-guides/encoding) for files of any size.
 *
 * A file is described by message types: which field numbers matter and what to do with them. Everything else is skipped
 * by its stated length, so a 2 GB `raw_data` costs one small read. Nothing recurses: nesting is an explicit stack with a
 * cap. Singular messages that occur twice merge because the second occurrence is read into the same target.
 */
import type { ByteSource } from '../bytes/source.ts';
import { AppError, throwIfAborted } from '../errors.ts';
import { PROTO_DEPTH_MAX, PROTO_FIELDS_MAX, PROTO_MESSAGES_MAX, PROTO_TEXT_MAX } from '../limits.ts';
import { WireWindow } from './protobuf-window.ts';

/** Bytes [start, end) of the file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Some elements of a repeated scalar: one packed field, or neighbouring unpacked fields (each with its own tag). */
export interface ScalarRun {
  readonly start: number;
  end: number;
  readonly packed: boolean;
}

/** A text field. `valid` is false when the bytes are not UTF-8; `text` then has replacement characters. */
export interface ProtoText {
  readonly text: string;
  readonly valid: boolean;
  readonly span: Span;
}

/** int64 semantics: a number where that is exact, else a bigint. */
export type ProtoInt = number | bigint;

/** Which fields of a message matter. Types refer to each other, so they are made first and defined after. */
export class MessageType<T> {
  readonly name: string;
  readonly fields = new Map<number, Field<T>>();
  /** Called for fields that were not defined. */
  readonly unknown: (target: T, field: number, span: Span) => void;

  constructor(name: string, unknown: (target: T, field: number, span: Span) => void = () => undefined) {
    this.name = name;
    this.unknown = unknown;
  }

  /** `skipped`: fields that belong to the message and are of no use here. */
  define(fields: Readonly<Record<number, Field<T>>>, skipped: readonly number[] = []): void {
    for (const [number, field] of Object.entries(fields)) this.fields.set(Number(number), field);
    for (const number of skipped) this.fields.set(number, { kind: 'skip' });
  }
}

/** A message about to be read into `target`. */
export interface Scope<T> {
  readonly type: MessageType<T>;
  readonly target: T;
  leave?(span: Span): void;
}

/* Members are methods on purpose: their parameters are bivariant, so a Field<Node> may stand in a Field<unknown>. */
export type Field<T> =
  | { readonly kind: 'int'; read(target: T, value: ProtoInt): void }
  | { readonly kind: 'text'; readonly max: number; read(target: T, value: ProtoText): void }
  /** `head` holds the first `keep` bytes, copied. */
  | { readonly kind: 'span'; readonly keep: number; read(target: T, span: Span, head: Uint8Array): void }
  /** `wire`: 0 varint, 1 eight bytes, 5 four bytes per element. */
  | { readonly kind: 'scalars'; readonly wire: 0 | 1 | 5; read(target: T, run: ScalarRun): void }
  | { readonly kind: 'message'; enter(target: T): Scope<unknown> }
  /** Part of the format, of no use here. */
  | { readonly kind: 'skip' };

/**
 * A field whose messages are read into what `open` returns: a new object for repeated fields, the same for singular ones.
 * `leave` is called when the message was read.
 */
export function message<T, C>(
  type: MessageType<C>,
  open: (target: T) => C,
  leave?: (target: T, child: C, span: Span) => void,
): Field<T> {
  return {
    kind: 'message',
    enter(target) {
      const child = open(target);
      const scope = { type: type as MessageType<unknown>, target: child };
      return leave === undefined ? scope : { ...scope, leave: (where: Span) => leave(target, child, where) };
    },
  };
}

interface Frame {
  readonly scope: Scope<unknown> | null;
  readonly start: number;
  readonly end: number;
  /** Field number of an unknown group (wire type 3), which ends at its end tag and not at a length. */
  readonly group: number;
}

const WIRE_NAMES = ['varint', 'eight bytes', 'length', 'group', 'end of group', 'four bytes'];

/**
 * Reads the message that fills [span.start, span.end) of the source.
 *
 * @throws AppError FORMAT_VARINT, FORMAT_WIRE_TYPE, FORMAT_FIELD_NUMBER, FORMAT_OVERFLOW, FORMAT_DEPTH,
 *   FORMAT_TRUNCATED (a length runs past the end of the file), FORMAT_BOUNDS (past the end of the enclosing message),
 *   FORMAT_COUNT_TOO_LARGE, FORMAT_STRING_TOO_LONG; SOURCE_*
 */
export async function readMessage<T>(
  source: ByteSource,
  span: Span,
  type: MessageType<T>,
  target: T,
  signal?: AbortSignal,
): Promise<void> {
  const wire = new WireWindow(source, span, signal);
  const stack: Frame[] = [
    { scope: { type: type as MessageType<unknown>, target }, start: span.start, end: span.end, group: 0 },
  ];
  let fields = 0;
  let messages = 0;
  let text = 0;
  const countMessage = (): void => {
    messages += 1;
    if (messages > PROTO_MESSAGES_MAX) throw tooMany('messages', PROTO_MESSAGES_MAX);
  };
  let lastRun: { run: ScalarRun; target: unknown; field: number } | null = null;

  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (wire.position === frame.end) {
      if (frame.group !== 0) throw new AppError('FORMAT_WIRE_TYPE', { offset: frame.start, wire: 'group without end' });
      stack.pop();
      frame.scope?.leave?.({ start: frame.start, end: frame.end });
      continue;
    }
    fields += 1;
    if (fields > PROTO_FIELDS_MAX)
      throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'fields', max: PROTO_FIELDS_MAX });
    if (fields % 65_536 === 0) throwIfAborted(signal);
    // A tag, and behind it a varint or a length: never more than 20 bytes.
    if (wire.needs(20)) await wire.fill(20);
    const at = wire.position;
    const tag = wire.tag(frame.end);
    const wireType = tag % 8;
    const number = (tag - wireType) / 8;
    if (number === 0) throw new AppError('FORMAT_FIELD_NUMBER', { offset: at });
    const field = frame.scope?.type.fields.get(number);
    const owner = frame.scope?.target;

    switch (wireType) {
      case 0: {
        const value = wire.varint(frame.end);
        if (field?.kind === 'int') field.read(owner, value);
        else if (field?.kind === 'scalars' && field.wire === 0) {
          const run = addRun(lastRun, field, owner, number, at, wire.position);
          if (run !== lastRun) countMessage();
          lastRun = run;
        } else if (field?.kind !== 'skip') unknown(frame, number, at, wire.position);
        break;
      }
      case 1:
      case 5: {
        wire.skip(wireType === 1 ? 8 : 4, frame.end, at);
        if (field?.kind === 'scalars' && field.wire === wireType) {
          const run = addRun(lastRun, field, owner, number, at, wire.position);
          if (run !== lastRun) countMessage();
          lastRun = run;
        } else if (field?.kind !== 'skip') unknown(frame, number, at, wire.position);
        break;
      }
      case 2: {
        const inner = wire.length(frame.end, at);
        switch (field?.kind) {
          case 'message': {
            countMessage();
            push(stack, { scope: field.enter(owner), start: inner.start, end: inner.end, group: 0 }, at);
            break;
          }
          case 'text': {
            const kept = Math.min(inner.end - inner.start, field.max);
            // An empty text costs an entry in some list.
            text += kept + 16;
            if (text > PROTO_TEXT_MAX) throw tooMany('text', PROTO_TEXT_MAX);
            field.read(owner, decodeText(await wire.head(kept), inner));
            wire.position = inner.end;
            break;
          }
          case 'span': {
            const kept = Math.min(inner.end - inner.start, field.keep);
            field.read(owner, inner, kept === 0 ? new Uint8Array(0) : (await wire.head(kept)).slice());
            wire.position = inner.end;
            break;
          }
          case 'scalars':
            countMessage();
            field.read(owner, { ...inner, packed: true });
            lastRun = null;
            wire.position = inner.end;
            break;
          case 'int':
            while (wire.position < inner.end) {
              if (wire.needs(10)) await wire.fill(10);
              fields += 1;
              if (fields > PROTO_FIELDS_MAX) throw tooMany('fields', PROTO_FIELDS_MAX);
              field.read(owner, wire.varint(inner.end));
            }
            break;
          default:
            if (field === undefined) unknown(frame, number, at, inner.end);
            wire.position = inner.end;
        }
        break;
      }
      case 3:
        push(stack, { scope: null, start: at, end: frame.end, group: number }, at);
        break;
      case 4: {
        if (frame.group !== number)
          throw new AppError('FORMAT_WIRE_TYPE', { offset: at, wire: 'end of a group that is not open' });
        stack.pop();
        const outer = stack.at(-1);
        if (outer !== undefined) unknown(outer, number, frame.start, wire.position);
        break;
      }
      default:
        throw new AppError('FORMAT_WIRE_TYPE', { offset: at, wire: WIRE_NAMES[wireType] ?? `type ${wireType}` });
    }
  }
}

export function int<T>(read: (target: T, value: ProtoInt) => void): Field<T> {
  return { kind: 'int', read };
}

export function text<T>(max: number, read: (target: T, value: ProtoText) => void): Field<T> {
  return { kind: 'text', max, read };
}

export function span<T>(keep: number, read: (target: T, value: Span, head: Uint8Array) => void): Field<T> {
  return { kind: 'span', keep, read };
}

export function scalars<T>(wire: 0 | 1 | 5, read: (target: T, run: ScalarRun) => void): Field<T> {
  return { kind: 'scalars', wire, read };
}

function tooMany(what: string, max: number): AppError {
  return new AppError('FORMAT_COUNT_TOO_LARGE', { what, max });
}

function push(stack: Frame[], frame: Frame, offset: number): void {
  if (stack.length >= PROTO_DEPTH_MAX) throw new AppError('FORMAT_DEPTH', { offset, max: PROTO_DEPTH_MAX });
  stack.push(frame);
}

function unknown(frame: Frame, number: number, start: number, end: number): void {
  if (frame.scope !== null) frame.scope.type.unknown(frame.scope.target, number, { start, end });
}

/** Neighbouring unpacked elements become one run, so that a million of them cost one object. */
function addRun(
  last: { run: ScalarRun; target: unknown; field: number } | null,
  field: Extract<Field<unknown>, { kind: 'scalars' }>,
  target: unknown,
  number: number,
  start: number,
  end: number,
): { run: ScalarRun; target: unknown; field: number } {
  if (last !== null && last.target === target && last.field === number && last.run.end === start) {
    last.run.end = end;
    return last;
  }
  const run: ScalarRun = { start, end, packed: false };
  field.read(target, run);
  return { run, target, field: number };
}

function decodeText(bytes: Uint8Array, span: Span): ProtoText {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), valid: true, span };
  } catch {
    // A text that was cut at `max` may end inside a character: that is not the file's fault.
    const cut = bytes.length < span.end - span.start;
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), valid: cut, span };
  }
}
