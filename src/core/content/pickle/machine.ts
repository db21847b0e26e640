import { toSafeNumber } from '../../bytes/cursor.ts';
import { AppError, type ErrorDetail } from '../../errors.ts';
import {
  PICKLE_DESCRIPTION_MAX,
  PICKLE_DIGITS_MAX,
  PICKLE_IMPORTS_MAX,
  PICKLE_LINE_MAX,
  PICKLE_MEMORY_MAX,
  PICKLE_VALUE_KEPT,
} from '../../limits.ts';
import type { FindingCode, Severity } from '../finding.ts';
import { classify, type ClassifyOptions, type Verdict } from './classify.ts';
import { lookIntoBytes, lookIntoCall } from './calls.ts';
import { Memo } from './memo.ts';
import { addItems, appendItems, assignItems, buildState } from './mutate.ts';
import { PickleStack } from './stack.ts';
import type { Embedded, PickleNote, PickleStream } from './stream.ts';
import { ascii, decodeLong, parseFloat0, parseIndex, parseInteger, parseQuoted, parseRawUnicode } from './text.ts';
import {
  asText,
  isNode,
  latin1,
  type ImportUse,
  type PyBytes,
  type PyCall,
  type PyGlobal,
  type PyValue,
} from './value.ts';
import { NeedMore, type PickleWindow } from './window.ts';

const DROPPED: PyValue = { kind: 'opaque', why: 'dropped' };
/** Notes kept of one stream; one hostile byte each could otherwise fill the memory. */
const NOTES_KEPT = 200;
const EMBEDDED_KEPT = 256;
/** The first slot far enough out to be odd whatever the position. */
const MEMO_FAR = 1_000_000;
const MARKS_NOTED = 1_000;

/**
 * Reads one pickle stream (protocols 0 to 5) and describes what it would build. It follows CPython's C reader opcode by
 * opcode, including what that reader accepts although its own writer never produces it, and stops where that stops.
 * Nothing is imported or called.
 *
 * Opcodes: CPython `Lib/pickletools.py`; behaviour: `Modules/_pickle.c` (3.11 to 3.14).
 */
export class PickleMachine {
  readonly #options: ClassifyOptions;
  readonly #stack = new PickleStack();
  readonly #memo = new Memo();
  readonly #imports = new Map<string, ImportUse>();
  readonly #notes: PickleNote[] = [];
  readonly #embedded: Embedded[] = [];
  readonly #start: number;
  #protocol = 0;
  #opcodes = 0;
  #persistentIds = 0;
  #unlisted = 0;
  #frameEnd = -1;
  #memory = 0;
  #thin = false;
  #deepNoted = false;
  /** Offset of the opcode at hand. */
  #at = 0;

  constructor(start: number, options: ClassifyOptions = {}) {
    this.#start = start;
    this.#options = options;
  }

