import { AppError, type ErrorDetail } from '../../errors.ts';
import { PICKLE_DESCRIPTION_MAX, PICKLE_IMPORTS_MAX, PICKLE_MEMORY_MAX } from '../../limits.ts';
import type { FindingCode, Severity } from '../finding.ts';
import { classify, type ClassifyOptions, type Verdict } from './classify.ts';
import { lookIntoCall } from './calls.ts';
import { Memo } from './memo.ts';
import { addItems, appendItems, assignItems, buildState } from './mutate.ts';
import { PickleStack } from './stack.ts';
import type { Embedded, PickleNote } from './stream.ts';
import { asText, isNode, type ImportUse, type PyCall, type PyGlobal, type PyValue } from './value.ts';

const DROPPED: PyValue = { kind: 'opaque', why: 'dropped' };
/** Notes of one code that are kept of one stream; one hostile byte each could otherwise fill the memory. */
const NOTES_KEPT = 50;
const EMBEDDED_KEPT = 256;
/** The first slot far enough out to be odd whatever the position. */
const MEMO_FAR = 1_000_000;

/**
 * What one stream has described so far: stack, memo, imports, and what was noticed. Every method does what one kind of
 * opcode does, and throws FORMAT_PICKLE where Python's reader would raise.
 *
 * Memory is estimated as it grows. Above PICKLE_DESCRIPTION_MAX containers stay empty (`thin`), so that a large pickle
 * can still be followed to its end for what it imports and calls; above PICKLE_MEMORY_MAX reading stops.
 */
