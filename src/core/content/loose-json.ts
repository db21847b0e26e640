/**
 * JSON as Python's `json` reads it, which is what loads configuration files: NaN and Infinity are numbers, keys may
 * repeat. Everything is kept, repeated keys too, so that nothing hides behind the one a reader picks; what is out of the
 * ordinary is counted.
 */
import { AppError } from '../errors.ts';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from '../limits.ts';

export type Loose = null | boolean | string | LooseNumber | LooseArray | LooseObject;

export interface LooseNumber {
  readonly kind: 'number';
  readonly value: number;
  /** As written, cut. */
  readonly text: string;
}

export interface LooseArray {
  readonly kind: 'array';
  readonly items: readonly Loose[];
}

export interface LooseObject {
  readonly kind: 'object';
  /** In the order of the file; keys may repeat. */
  readonly members: readonly (readonly [string, Loose])[];
}

/** What strict readers refuse, or read otherwise. */
export interface LooseNotes {
  bom: boolean;
  /** NaN, Infinity, -Infinity. */
  notFinite: number;
  /** Numbers that a double cannot hold exactly or at all. */
  inexact: number;
  readonly duplicates: string[];
  /** Keys that change every object in a careless JavaScript program. */
  readonly prototype: string[];
}

export interface LooseDocument {
  readonly root: Loose;
  readonly notes: LooseNotes;
}

const KEPT = 32;
const NOTHING: ReadonlySet<string> = new Set();
const EMPTY: LooseArray = { kind: 'array', items: [] };
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|-?Infinity|NaN/.source;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f]/;

/** Keys whose values are read and held to the rules, and not kept: they come back as empty lists. */
export interface LooseOptions {
  readonly dropped?: ReadonlySet<string>;
}

/**
 * @throws AppError FORMAT_UTF8, FORMAT_JSON, FORMAT_DEPTH, FORMAT_TOO_LARGE. Offsets in details count UTF-16 units.
 */
export function parseLooseJson(bytes: Uint8Array, options: LooseOptions = {}): LooseDocument {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('FORMAT_UTF8', { what: 'JSON' }, cause);
  }
  return parseLooseText(text, options);
}

export function parseLooseText(text: string, { dropped = NOTHING }: LooseOptions = {}): LooseDocument {
  const reader = new LooseReader(text, dropped);
  const root = reader.document();
  return { root, notes: reader.notes };
}

class LooseReader {
  readonly notes: LooseNotes = { bom: false, notFinite: 0, inexact: 0, duplicates: [], prototype: [] };
  readonly #text: string;
  /** Sticky; `lastIndex` is set before each use. */
  readonly #digits = new RegExp(NUMBER, 'y');
  readonly #dropped: ReadonlySet<string>;
  #at = 0;
  #values = 0;
  /** Inside values that are not kept. */
  #dropping = 0;

  constructor(text: string, dropped: ReadonlySet<string>) {
    this.#text = text;
    this.#dropped = dropped;
  }

  document(): Loose {
    if (this.#text.startsWith('\ufeff')) {
      this.notes.bom = true;
      this.#at = 1;
    }
    const root = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#bad();
    return root;
  }

