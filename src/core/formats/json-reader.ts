import { AppError, type ErrorCode, type ErrorDetail } from '../errors.ts';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from '../limits.ts';

/** An integer beyond 2^53 - 1 in size, `-0`, or a number written with a point or exponent: never silently a number. */
export class JsonNumber {
  readonly integer: boolean;
  readonly negative: boolean;
  /** As written, cut when very long. */
  readonly text: string;

  constructor(integer: boolean, negative: boolean, text: string) {
    this.integer = integer;
    this.negative = negative;
    this.text = text;
  }
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'literal';
/** Objects are maps: `__proto__` is a key like any other. A plain `number` is always an exact integer. */
export type JsonValue = null | boolean | string | number | JsonNumber | readonly JsonValue[] | JsonObject;
export type JsonObject = ReadonlyMap<string, JsonValue>;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** Strings up to this length are looked up before they are decoded: keys and type names repeat in every entry. */
const SHORT = 16;
const NUMBER_SHOWN = 40;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Reads JSON (RFC 8259) from bytes, value after value, without building what is not asked for.
 *
 * Stricter than JSON.parse where readers of model files disagree: UTF-8 and escaped surrogates must be well-formed
 * (FORMAT_UTF8), integers are told from `4.0` and `1.6e1`, nothing is rounded, keys that repeat are refused
 * (FORMAT_DUPLICATE_KEY, by `value`), nesting is capped (FORMAT_DEPTH). Everything else that is not JSON is FORMAT_JSON.
 * Errors carry the byte offset in the file. Reads 100 MB of safetensors header in about a second.
 */
export class JsonReader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #maxValues: number;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #short: (string | undefined)[] = Array.from({ length: 256 });
  #at = 0;
  #depth = 0;
  #values = 0;

  /**
   * @param base offset of the first byte in its file, for error details
   * @param maxValues how many values `value` may build over the reader's life
   */
  constructor(bytes: Uint8Array, base = 0, maxValues = JSON_VALUES_MAX) {
    this.#bytes = bytes;
    this.#base = base;
    this.#maxValues = maxValues;
  }

  /** Values that `value` has built so far. */
  get built(): number {
    return this.#values;
  }

  /** Offset in the file of the next byte that is not white space. */
  get offset(): number {
    this.#space();
    return this.#base + this.#at;
  }

  /** What comes next. @throws AppError FORMAT_JSON when nothing that could be a value does */
  kind(): JsonKind {
    this.#space();
    const byte = this.#bytes[this.#at];
    if (byte === OPEN_OBJECT) return 'object';
    if (byte === OPEN_ARRAY) return 'array';
    if (byte === QUOTE) return 'string';
    if (byte === MINUS || isDigit(byte)) return 'number';
    if (byte === 0x74 || byte === 0x66 || byte === 0x6e) return 'literal';
    return this.#bad();
  }