  /**
   * Works through the window. Returns the finished stream at STOP or where it breaks, or the offset up to which more
   * bytes are needed.
   */
  run(window: PickleWindow): PickleStream | NeedMore {
    for (;;) {
      this.#at = window.position;
      try {
        if (this.#step(window, window.u8())) return this.#finish(window.position, this.#stack.pop(), null);
      } catch (error) {
        if (error instanceof NeedMore) {
          window.position = this.#at;
          return error;
        }
        if (!(error instanceof AppError)) throw error;
        const detail = { ...error.detail, offset: this.#at };
        return this.#finish(this.#at, undefined, new AppError(error.code, detail, error));
      }
    }
  }

  #finish(end: number, value: PyValue | undefined, error: AppError | null): PickleStream {
    return {
      start: this.#start,
      end,
      protocol: this.#protocol,
      opcodes: this.#opcodes,
      persistentIds: this.#persistentIds,
      value,
      imports: [...this.#imports.values()],
      importsUnlisted: this.#unlisted,
      notes: this.#notes,
      embedded: this.#embedded,
      error,
      thinned: this.#thin,
    };
  }

  /** One opcode. Arguments are read before anything changes, so that it can be repeated with more bytes. True: STOP. */
  #step(w: PickleWindow, opcode: number): boolean {
    const stack = this.#stack;
    switch (opcode) {
      case 0x80: // PROTO
        this.#setProtocol(w.u8());
        break;
      case 0x95: // FRAME
        this.#enterFrame(w, w.u64());
        break;
      case 0x2e: // STOP
        this.#opcodes += 1;
        return true;

      case 0x28: // MARK
        stack.mark();
        if (stack.depth > MARKS_NOTED && !this.#deepNoted) {
          this.#deepNoted = true;
          this.#note('deep-structure', 'danger', { what: 'marks', depth: stack.depth });
        }
        break;
      case 0x30: // POP
        stack.popOrUnmark();
        break;
      case 0x31: // POP_MARK
        stack.takeMarked();
        break;
      case 0x32: // DUP
        stack.push(stack.top());
        break;

      case 0x70: // PUT
        this.#put(index(w.line(64)));
        break;
      case 0x71: // BINPUT
        this.#put(w.u8());
        break;
      case 0x72: // LONG_BINPUT
        this.#put(w.u32());
        break;
      case 0x94: // MEMOIZE
        this.#put(this.#memo.count);
        break;
      case 0x67: // GET
        this.#get(index(w.line(64)));
        break;
      case 0x68: // BINGET
        this.#get(w.u8());
        break;
      case 0x6a: // LONG_BINGET
        this.#get(w.u32());
        break;

      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
        stack.push(true);
        break;
      case 0x89: // NEWFALSE
        stack.push(false);
        break;
      case 0x49: // INT
        this.#pushInteger(w.line(PICKLE_LINE_MAX), false);
        break;
      case 0x4c: // LONG
        this.#pushInteger(w.line(PICKLE_LINE_MAX), true);
        break;
      case 0x4a: // BININT
        stack.push(w.i32());
        break;
      case 0x4b: // BININT1
        stack.push(w.u8());
        break;
      case 0x4d: // BININT2
        stack.push(w.u16());
        break;
      case 0x8a: // LONG1
        this.#pushLong(w, w.u8());
        break;
      case 0x8b: // LONG4
        this.#pushLong(w, signedLength(w.i32()));
        break;
      case 0x46: // FLOAT
        stack.push(parseFloat0(w.line(4096)) ?? broken('not a number'));
        break;
      case 0x47: // BINFLOAT
        stack.push(w.f64BigEndian());
        break;

      case 0x53: // STRING
        this.#pushStr8(parseQuoted(w.line(PICKLE_LINE_MAX)) ?? broken('a string without quotes'), -1);
        break;
      case 0x54: // BINSTRING
        this.#pushBytes(w, signedLength(w.i32()), 'str8');
        break;
      case 0x55: // SHORT_BINSTRING
        this.#pushBytes(w, w.u8(), 'str8');
        break;
      case 0x56: // UNICODE
        this.#pushText(parseRawUnicode(w.line(PICKLE_LINE_MAX)) ?? broken('a broken escape in text'));
        break;
      case 0x58: // BINUNICODE
        this.#pushUtf8(w, w.u32());
        break;
      case 0x8c: // SHORT_BINUNICODE
        this.#pushUtf8(w, w.u8());
        break;
      case 0x8d: // BINUNICODE8
        this.#pushUtf8(w, this.#longLength(w));
        break;
      case 0x42: // BINBYTES
        this.#pushBytes(w, w.u32(), 'bytes');
        break;
      case 0x43: // SHORT_BINBYTES
        this.#pushBytes(w, w.u8(), 'bytes');
        break;
      case 0x8e: // BINBYTES8
        this.#pushBytes(w, this.#longLength(w), 'bytes');
        break;
      case 0x96: // BYTEARRAY8
        this.#pushBytes(w, this.#longLength(w), 'bytearray');
        break;
      case 0x97: // NEXT_BUFFER
        stack.push({ kind: 'opaque', why: 'buffer' });
        break;
      case 0x98: // READONLY_BUFFER
        stack.top();
        break;

      case 0x5d: // EMPTY_LIST
        this.#pushItems('list', []);
        break;
      case 0x29: // EMPTY_TUPLE
        this.#pushItems('tuple', []);
        break;
      case 0x7d: // EMPTY_DICT
        this.#pushItems('dict', []);
        break;
      case 0x8f: // EMPTY_SET
        this.#pushItems('set', []);
        break;
      case 0x6c: // LIST
        this.#pushItems('list', stack.takeMarked());
        break;
      case 0x74: // TUPLE
        this.#pushItems('tuple', stack.takeMarked());
        break;
      case 0x85: // TUPLE1
        this.#pushItems('tuple', stack.take(1));
        break;
      case 0x86: // TUPLE2
        this.#pushItems('tuple', stack.take(2));
        break;
      case 0x87: // TUPLE3
        this.#pushItems('tuple', stack.take(3));
        break;
      case 0x64: {
        // DICT
        const items = stack.takeMarked();
        this.#pushItems('dict', []);
        this.#assign(items);
        break;
      }
      case 0x91: // FROZENSET
        this.#pushItems('frozenset', stack.takeMarked());
        break;
      case 0x61: // APPEND
        this.#append([stack.pop()]);
        break;
      case 0x65: // APPENDS
        this.#append(stack.takeMarked());
        break;
      case 0x90: // ADDITEMS
        this.#add(stack.takeMarked());
        break;
      case 0x73: // SETITEM
        this.#assign(stack.take(2));
        break;
      case 0x75: // SETITEMS
        this.#assign(stack.takeMarked());
        break;

      case 0x63: {
        // GLOBAL
        const module = name(w.line(PICKLE_VALUE_KEPT));
        stack.push(this.#import(module, name(w.line(PICKLE_VALUE_KEPT)), this.#at));
        break;
      }
      case 0x93: // STACK_GLOBAL
        this.#stackGlobal();
        break;
      case 0x82: // EXT1
        this.#extension(w.u8());
        break;
      case 0x83: // EXT2
        this.#extension(w.u16());
        break;
      case 0x84: // EXT4
        this.#extension(w.i32());
        break;
      case 0x52: {
        // REDUCE
        const [callee, args] = stack.take(2) as [PyValue, PyValue];
        this.#call('REDUCE', callee, args, null);
        break;
      }
      case 0x81: {
        // NEWOBJ
        const [callee, args] = stack.take(2) as [PyValue, PyValue];
        this.#call('NEWOBJ', callee, args, null);
        break;
      }
      case 0x92: {
        // NEWOBJ_EX
        const [callee, args, kwargs] = stack.take(3) as [PyValue, PyValue, PyValue];
        this.#call('NEWOBJ_EX', callee, args, kwargs);
        break;
      }
      case 0x69: {
        // INST
        const module = name(w.line(PICKLE_VALUE_KEPT));
        const second = name(w.line(PICKLE_VALUE_KEPT));
        const args = stack.takeMarked();
        this.#call('INST', this.#import(module, second, this.#at), args, null);
        break;
      }
      case 0x6f: {
        // OBJ
        const [callee, ...args] = stack.takeMarked();
        if (callee === undefined) broken('OBJ without a class');
        this.#call('OBJ', callee!, args, null);
        break;
      }
      case 0x62: // BUILD
        this.#build(stack.pop());
        break;
      case 0x50: // PERSID
        this.#persistent(name(w.line(PICKLE_VALUE_KEPT)));
        break;
      case 0x51: // BINPERSID
        this.#persistent(stack.pop());
        break;

      default:
        broken(`unknown opcode 0x${opcode.toString(16).padStart(2, '0')}`);
    }
    this.#opcodes += 1;
    if (this.#frameEnd >= 0 && w.position >= this.#frameEnd) this.#leaveFrame(w.position);
    if (this.#opcodes % 4096 === 0 && stack.size * 8 + this.#memory > PICKLE_MEMORY_MAX) tooLarge();
    return false;
  }

  // ---- protocol and frames

  #setProtocol(protocol: number): void {
    if (protocol > 5) this.#note('bad-protocol', 'danger', { protocol });
    this.#protocol = Math.max(this.#protocol, protocol);
  }

  #enterFrame(w: PickleWindow, length: bigint): void {
    // A frame must end before the pickle does, and one must end before the next begins.
    const inside = this.#frameEnd > w.position;
    if (inside || length > BigInt(w.end - w.position)) {
      this.#note('bad-frame', 'caution', { length: length.toString(), available: w.end - w.position, inside });
    }
    this.#frameEnd = length > BigInt(w.end - w.position) ? -1 : w.position + Number(length);
  }

  #leaveFrame(position: number): void {
    if (position > this.#frameEnd) this.#note('bad-frame', 'caution', { end: this.#frameEnd, position });
    this.#frameEnd = -1;
  }

  // ---- memo

  #put(slot: number): void {
    if (slot > MEMO_FAR && slot > this.#at) this.#note('memo-index', 'danger', { index: slot });
    this.#spend(24);
    this.#memo.set(slot, this.#stack.top());
  }

  #get(slot: number): void {
    this.#stack.push(this.#memo.get(slot) ?? this.#missing(slot));
  }

  /** `null` is a value: only a slot that holds nothing is missing. */
  #missing(slot: number): PyValue {
    if (this.#memo.get(slot) === null) return null;
    return broken(`place ${slot} of the memo is empty`);
  }

  // ---- numbers, text, bytes

  #pushInteger(line: Uint8Array, long: boolean): void {
    const value = parseInteger(line, long);
    if (value === null) return void broken('not a whole number');
    if (isNode(value)) this.#note('long-number', 'caution', { digits: value.digits });
    this.#stack.push(value);
  }