export class Describer {
  readonly stack = new PickleStack();
  readonly memo = new Memo();
  readonly notes: PickleNote[] = [];
  readonly embedded: Embedded[] = [];
  /** Offset of the opcode at hand. */
  at = 0;
  thin = false;
  persistentIds = 0;
  importsUnlisted = 0;
  readonly #options: ClassifyOptions;
  readonly #imports = new Map<string, ImportUse>();
  readonly #noteCounts = new Map<FindingCode, number>();
  /** Stand in for every container once none is kept: nothing is ever put into them. */
  readonly #hollow = {
    list: container('list', []),
    dict: container('dict', []),
    set: container('set', []),
    frozenset: container('frozenset', []),
  };
  #memory = 0;

  constructor(options: ClassifyOptions) {
    this.#options = options;
  }

  get imports(): ImportUse[] {
    return [...this.#imports.values()];
  }

  put(slot: number): void {
    if (slot > MEMO_FAR && slot > this.at) this.note('memo-index', 'danger', { index: slot });
    const value = this.stack.top();
    // What is thrown away elsewhere, the memo keeps.
    const kept = !this.thin
      ? 0
      : typeof value === 'string'
        ? 32 + value.length
        : isNode(value) && value.kind === 'call'
          ? 160
          : 0;
    this.#hold(24 + kept);
    this.memo.set(slot, value);
  }

  get(slot: number): void {
    this.stack.push(this.memo.get(slot) ?? this.#missing(slot));
  }

  /** `null` is a value: only a slot that holds nothing is missing. */
  #missing(slot: number): PyValue {
    if (this.memo.get(slot) === null) return null;
    return broken(`place ${slot} of the memo is empty`);
  }

  pushItems(kind: 'list' | 'tuple' | 'dict' | 'set' | 'frozenset', items: PyValue[]): void {
    if (this.thin) {
      this.stack.push(kind === 'tuple' ? DROPPED : this.#hollow[kind]);
      return;
    }
    this.spend(88 + items.length * 8);
    this.stack.push(container(kind, items));
  }

  append(values: readonly PyValue[]): void {
    this.spend(values.length * 8);
    appendItems(this.stack.top(), this.thin ? [] : values, this.#noteBound);
  }

  add(values: readonly PyValue[]): void {
    this.spend(values.length * 8);
    addItems(this.stack.top(), this.thin ? [] : values, this.#noteBound);
  }

  assign(pairs: readonly PyValue[]): void {
    if (pairs.length % 2 !== 0) broken('a key without a value');
    this.spend(pairs.length * 8);
    assignItems(this.stack.top(), pairs, !this.thin, this.#noteBound);
  }

  build(state: PyValue): void {
    buildState(this.stack.top(), this.thin ? DROPPED : state, this.#noteBound);
  }

  /** An import whose name is not in the stream. */
  #unnamed(module: '<computed>' | '<extension>', name: string): PyGlobal {
    return this.importName(module, name, this.at, { class: 'unknown', danger: null, odd: null });
  }

  importName(module: string, name: string, offset: number, given?: Verdict): PyGlobal {
    const key = `${module}\n${name}`;
    let use = this.#imports.get(key);
    if (use === undefined) {
      const verdict = given ?? classify(module, name, this.#options);
      use = { module, name, verdict, offset, count: 0, called: false };
      // However many harmless names come first, a dangerous one is still listed.
      const room = verdict.class === 'dangerous' ? 2 * PICKLE_IMPORTS_MAX : PICKLE_IMPORTS_MAX;
      if (this.#imports.size < room) this.#imports.set(key, use);
      else this.importsUnlisted += 1;
      this.#hold(200 + key.length * 2);
      if (verdict.odd !== null)
        this.note('odd-global-name', 'danger', { global: `${module} ${name}`.slice(0, 200), why: verdict.odd });
    }
    use.count += 1;
    this.spend(64);
    return { kind: 'global', module, name, offset, use };
  }

  stackGlobal(): void {
    const [module, name] = this.stack.take(2) as [PyValue, PyValue];
    const texts = [asText(module), asText(name)] as const;
    if (texts[0] !== null && texts[1] !== null) {
      this.stack.push(this.importName(texts[0], texts[1], this.at));
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
    this.note('computed-global', 'danger', {});
    this.stack.push(this.#unnamed('<computed>', texts[0] ?? texts[1] ?? ''));
  }

  extension(code: number): void {
    if (code <= 0) broken('extension code below 1');
    this.note('extension-code', 'danger', { extension: code });
    this.stack.push(this.#unnamed('<extension>', String(code)));
  }

  call(op: PyCall['op'], callee: PyValue, args: PyValue | readonly PyValue[], kwargs: PyValue): void {
    if (!callable(callee)) broken('a call of something that is no function');
    const given: readonly PyValue[] | null = Array.isArray(args)
      ? (args as readonly PyValue[])
      : tupleItems(args as PyValue);
    if (given === null) broken('a call without a tuple of arguments');
    this.spend(160);
    const call: PyCall = {
      kind: 'call',
      op,
      callee,
      args: given!,
      kwargs,
      offset: this.at,
      state: undefined,
      appended: null,
      assigned: null,
      weight: 0,
    };
    if (isNode(callee) && callee.kind === 'global') callee.use.called = true;
    else this.note('computed-call', 'danger', {});
    const seen = lookIntoCall(call, this.at);
    for (const note of seen.notes) this.note(note.code, note.severity, note.detail);
    for (const embedded of seen.embedded) this.embed(embedded);
    this.stack.push(this.thin ? { ...call, args: [], kwargs: null } : call);
  }

  persistent(id: PyValue): void {
    this.persistentIds += 1;
    this.spend(64);
    this.stack.push({ kind: 'persistent', id, offset: this.at, weight: 0 });
  }

  embed(embedded: Embedded | null): void {
    if (embedded === null) return;
    if (this.embedded.length < EMBEDDED_KEPT) this.embedded.push(embedded);
    else this.note('nested-pickle', 'caution', { followed: false });
  }

  note(code: FindingCode, severity: Severity, detail: ErrorDetail): void {
    const count = (this.#noteCounts.get(code) ?? 0) + 1;
    this.#noteCounts.set(code, count);
    if (count <= NOTES_KEPT) this.notes.push({ code, severity, offset: this.at, detail });
  }

  readonly #noteBound = (code: FindingCode, severity: Severity, detail: ErrorDetail): void => {
    this.note(code, severity, detail);
  };

  /** Counts what a value takes; nothing in thin mode, where it only passes by. @throws AppError FORMAT_TOO_LARGE */
  spend(bytes: number): void {
    if (!this.thin) this.#hold(bytes);
  }

  #hold(bytes: number): void {
    this.#memory += bytes;
    if (this.#memory > PICKLE_DESCRIPTION_MAX) this.thin = true;
    if (this.#memory > PICKLE_MEMORY_MAX) tooLarge();
  }

  /** Called now and then: values on the stack alone cost no description. @throws AppError FORMAT_TOO_LARGE */
  checkMemory(): void {
    if (this.stack.size * 8 + this.#memory > PICKLE_MEMORY_MAX) tooLarge();
  }
}

function container(kind: 'list' | 'tuple' | 'dict' | 'set' | 'frozenset', items: PyValue[]): PyValue {
  if (kind === 'set' || kind === 'frozenset') return { kind: 'set', frozen: kind === 'frozenset', items, weight: 0 };
  return { kind, items, weight: 0 };
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

/** Ends the stream where Python would. @throws AppError FORMAT_PICKLE */
export function broken(reason: string): never {
  throw new AppError('FORMAT_PICKLE', { reason });
}

function tooLarge(): never {
  throw new AppError('FORMAT_TOO_LARGE', { what: 'The description of a pickle', limit: PICKLE_MEMORY_MAX });
}