  #value(depth: number): Loose {
    this.#values += 1;
    if (this.#values > JSON_VALUES_MAX) throw new AppError('FORMAT_TOO_LARGE', { what: 'JSON', max: JSON_VALUES_MAX });
    if (depth > JSON_DEPTH_MAX) throw new AppError('FORMAT_DEPTH', { offset: this.#at, max: JSON_DEPTH_MAX });
    this.#space();
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#object(depth);
      case 0x5b:
        return this.#array(depth);
      case 0x22:
        return this.#string();
      default:
        if (this.#word('true')) return true;
        if (this.#word('false')) return false;
        return this.#word('null') ? null : this.#number();
    }
  }

  #object(depth: number): LooseObject {
    const members: [string, Loose][] = [];
    const keys = new Set<string>();
    this.#at += 1;
    this.#space();
    if (!this.#skip('}')) {
      do {
        this.#space();
        if (this.#text.charCodeAt(this.#at) !== 0x22) this.#bad();
        const key = this.#string();
        if (keys.has(key)) keep(this.notes.duplicates, key);
        else keys.add(key);
        if (key === '__proto__' || key === 'constructor' || key === 'prototype') keep(this.notes.prototype, key);
        this.#space();
        if (!this.#skip(':')) this.#bad();
        const value = this.#dropped.has(key) ? this.#drop(depth + 1) : this.#value(depth + 1);
        if (this.#dropping === 0) members.push([key, value]);
        this.#space();
      } while (this.#skip(','));
      if (!this.#skip('}')) this.#bad();
    }
    return { kind: 'object', members };
  }

  #drop(depth: number): LooseArray {
    this.#dropping += 1;
    this.#value(depth);
    this.#dropping -= 1;
    return EMPTY;
  }

  #array(depth: number): LooseArray {
    const items: Loose[] = [];
    this.#at += 1;
    this.#space();
    if (!this.#skip(']')) {
      do {
        const item = this.#value(depth + 1);
        if (this.#dropping === 0) items.push(item);
        this.#space();
      } while (this.#skip(','));
      if (!this.#skip(']')) this.#bad();
    }
    return { kind: 'array', items };
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    // A pattern for the whole string would recurse once per character.
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) {
        this.#at = this.#text.length;
        this.#bad();
      }
    } while (this.#backslashes(start, end) % 2 === 1);
    const text = this.#text.slice(start + 1, end);
    this.#at = end + 1;
    if (CONTROL.test(text)) this.#bad();
    return text.includes('\\') ? this.#unescape(start, end + 1) : text;
  }

  /** How many stand right before a quote: an odd number makes it part of the text. */
  #backslashes(start: number, quote: number): number {
    let count = 0;
    while (quote - 1 - count > start && this.#text.charCodeAt(quote - 1 - count) === 0x5c) count += 1;
    return count;
  }

  #unescape(start: number, end: number): string {
    try {
      return JSON.parse(this.#text.slice(start, end)) as string;
    } catch {
      return this.#bad();
    }
  }

  #number(): LooseNumber {
    this.#digits.lastIndex = this.#at;
    const text = this.#digits.exec(this.#text)?.[0];
    if (text === undefined) return this.#bad();
    this.#at += text.length;
    if (/[IN]/.test(text)) {
      this.notes.notFinite += 1;
      return {
        kind: 'number',
        value: text.includes('N') ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity,
        text,
      };
    }
    const value = Number(text);
    const whole = !/[.eE]/.test(text);
    if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value))) this.notes.inexact += 1;
    return { kind: 'number', value, text: text.slice(0, 40) };
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #space(): void {
    for (
      let code = this.#text.charCodeAt(this.#at);
      code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
    ) {
      this.#at += 1;
      code = this.#text.charCodeAt(this.#at);
    }
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #bad(): never {
    const early = this.#at >= this.#text.length ? { why: 'ends too early' } : {};
    throw new AppError('FORMAT_JSON', { offset: this.#at, ...early });
  }
}

function keep(list: string[], key: string): void {
  if (list.length < KEPT) list.push(key.slice(0, 200));
}

export function isObject(value: Loose | undefined): value is LooseObject {
  return typeof value === 'object' && value !== null && value.kind === 'object';
}

export function isArray(value: Loose | undefined): value is LooseArray {
  return typeof value === 'object' && value !== null && value.kind === 'array';
}

export function isNumber(value: Loose | undefined): value is LooseNumber {
  return typeof value === 'object' && value !== null && value.kind === 'number';
}

/** Every value under a key: more than one when the key repeats. */
export function valuesOf(object: Loose | undefined, key: string): Loose[] {
  return isObject(object) ? object.members.filter(([name]) => name === key).map(([, value]) => value) : [];
}

/** The value a Python program gets: the last one. */
export function valueOf(object: Loose | undefined, key: string): Loose | undefined {
  return valuesOf(object, key).at(-1);
}

export function textOf(value: Loose | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