  #pushLong(w: PickleWindow, length: number): void {
    // 2.41 decimal digits per byte.
    if (length * 2.41 <= PICKLE_DIGITS_MAX) {
      const at = w.take(length);
      this.#stack.push(decodeLong(w.bytes.subarray(at, at + length)));
      return;
    }
    w.skip(length);
    const digits = Math.round(length * 2.41);
    this.#note('long-number', 'caution', { digits });
    this.#stack.push({ kind: 'number', digits });
  }

  #pushText(text: string): void {
    this.#spend(32 + text.length);
    this.#stack.push(text.length > PICKLE_VALUE_KEPT ? { kind: 'text', offset: -1, length: text.length } : text);
  }

  #pushUtf8(w: PickleWindow, length: number): void {
    if (length > PICKLE_VALUE_KEPT) {
      const offset = w.position;
      w.skip(length);
      this.#stack.push({ kind: 'text', offset, length });
      return;
    }
    const at = w.take(length);
    this.#spend(32 + length);
    this.#stack.push(utf8(w.bytes.subarray(at, at + length)));
  }

  #pushBytes(w: PickleWindow, length: number, type: PyBytes['type']): void {
    const offset = w.position;
    if (length <= PICKLE_VALUE_KEPT) {
      const at = w.take(length);
      const data = w.bytes.slice(at, at + length);
      if (type === 'str8') this.#pushStr8(data, offset);
      else this.#pushNode({ kind: 'bytes', type, offset, length, data });
      return;
    }
    const head = w.peek(4).slice();
    w.skip(length);
    this.#pushNode({ kind: 'bytes', type, offset, length, data: null }, head);
  }

  /** Python 2 `str`: text when it is ASCII, otherwise bytes of unknown meaning. */
  #pushStr8(data: Uint8Array, offset: number): void {
    const text = data.length <= PICKLE_VALUE_KEPT ? ascii(data) : null;
    if (text !== null) this.#pushText(text);
    else
      this.#pushNode({
        kind: 'bytes',
        type: 'str8',
        offset,
        length: data.length,
        data: data.length <= PICKLE_VALUE_KEPT ? data : null,
      });
  }

  #pushNode(bytes: PyBytes, head?: Uint8Array): void {
    this.#spend(96 + (bytes.data?.length ?? 0));
    this.#embed(lookIntoBytes(bytes, bytes.data ?? head ?? new Uint8Array(0), this.#at));
    // Even in thin mode the record of where the bytes are is small; the bytes themselves go.
    this.#stack.push(this.#thin ? { ...bytes, data: null } : bytes);
  }

  #longLength(w: PickleWindow): number {
    return toSafeNumber(w.u64(), { offset: this.#at }, 'FORMAT_STRING_TOO_LONG');
  }

  // ---- containers

  #pushItems(kind: 'list' | 'tuple' | 'dict' | 'set' | 'frozenset', items: PyValue[]): void {
    this.#spend(88 + items.length * 8);
    const kept = this.#thin ? [] : items;
    if (kind === 'set' || kind === 'frozenset') {
      this.#stack.push({ kind: 'set', frozen: kind === 'frozenset', items: kept, weight: 0 });
    } else if (this.#thin && kind === 'tuple') this.#stack.push(DROPPED);
    else this.#stack.push({ kind, items: kept, weight: 0 });
  }

  #append(values: readonly PyValue[]): void {
    this.#spend(values.length * 8);
    appendItems(this.#stack.top(), this.#thin ? [] : values, this.#noteBound);
  }

  #add(values: readonly PyValue[]): void {
    this.#spend(values.length * 8);
    addItems(this.#stack.top(), this.#thin ? [] : values, this.#noteBound);
  }

  #assign(pairs: readonly PyValue[]): void {
    if (pairs.length % 2 !== 0) broken('a key without a value');
    this.#spend(pairs.length * 8);
    assignItems(this.#stack.top(), pairs, !this.#thin, this.#noteBound);
  }

  #build(state: PyValue): void {
    buildState(this.#stack.top(), this.#thin ? DROPPED : state, this.#noteBound);
  }

  // ---- imports and calls

  /** An import whose name is not in the stream. */
  #unnamed(module: '<computed>' | '<extension>', name: string): PyGlobal {
    return this.#import(module, name, this.#at, { class: 'unknown', danger: null, odd: null });
  }

  #import(module: string, name: string, offset: number, given?: Verdict): PyGlobal {
    const key = `${module}\n${name}`;
    let use = this.#imports.get(key);
    if (use === undefined) {
      const verdict = given ?? classify(module, name, this.#options);
      use = { module, name, verdict, offset, count: 0, called: false };
      // However many harmless names come first, a dangerous one is still listed.
      const room = verdict.class === 'dangerous' ? 2 * PICKLE_IMPORTS_MAX : PICKLE_IMPORTS_MAX;
      if (this.#imports.size < room) this.#imports.set(key, use);
      else this.#unlisted += 1;
      this.#spend(200 + key.length * 2);
      if (verdict.odd !== null)
        this.#note('odd-global-name', 'danger', { global: `${module} ${name}`.slice(0, 200), why: verdict.odd });
    }
    use.count += 1;
    this.#spend(64);
    return { kind: 'global', module, name, offset, use };
  }

  #stackGlobal(): void {
    const [module, name] = this.#stack.take(2) as [PyValue, PyValue];
    const texts = [asText(module), asText(name)] as const;
    if (texts[0] !== null && texts[1] !== null) {
      this.#stack.push(this.#import(texts[0], texts[1], this.#at));
      return;
    }
    for (const part of [module, name]) {
      // What is certainly no text ends the stream here, as it does in Python.
      const computed =
        isNode(part) &&
        (part.kind === 'call' || part.kind === 'global' || part.kind === 'opaque' || part.kind === 'persistent');
      if (asText(part) === null && !computed && !(isNode(part) && part.kind === 'text'))
        broken('an import without a name');
    }
    this.#note('computed-global', 'danger', {});
    this.#stack.push(this.#unnamed('<computed>', texts[0] ?? texts[1] ?? ''));
  }

  #extension(code: number): void {
    if (code <= 0) broken('extension code below 1');
    this.#note('extension-code', 'danger', { extension: code });
    this.#stack.push(this.#unnamed('<extension>', String(code)));
  }

  #call(op: PyCall['op'], callee: PyValue, args: PyValue | readonly PyValue[], kwargs: PyValue): void {
    if (!callable(callee)) broken('a call of something that is no function');
    const given: readonly PyValue[] | null = Array.isArray(args)
      ? (args as readonly PyValue[])
      : tupleItems(args as PyValue);
    if (given === null) broken('a call without a tuple of arguments');
    this.#spend(160);
    const call: PyCall = {
      kind: 'call',
      op,
      callee,
      args: given!,
      kwargs,
      offset: this.#at,
      state: undefined,
      appended: null,
      assigned: null,
      weight: 0,
    };
    if (isNode(callee) && callee.kind === 'global') callee.use.called = true;
    else this.#note('computed-call', 'danger', {});
    const seen = lookIntoCall(call, this.#at);
    for (const note of seen.notes) this.#note(note.code, note.severity, note.detail);
    for (const embedded of seen.embedded) this.#embed(embedded);
    this.#stack.push(this.#thin ? { ...call, args: [], kwargs: null } : call);
  }

  #persistent(id: PyValue): void {
    this.#persistentIds += 1;
    this.#spend(64);
    this.#stack.push({ kind: 'persistent', id, offset: this.#at, weight: 0 });
  }

  // ---- book-keeping

  #embed(embedded: Embedded | null): void {
    if (embedded !== null && this.#embedded.length < EMBEDDED_KEPT) this.#embedded.push(embedded);
  }

  #note(code: FindingCode, severity: Severity, detail: ErrorDetail): void {
    if (this.#notes.length < NOTES_KEPT) this.#notes.push({ code, severity, offset: this.#at, detail });
  }

  readonly #noteBound = (code: FindingCode, severity: Severity, detail: ErrorDetail): void => {
    this.#note(code, severity, detail);
  };

  #spend(bytes: number): void {
    this.#memory += this.#thin ? bytes / 4 : bytes;
    if (this.#memory > PICKLE_DESCRIPTION_MAX) this.#thin = true;
    if (this.#memory > PICKLE_MEMORY_MAX) tooLarge();
  }
}

