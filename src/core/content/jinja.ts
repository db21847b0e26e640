/**
 * The expressions of a Jinja template, as tokens. Nothing is evaluated: this is for looking at what a template asks for.
 * Follows the lexical rules of Jinja 3.1 (`jinja2/lexer.py`) with the default delimiters, which all chat templates use.
 */
export type JinjaToken =
  | { readonly kind: 'name' | 'operator'; readonly text: string }
  /** `text` with its escapes resolved, as Python would. */
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string; readonly value: number };

export interface JinjaBlock {
  readonly kind: 'expression' | 'statement';
  readonly tokens: readonly JinjaToken[];
}

export interface JinjaTemplate {
  readonly blocks: readonly JinjaBlock[];
  /** What stands outside of `{{ }}`, `{% %}` and comments: copied to the output as it is. */
  readonly text: readonly string[];
}

const DELIMITERS = { '{{': '}}', '{%': '%}' } as const;
/** Longest first. */
const OPERATORS = ['**', '//', '==', '!=', '<=', '>='];
const TOKENS_MAX = 200_000;

/** Splits a template. Never throws: an unclosed block ends with the template. */
export function readJinja(template: string): JinjaTemplate {
  const blocks: JinjaBlock[] = [];
  const text: string[] = [];
  let budget = TOKENS_MAX;
  let at = 0;
  while (at < template.length && budget > 0) {
    const open = nextOpening(template, at);
    if (open < 0) {
      text.push(template.slice(at));
      break;
    }
    if (open > at) text.push(template.slice(at, open));
    const opening = template.slice(open, open + 2);
    if (opening === '{#') {
      const close = template.indexOf('#}', open + 2);
      at = close < 0 ? template.length : close + 2;
      continue;
    }
    const kind = opening === '{{' ? 'expression' : 'statement';
    const { tokens, end } = tokenise(template, open + 2, DELIMITERS[opening as '{{' | '{%'], budget);
    budget -= tokens.length + 1;
    blocks.push({ kind, tokens });
    at = end;
    if (isRaw(tokens)) {
      const close = /\{%[-+]?\s{0,100}endraw\s{0,100}[-+]?%\}/.exec(template.slice(at));
      const stop = close === null ? template.length : at + close.index;
      text.push(template.slice(at, stop));
      at = close === null ? stop : stop + close[0].length;
    }
  }
  return { blocks, text };
}

function nextOpening(template: string, from: number): number {
  for (let at = template.indexOf('{', from); at >= 0; at = template.indexOf('{', at + 1)) {
    const next = template[at + 1];
    if (next === '{' || next === '%' || next === '#') return at;
  }
  return -1;
}

function isRaw(tokens: readonly JinjaToken[]): boolean {
  return tokens.some((token, i) => i < 2 && token.kind === 'name' && token.text === 'raw');
}

function tokenise(
  template: string,
  start: number,
  closing: string,
  budget: number,
): { tokens: JinjaToken[]; end: number } {
  const tokens: JinjaToken[] = [];
  const name = /[\p{L}_][\p{L}\p{N}_]*/uy;
  const number = /(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
  let at = start;
  while (at < template.length && tokens.length < budget) {
    if (template.startsWith(closing, at)) return { tokens, end: at + 2 };
    const char = template[at]!;
    if (char === '"' || char === "'") {
      const end = stringEnd(template, at);
      tokens.push({ kind: 'string', text: unescapePython(template.slice(at + 1, end)) });
      at = end + 1;
      continue;
    }
    name.lastIndex = number.lastIndex = at;
    const word = name.exec(template)?.[0];
    const digits = word === undefined ? number.exec(template)?.[0] : undefined;
    if (word !== undefined) tokens.push({ kind: 'name', text: word });
    else if (digits !== undefined) {
      tokens.push({ kind: 'number', text: digits, value: Number(digits.replaceAll('_', '')) });
    } else if (!/\s/.test(char)) tokens.push({ kind: 'operator', text: operatorAt(template, at) });
    at += (word ?? digits ?? (/\s/.test(char) ? char : operatorAt(template, at))).length;
  }
  return { tokens, end: at };
}

function operatorAt(template: string, at: number): string {
  return OPERATORS.find((operator) => template.startsWith(operator, at)) ?? template[at]!;
}

/** Index of the closing quote. */
function stringEnd(template: string, open: number): number {
  const quote = template[open]!;
  for (let at = open + 1; at < template.length; at++) {
    if (template[at] === '\\') at++;
    else if (template[at] === quote) return at;
  }
  return template.length;
}

/** Python's string escapes, which is how `\x5f\x5fclass` gets past a search for underscores. */
export function unescapePython(text: string): string {
  if (!text.includes('\\')) return text;
  const escape = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|N\{([^}]{1,80})\}|([0-7]{1,3})|([\s\S]))/g;
  return text.replace(escape, (_, x?: string, u?: string, U?: string, N?: string, octal?: string, other?: string) => {
    const hex = x ?? u ?? U;
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16));
    if (octal !== undefined) return codePoint(Number.parseInt(octal, 8));
    if (N !== undefined) return /^low line$/i.test(N) ? '_' : `\\N{${N}}`;
    return { n: '\n', r: '\r', t: '\t', '\n': '' }[other ?? ''] ?? other ?? '';
  });
}

function codePoint(value: number): string {
  return value <= 0x10ffff ? String.fromCodePoint(value) : '\ufffd';
}
