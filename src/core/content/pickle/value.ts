import type { Verdict } from './classify.ts';

/**
 * What a pickle stream describes, as inert records. Nothing is imported, called or built: a call is a node that names
 * its callee and arguments.
 *
 * Plain values are JavaScript's own: null, booleans, numbers (int and float), bigint, strings (`str`, and Python 2 `str`
 * that is ASCII).
 */
export type PyValue = null | boolean | number | bigint | string | PyNode;

export type PyNode =
  PyBytes | PyText | PyNumber | PyList | PyTuple | PyDict | PySet | PyGlobal | PyCall | PyPersistent | PyOpaque;

/** `str8`: a Python 2 `str` that is not ASCII, so text or data. */
export interface PyBytes {
  readonly kind: 'bytes';
  readonly type: 'bytes' | 'bytearray' | 'str8';
  /** Where the content starts in the stream's file, or -1 when it was written with escapes. */
  readonly offset: number;
  readonly length: number;
  /** Held only up to PICKLE_VALUE_KEPT. */
  readonly data: Uint8Array | null;
}

/** Text too long to hold: UTF-8 at `offset`, `length` bytes. */
export interface PyText {
  readonly kind: 'text';
  readonly offset: number;
  readonly length: number;
}

/** An integer too long to hold. */
export interface PyNumber {
  readonly kind: 'number';
  readonly digits: number;
}

/** What `graph.ts` leaves on a container while and after it walked it. 0: not yet. */
interface Walked {
  weight: number;
}

export interface PyList extends Walked {
  readonly kind: 'list';
  readonly items: PyValue[];
}

export interface PyTuple extends Walked {
  readonly kind: 'tuple';
  readonly items: readonly PyValue[];
}

/** `items`: key, value, key, value … in the order of assignment; a key may repeat, the last value counts. */
export interface PyDict extends Walked {
  readonly kind: 'dict';
  readonly items: PyValue[];
}

export interface PySet extends Walked {
  readonly kind: 'set';
  readonly frozen: boolean;
  readonly items: PyValue[];
}

/** An imported name. */
export interface PyGlobal {
  readonly kind: 'global';
  readonly module: string;
  readonly name: string;
  /** Opcode offset. */
  readonly offset: number;
  /** Shared by all imports of the name in one stream. */
  readonly use: ImportUse;
}

/** How a stream uses one name. */
export interface ImportUse {
  readonly module: string;
  readonly name: string;
  readonly verdict: Verdict;
  /** Opcode offset of the first import. */
  readonly offset: number;
  count: number;
  called: boolean;
}

/** REDUCE, NEWOBJ, NEWOBJ_EX, INST or OBJ, and what was put into its result afterwards. */
export interface PyCall extends Walked {
  readonly kind: 'call';
  readonly op: 'REDUCE' | 'NEWOBJ' | 'NEWOBJ_EX' | 'INST' | 'OBJ';
  readonly callee: PyValue;
  readonly args: readonly PyValue[];
  readonly kwargs: PyValue;
  /** Opcode offset. */
  readonly offset: number;
  /** By BUILD: usually the attributes. `undefined`: never built. */
  state: PyValue | undefined;
  /** By APPEND, APPENDS, ADDITEMS. */
  appended: PyValue[] | null;
  /** By SETITEM, SETITEMS: key, value, key, value … */
  assigned: PyValue[] | null;
}

/** A reference that the loader resolves: tensor data in PyTorch. */
export interface PyPersistent extends Walked {
  readonly kind: 'persistent';
  readonly id: PyValue;
  readonly offset: number;
}

/** A value that was dropped to save memory, or that only an out-of-band buffer would give. */
export interface PyOpaque {
  readonly kind: 'opaque';
  readonly why: 'dropped' | 'buffer';
}

export type PyContainer = PyList | PyTuple | PyDict | PySet | PyCall | PyPersistent;

export function isNode(value: PyValue | undefined): value is PyNode {
  return typeof value === 'object' && value !== null;
}

export function isGlobal(value: PyValue | undefined, module?: string, name?: string): value is PyGlobal {
  return (
    isNode(value) &&
    value.kind === 'global' &&
    (module === undefined || value.module === module) &&
    (name === undefined || value.name === name)
  );
}

/** A call of exactly this name, or of any name. */
export function isCall(value: PyValue | undefined, name?: string): value is PyCall {
  return (
    isNode(value) &&
    value.kind === 'call' &&
    (name === undefined || (isGlobal(value.callee) && value.callee.name === name))
  );
}

/** Text of a value that stands for text: `str`, or Python 2 `str` in UTF-8 or latin-1; null for anything else. */
export function asText(value: PyValue | undefined): string | null {
  if (typeof value === 'string') return value;
  if (!isNode(value) || value.kind !== 'bytes' || value.type !== 'str8' || value.data === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value.data);
  } catch {
    return latin1(value.data);
  }
}

/** One character per byte. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** Items of a list or tuple; null for anything else. */
export function asItems(value: PyValue | undefined): readonly PyValue[] | null {
  return isNode(value) && (value.kind === 'tuple' || value.kind === 'list') ? value.items : null;
}

/** A key as Python's `str()` would show it; null where that is not a plain thing. */
export function keyText(value: PyValue): string | null {
  const text = asText(value);
  if (text !== null) return text;
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const items = asItems(value);
  if (items !== null && items.length <= 8) {
    const parts = items.map((item) => (typeof item === 'string' ? `'${item}'` : isNode(item) ? null : keyText(item)));
    if (!parts.includes(null)) return `(${parts.join(', ')}${parts.length === 1 ? ',' : ''})`;
  }
  return null;
}
