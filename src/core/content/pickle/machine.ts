import { AppError } from '../../errors.ts';
import { PICKLE_LINE_MAX, PICKLE_VALUE_KEPT } from '../../limits.ts';
import type { ClassifyOptions } from './classify.ts';
import { broken, Describer } from './describer.ts';
import {
  longLength,
  nameText,
  pushBytes,
  pushInteger,
  pushLong,
  pushStr8,
  pushText,
  pushUtf8,
  signedLength,
} from './literals.ts';
import type { PickleStream } from './stream.ts';
import { parseFloat0, parseIndex, parseQuoted, parseRawUnicode } from './text.ts';
import type { PyValue } from './value.ts';
import { NeedMore, type PickleWindow } from './window.ts';

const MARKS_NOTED = 1_000;

/**
 * Reads one pickle stream (protocols 0 to 5) and describes what it would build. It follows CPython's C reader opcode by
 * opcode, including what that reader accepts although its own writer never produces it, and stops where that stops.
 * Nothing is imported or called.
 *
 * Opcodes: CPython `Lib/pickletools.py`; behaviour: `Modules/_pickle.c` (3.11 to 3.14).
 */
export class PickleMachine {
  readonly #description: Describer;
  readonly #start: number;
  #protocol = 0;
  #opcodes = 0;
  #frameEnd = -1;
  #deepNoted = false;

  constructor(start: number, options: ClassifyOptions = {}) {
    this.#start = start;
    this.#description = new Describer(options);
  }

