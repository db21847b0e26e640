/** Numbers, text and bytes as the opcodes carry them, put on the stack. Arguments are read before anything changes. */
import { toSafeNumber } from '../../bytes/cursor.ts';
import { AppError } from '../../errors.ts';
import { PICKLE_DIGITS_MAX, PICKLE_VALUE_KEPT } from '../../limits.ts';
import { lookIntoBytes } from './calls.ts';
import { broken, type Describer } from './describer.ts';
import { ascii, decodeLong, parseInteger } from './text.ts';
import { isNode, latin1, type PyBytes } from './value.ts';
import type { PickleWindow } from './window.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function pushInteger(d: Describer, line: Uint8Array, long: boolean): void {
  const value = parseInteger(line, long);
  if (value === null) return void broken('not a whole number');
  if (isNode(value)) d.note('long-number', 'caution', { digits: value.digits });
  d.stack.push(value);
}

export function pushLong(d: Describer, w: PickleWindow, length: number): void {
  // 2.41 decimal digits per byte.
  if (length * 2.41 <= PICKLE_DIGITS_MAX) {
    const at = w.take(length);
    d.stack.push(decodeLong(w.bytes.subarray(at, at + length)));
    return;
  }
  w.skip(length);
  const digits = Math.round(length * 2.41);
  d.note('long-number', 'caution', { digits });
  d.stack.push({ kind: 'number', digits });
}

export function pushText(d: Describer, text: string): void {
  d.spend(32 + text.length);
  d.stack.push(text.length > PICKLE_VALUE_KEPT ? { kind: 'text', offset: -1, length: text.length } : text);
}

export function pushUtf8(d: Describer, w: PickleWindow, length: number): void {
  if (length > PICKLE_VALUE_KEPT) {
    const offset = w.position;
    w.skip(length);
    d.stack.push({ kind: 'text', offset, length });
    return;
  }
  const at = w.take(length);
  d.spend(32 + length);
  d.stack.push(utf8(w.bytes.subarray(at, at + length)));
}

export function pushBytes(d: Describer, w: PickleWindow, length: number, type: PyBytes['type']): void {
  const offset = w.position;
  if (length <= PICKLE_VALUE_KEPT) {
    const at = w.take(length);
    const data = w.bytes.slice(at, at + length);
    if (type === 'str8') pushStr8(d, data, offset);
    else pushNode(d, { kind: 'bytes', type, offset, length, data });
    return;
  }
  const head = w.peek(4).slice();
  w.skip(length);
  pushNode(d, { kind: 'bytes', type, offset, length, data: null }, head);
}

/** Python 2 `str`: text when it is ASCII, otherwise bytes of unknown meaning. */
export function pushStr8(d: Describer, data: Uint8Array, offset: number): void {
  const text = data.length <= PICKLE_VALUE_KEPT ? ascii(data) : null;
  if (text !== null) pushText(d, text);
  else
    pushNode(d, {
      kind: 'bytes',
      type: 'str8',
      offset,
      length: data.length,
      data: data.length <= PICKLE_VALUE_KEPT ? data : null,
    });
}

export function pushNode(d: Describer, bytes: PyBytes, head?: Uint8Array): void {
  d.spend(96 + (bytes.data?.length ?? 0));
  d.embed(lookIntoBytes(bytes, bytes.data ?? head ?? new Uint8Array(0), d.at));
  // Even in thin mode the record of where the bytes are is small; the bytes themselves go.
  d.stack.push(d.thin ? { ...bytes, data: null } : bytes);
}

export function longLength(w: PickleWindow): number {
  return toSafeNumber(w.u64(), { offset: w.position }, 'FORMAT_STRING_TOO_LONG');
}

/** @throws AppError FORMAT_LENGTH */
export function signedLength(length: number): number {
  if (length < 0) throw new AppError('FORMAT_LENGTH', { what: 'A length in the pickle', value: length });
  return length;
}

/** Names and text are UTF-8; bytes that are not are kept apart from the replacement character by being latin-1. */
export function nameText(bytes: Uint8Array): string {
  return ascii(bytes) ?? utf8(bytes);
}

function utf8(bytes: Uint8Array): string {
  if (bytes.length <= 32) {
    const text = ascii(bytes);
    if (text !== null) return text;
  }
  try {
    return UTF8.decode(bytes);
  } catch {
    return latin1(bytes);
  }
}
