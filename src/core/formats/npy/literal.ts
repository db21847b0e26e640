import { AppError } from '../../errors.ts';

/** A Python literal as NumPy writes it into headers. Tuples and lists are told apart, because a shape is a tuple. */
export type Literal =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'none' }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Literal[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Literal, Literal])[] };

/** Nesting of a header: a dictionary, a list of fields, sub-arrays. Real ones reach five. */
const DEPTH_MAX = 24;
/** Longer integers than this are no sizes. */
const DIGITS_MAX = 40;

/**
 * Reads one Python literal and nothing else: no names, no calls, no operators, which `eval` would run
 * (numpy.lib.format uses `ast.literal_eval`).
 *
 * @throws AppError FORMAT_HEADER; FORMAT_DEPTH
 */
export function parseLiteral(text: string): Literal {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Literal {
    if (depth > DEPTH_MAX) throw new AppError('FORMAT_DEPTH', { offset: this.#at, max: DEPTH_MAX });
    const char = this.#peek();
    if (char === '{') return this.#dict(depth);
    if (char === '[') return { kind: 'list', items: this.#items(']', depth).items };
    if (char === '(') {
      const { items, comma } = this.#items(')', depth);
      // `(x)` is x in brackets, `(x,)` a tuple.
      return items.length === 1 && !comma ? items[0]! : { kind: 'tuple', items };
    }
    if (char === "'" || char === '"') return this.#string();
    const word = /^(?:True|False|None)\b/.exec(this.#text.slice(this.#at, this.#at + 6))?.[0];
    if (word !== undefined) {
      this.#at += word.length;
      return word === 'None' ? { kind: 'none' } : { kind: 'bool', value: word === 'True' };
    }
    // `b'…'` and `u'…'` as Python 2 wrote them.
    if (/^[bu]['"]/.test(this.#text.slice(this.#at, this.#at + 2))) {
      this.#at += 1;
      return this.#string();
    }
    return this.#number();
  }

  end(): void {
    if (this.#peek() !== '') this.#fail('text after the header');
  }

  #peek(): string {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1;
    return this.#text.charAt(this.#at);
  }

  #items(close: string, depth: number): { items: Literal[]; comma: boolean } {
    this.#at += 1;
    const items: Literal[] = [];
    let comma = false;
    while (this.#peek() !== close) {
      if (items.length > 0 && !comma) this.#fail('no comma');
      items.push(this.value(depth + 1));
      comma = this.#peek() === ',';
      if (comma) this.#at += 1;
    }
    this.#at += 1;
    return { items, comma };
  }

  #dict(depth: number): Literal {
    this.#at += 1;
    const entries: [Literal, Literal][] = [];
    let comma = true;
    while (this.#peek() !== '}') {
      if (!comma) this.#fail('no comma');
      const key = this.value(depth + 1);
      if (this.#peek() !== ':') this.#fail('no colon');
      this.#at += 1;
      entries.push([key, this.value(depth + 1)]);
      comma = this.#peek() === ',';
      if (comma) this.#at += 1;
    }
    this.#at += 1;
    return { kind: 'dict', entries };
  }

  #string(): Literal {
    const quote = this.#text.charAt(this.#at);
    let text = '';
    for (this.#at += 1; ; this.#at += 1) {
      const char = this.#text.charAt(this.#at);
      if (char === quote) break;
      if (char === '' || char === '\n') this.#fail('text without end');
      text += char === '\\' ? this.#escape() : char;
    }
    this.#at += 1;
    return { kind: 'string', text };
  }

  #escape(): string {
    this.#at += 1;
    const char = this.#text.charAt(this.#at);
    const digits = { x: 2, u: 4, U: 8 }[char];
    if (digits !== undefined) {
      const hex = this.#text.slice(this.#at + 1, this.#at + 1 + digits);
      const code = /^[0-9a-f]+$/i.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : -1;
      if (code < 0 || code > 0x10ffff) this.#fail('escape');
      this.#at += digits;
      return String.fromCodePoint(code);
    }
    const plain = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' }[char];
    return plain ?? this.#fail('escape');
  }

  #number(): Literal {
    const match = /^[-+]?\d+(?:L|(\.\d*)?([eE][-+]?\d+)?)/.exec(this.#text.slice(this.#at, this.#at + 2 * DIGITS_MAX));
    if (match === null) this.#fail('not a literal');
    const [text, point, exponent] = match;
    if (text.length > DIGITS_MAX) this.#fail('number');
    this.#at += text.length;
    if (/[\w.]/.test(this.#text.charAt(this.#at))) this.#fail('number');
    if (point !== undefined || exponent !== undefined) return { kind: 'float' };
    return { kind: 'int', value: BigInt(text.replace(/^\+|L$/g, '')) };
  }

  #fail(why: string): never {
    throw new AppError('FORMAT_HEADER', { why, offset: this.#at });
  }
}