function callable(value: PyValue): boolean {
  return (
    isNode(value) &&
    (value.kind === 'global' || value.kind === 'call' || value.kind === 'persistent' || value.kind === 'opaque')
  );
}

function tupleItems(value: PyValue): readonly PyValue[] | null {
  if (!isNode(value)) return null;
  if (value.kind === 'tuple') return value.items;
  // A computed tuple, or one that was dropped: its items are unknown.
  return value.kind === 'call' || value.kind === 'opaque' ? [] : null;
}

function index(line: Uint8Array): number {
  return parseIndex(line) ?? broken('a memo place that is no number');
}

function signedLength(length: number): number {
  if (length < 0) throw new AppError('FORMAT_LENGTH', { what: 'A length in the pickle', value: length });
  return length;
}

/** Names and text are UTF-8; bytes that are not are kept apart from the replacement character by being latin-1. */
function name(bytes: Uint8Array): string {
  return ascii(bytes) ?? utf8(bytes);
}

function utf8(bytes: Uint8Array): string {
  if (bytes.length <= 32) {
    const text = ascii(bytes);
    if (text !== null) return text;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return latin1(bytes);
  }
}

function broken(reason: string): never {
  throw new AppError('FORMAT_PICKLE', { reason });
}

function tooLarge(): never {
  throw new AppError('FORMAT_TOO_LARGE', { what: 'The description of a pickle', limit: PICKLE_MEMORY_MAX });
}