  /**
   * Works through the window. Returns the finished stream at STOP or where it breaks, or the offset up to which more
   * bytes are needed.
   */
  run(window: PickleWindow): PickleStream | NeedMore {
    for (;;) {
      this.#description.at = window.position;
      try {
        if (this.#step(window, window.u8())) return this.#finish(window.position, this.#description.stack.pop(), null);
      } catch (error) {
        if (error instanceof NeedMore) {
          window.position = this.#description.at;
          return error;
        }
        if (!(error instanceof AppError)) throw error;
        const detail = { ...error.detail, offset: this.#description.at };
        return this.#finish(this.#description.at, undefined, new AppError(error.code, detail, error));
      }
    }
  }

  #finish(end: number, value: PyValue | undefined, error: AppError | null): PickleStream {
    const { imports, importsUnlisted, notes, embedded, persistentIds, thin } = this.#description;
    return {
      start: this.#start,
      end,
      protocol: this.#protocol,
      opcodes: this.#opcodes,
      persistentIds,
      value,
      imports,
      importsUnlisted,
      notes,
      embedded,
      error,
      thinned: thin,
    };
  }

  /** One opcode. Arguments are read before anything changes, so that it can be repeated with more bytes. True: STOP. */
  #step(w: PickleWindow, opcode: number): boolean {
    const d = this.#description;
    const { stack } = d;
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
          d.note('deep-structure', 'danger', { what: 'marks', depth: stack.depth });
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
        d.put(index(w.line(64)));
        break;
      case 0x71: // BINPUT
        d.put(w.u8());
        break;
      case 0x72: // LONG_BINPUT
        d.put(w.u32());
        break;
      case 0x94: // MEMOIZE
        d.put(d.memo.count);
        break;
      case 0x67: // GET
        d.get(index(w.line(64)));
        break;
      case 0x68: // BINGET
        d.get(w.u8());
        break;
      case 0x6a: // LONG_BINGET
        d.get(w.u32());
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
        pushInteger(d, w.line(PICKLE_LINE_MAX), false);
        break;
      case 0x4c: // LONG
        pushInteger(d, w.line(PICKLE_LINE_MAX), true);
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
        pushLong(d, w, w.u8());
        break;
      case 0x8b: // LONG4
        pushLong(d, w, signedLength(w.i32()));
        break;
      case 0x46: // FLOAT
        stack.push(parseFloat0(w.line(4096)) ?? broken('not a number'));
        break;
      case 0x47: // BINFLOAT
        stack.push(w.f64BigEndian());
        break;

      case 0x53: // STRING
        pushStr8(d, parseQuoted(w.line(PICKLE_LINE_MAX)) ?? broken('a string without quotes'), -1);
        break;
      case 0x54: // BINSTRING
        pushBytes(d, w, signedLength(w.i32()), 'str8');
        break;
      case 0x55: // SHORT_BINSTRING
        pushBytes(d, w, w.u8(), 'str8');
        break;
      case 0x56: // UNICODE
        pushText(d, parseRawUnicode(w.line(PICKLE_LINE_MAX)) ?? broken('a broken escape in text'));
        break;
      case 0x58: // BINUNICODE
        pushUtf8(d, w, w.u32());
        break;
      case 0x8c: // SHORT_BINUNICODE
        pushUtf8(d, w, w.u8());
        break;
      case 0x8d: // BINUNICODE8
        pushUtf8(d, w, longLength(w));
        break;
      case 0x42: // BINBYTES
        pushBytes(d, w, w.u32(), 'bytes');
        break;
      case 0x43: // SHORT_BINBYTES
        pushBytes(d, w, w.u8(), 'bytes');
        break;
      case 0x8e: // BINBYTES8
        pushBytes(d, w, longLength(w), 'bytes');
        break;
      case 0x96: // BYTEARRAY8
        pushBytes(d, w, longLength(w), 'bytearray');
        break;
      case 0x97: // NEXT_BUFFER
        stack.push({ kind: 'opaque', why: 'buffer' });
        break;
      case 0x98: // READONLY_BUFFER
        stack.top();
        break;

      case 0x5d: // EMPTY_LIST
        d.pushItems('list', []);
        break;
      case 0x29: // EMPTY_TUPLE
        d.pushItems('tuple', []);
        break;
      case 0x7d: // EMPTY_DICT
        d.pushItems('dict', []);
        break;
      case 0x8f: // EMPTY_SET
        d.pushItems('set', []);
        break;
      case 0x6c: // LIST
        d.pushItems('list', stack.takeMarked());
        break;
      case 0x74: // TUPLE
        d.pushItems('tuple', stack.takeMarked());
        break;
      case 0x85: // TUPLE1
        d.pushItems('tuple', stack.take(1));
        break;
      case 0x86: // TUPLE2
        d.pushItems('tuple', stack.take(2));
        break;
      case 0x87: // TUPLE3
        d.pushItems('tuple', stack.take(3));
        break;
      case 0x64: {
        // DICT
        const items = stack.takeMarked();
        d.pushItems('dict', []);
        d.assign(items);
        break;
      }
      case 0x91: // FROZENSET
        d.pushItems('frozenset', stack.takeMarked());
        break;
      case 0x61: // APPEND
        d.append([stack.pop()]);
        break;
      case 0x65: // APPENDS
        d.append(stack.takeMarked());
        break;
      case 0x90: // ADDITEMS
        d.add(stack.takeMarked());
        break;
      case 0x73: // SETITEM
        d.assign(stack.take(2));
        break;
      case 0x75: // SETITEMS
        d.assign(stack.takeMarked());
        break;

      case 0x63: {
        // GLOBAL
        const module = nameText(w.line(PICKLE_VALUE_KEPT));
        stack.push(d.importName(module, nameText(w.line(PICKLE_VALUE_KEPT)), d.at));
        break;
      }
      case 0x93: // STACK_GLOBAL
        d.stackGlobal();
        break;
      case 0x82: // EXT1
        d.extension(w.u8());
        break;
      case 0x83: // EXT2
        d.extension(w.u16());
        break;
      case 0x84: // EXT4
        d.extension(w.i32());
        break;
      case 0x52: {
        // REDUCE
        const [callee, args] = stack.take(2) as [PyValue, PyValue];
        d.call('REDUCE', callee, args, null);
        break;
      }
      case 0x81: {
        // NEWOBJ
        const [callee, args] = stack.take(2) as [PyValue, PyValue];
        d.call('NEWOBJ', callee, args, null);
        break;
      }
      case 0x92: {
        // NEWOBJ_EX
        const [callee, args, kwargs] = stack.take(3) as [PyValue, PyValue, PyValue];
        d.call('NEWOBJ_EX', callee, args, kwargs);
        break;
      }
      case 0x69: {
        // INST
        const module = nameText(w.line(PICKLE_VALUE_KEPT));
        const second = nameText(w.line(PICKLE_VALUE_KEPT));
        const args = stack.takeMarked();
        d.call('INST', d.importName(module, second, d.at), args, null);
        break;
      }
      case 0x6f: {
        // OBJ
        const [callee, ...args] = stack.takeMarked();
        if (callee === undefined) broken('OBJ without a class');
        d.call('OBJ', callee!, args, null);
        break;
      }
      case 0x62: // BUILD
        d.build(stack.pop());
        break;
      case 0x50: // PERSID
        d.persistent(nameText(w.line(PICKLE_VALUE_KEPT)));
        break;
      case 0x51: // BINPERSID
        d.persistent(stack.pop());
        break;

      default:
        broken(`unknown opcode 0x${opcode.toString(16).padStart(2, '0')}`);
    }
    this.#opcodes += 1;
    if (this.#frameEnd >= 0 && w.position >= this.#frameEnd) this.#leaveFrame(w.position);
    if (this.#opcodes % 4096 === 0) d.checkMemory();
    return false;
  }

  // ---- protocol and frames

  #setProtocol(protocol: number): void {
    if (protocol > 5) this.#description.note('bad-protocol', 'danger', { protocol });
    this.#protocol = Math.max(this.#protocol, protocol);
  }

  #enterFrame(w: PickleWindow, length: bigint): void {
    // A frame must end before the pickle does, and one must end before the next begins.
    const inside = this.#frameEnd > w.position;
    if (inside || length > BigInt(w.end - w.position)) {
      this.#description.note('bad-frame', 'caution', {
        length: length.toString(),
        available: w.end - w.position,
        inside,
      });
    }
    this.#frameEnd = length > BigInt(w.end - w.position) ? -1 : w.position + Number(length);
  }

  #leaveFrame(position: number): void {
    if (position > this.#frameEnd) this.#description.note('bad-frame', 'caution', { end: this.#frameEnd, position });
    this.#frameEnd = -1;
  }
}

function index(line: Uint8Array): number {
  return parseIndex(line) ?? broken('a memo place that is no number');
}