  /** Calls `member` with each key and the offset of the key; it must consume the value. */
  object(member: (key: string, offset: number) => void): void {
    this.#enter(OPEN_OBJECT);
    if (this.#skipIf(CLOSE_OBJECT)) return this.#leave();
    do {
      this.#space();
      const offset = this.#base + this.#at;
      const key = this.string();
      this.#expect(COLON);
      member(key, offset);
    } while (this.#skipIf(COMMA));
    this.#expect(CLOSE_OBJECT);
    this.#leave();
  }

  /** Calls `element` before each element; it must consume it. */
  array(element: (index: number) => void): void {
    this.#enter(OPEN_ARRAY);
    if (this.#skipIf(CLOSE_ARRAY)) return this.#leave();
    let index = 0;
    do element(index++);
    while (this.#skipIf(COMMA));
    this.#expect(CLOSE_ARRAY);
    this.#leave();
  }

  string(): string {
    this.#space();
    const start = this.#at;
    const flags = this.#scanString();
    return this.#decode(start, this.#at, flags);
  }

  number(): number | JsonNumber {
    this.#space();
    const bytes = this.#bytes;
    const start = this.#at;
    const negative = bytes[start] === MINUS;
    if (negative) this.#at++;
    const digits = this.#at;
    let value = 0;
    let exact = true;
    for (let byte = bytes[this.#at]; isDigit(byte); byte = bytes[++this.#at]) {
      value = value * 10 + (byte - ZERO);
      // Once above, never exact again: a rounded product must not come back into range.
      if (value > Number.MAX_SAFE_INTEGER) exact = false;
    }
    const count = this.#at - digits;
    if (count === 0 || (count > 1 && bytes[digits] === ZERO)) return this.#bad();
    const integer = !this.#fraction();
    if (integer && exact && !(negative && value === 0)) return negative ? -value : value;
    const text = this.#utf8.decode(bytes.subarray(start, Math.min(this.#at, start + NUMBER_SHOWN)));
    // serde_json takes `-0` for a float, so the reference readers refuse it where an integer belongs.
    return new JsonNumber(integer && !(negative && value === 0), negative, text);
  }

  literal(): boolean | null {
    this.#space();
    if (this.#word('true')) return true;
    if (this.#word('false')) return false;
    if (this.#word('null')) return null;
    return this.#bad();
  }

  /**
   * The next value as a tree.
   *
   * @throws AppError FORMAT_DUPLICATE_KEY {key, offset}; FORMAT_TOO_LARGE
   */
  value(): JsonValue {
    this.#values++;
    if (this.#values > this.#maxValues) throw this.error('FORMAT_TOO_LARGE', { what: 'JSON', max: this.#maxValues });
    switch (this.kind()) {
      case 'object': {
        const object = new Map<string, JsonValue>();
        this.object((key, offset) => {
          if (object.has(key)) throw new AppError('FORMAT_DUPLICATE_KEY', { key: key.slice(0, 200), offset });
          object.set(key, this.value());
        });
        return object;
      }
      case 'array': {
        const array: JsonValue[] = [];
        this.array(() => array.push(this.value()));
        return array;
      }
      case 'string':
        return this.string();
      case 'number':
        return this.number();
      case 'literal':
        return this.literal();
    }
  }

  /** Checks the next value, whatever it is, and drops it. Keeps nothing, does not recurse, does not compare keys. */
  skip(): void {
    const closers: number[] = [];
    for (;;) {
      const kind = this.kind();
      if (kind === 'object' || kind === 'array') {
        const closer = kind === 'object' ? CLOSE_OBJECT : CLOSE_ARRAY;
        this.#enter(this.#bytes[this.#at]!);
        if (this.#skipIf(closer)) this.#leave();
        else {
          closers.push(closer);
          if (closer === CLOSE_OBJECT) this.#skipKey();
          continue;
        }
      } else if (kind === 'string') this.string();
      else if (kind === 'number') this.number();
      else this.literal();
      while (closers.length > 0) {
        const closer = closers.at(-1)!;
        if (this.#skipIf(COMMA)) {
          if (closer === CLOSE_OBJECT) this.#skipKey();
          break;
        }
        this.#expect(closer);
        closers.pop();
        this.#leave();
      }
      if (closers.length === 0) return;
    }
  }

  /** Only white space may follow. */
  end(): void {
    this.#space();
    if (this.#at < this.#bytes.length) this.#bad();
  }

  /** An error at the present place. */
  error(code: ErrorCode, detail: ErrorDetail = {}): AppError {
    return new AppError(code, { ...detail, offset: this.#base + this.#at });
  }

  #bad(): never {
    throw this.error('FORMAT_JSON', this.#at >= this.#bytes.length ? { why: 'ends too early' } : {});
  }

  #space(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[++at]);
    this.#at = at;
  }

  #skipIf(byte: number): boolean {
    this.#space();
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #expect(byte: number): void {
    if (!this.#skipIf(byte)) this.#bad();
  }

  #enter(opener: number): void {
    this.#expect(opener);
    this.#depth++;
    if (this.#depth > JSON_DEPTH_MAX) throw this.error('FORMAT_DEPTH', { max: JSON_DEPTH_MAX });
  }

  #leave(): void {
    this.#depth--;
  }

  #skipKey(): void {
    this.string();
    this.#expect(COLON);
  }

  #word(word: string): boolean {
    for (let i = 0; i < word.length; i++) if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    this.#at += word.length;
    return true;
  }

  /** A fraction or exponent, if there is one. */
  #fraction(): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    if (bytes[this.#at] === 0x2e) {
      this.#at++;
      this.#digits();
    }
    if (bytes[this.#at] === 0x65 || bytes[this.#at] === 0x45) {
      this.#at++;
      if (bytes[this.#at] === 0x2b || bytes[this.#at] === MINUS) this.#at++;
      this.#digits();
    }
    return this.#at > start;
  }

  #digits(): void {
    if (!isDigit(this.#bytes[this.#at])) this.#bad();
    while (isDigit(this.#bytes[this.#at])) this.#at++;
  }

  /** Moves behind the closing quote. 1: has escapes, 2: has bytes outside ASCII. */
  #scanString(): number {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== QUOTE) this.#bad();
    let flags = 0;
    let at = this.#at + 1;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return flags;
      }
      if (byte === BACKSLASH) {
        flags |= 1;
        at++;
      } else if (byte >= 0x80) flags |= 2;
      else if (byte < 0x20) break;
    }
    this.#at = Math.min(at, bytes.length);
    return this.#bad();
  }

  /** @param start, end the string with its quotes */
  #decode(start: number, end: number, flags: number): string {
    if (flags === 0 && end - start - 2 <= SHORT) return this.#decodeShort(start + 1, end - 1);
    if ((flags & 1) === 0) return this.#decodeUtf8(start + 1, end - 1);
    const quoted = this.#decodeUtf8(start, end);
    let text: unknown;
    try {
      text = JSON.parse(quoted);
    } catch {
      this.#at = start;
      return this.#bad();
    }
    // JSON.parse accepts \ud800 alone, which no UTF-8 can hold.
    if (LONE_SURROGATE.test(text as string)) throw new AppError('FORMAT_UTF8', { offset: this.#base + start });
    return text as string;
  }

  #decodeUtf8(start: number, end: number): string {
    try {
      return this.#utf8.decode(this.#bytes.subarray(start, end));
    } catch {
      throw new AppError('FORMAT_UTF8', { offset: this.#base + start });
    }
  }

  #decodeShort(start: number, end: number): string {
    const bytes = this.#bytes;
    const length = end - start;
    if (length === 0) return '';
    const slot = (length * 31 + bytes[start]! * 7 + bytes[end - 1]!) & 255;
    const known = this.#short[slot];
    if (known?.length === length) {
      let i = 0;
      while (i < length && known.charCodeAt(i) === bytes[start + i]) i++;
      if (i === length) return known;
    }
    const text = this.#utf8.decode(bytes.subarray(start, end));
    this.#short[slot] = text;
    return text;
  }
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
