/** A Jinja template as lines of coloured pieces, with what was found in it put at its line. Nothing is evaluated. */

export type PieceKind = 'text' | 'tag' | 'expression' | 'comment' | 'string' | 'keyword';

export interface Piece {
  readonly kind: PieceKind;
  readonly text: string;
}

/** Words with a meaning of their own in statements and expressions (Jinja 3.1, templates documentation). */
const KEYWORDS =
  /\b(?:and|as|block|break|call|continue|do|elif|else|endblock|endcall|endfilter|endfor|endif|endmacro|endraw|endset|endwith|extends|filter|for|from|generation|if|import|in|include|is|macro|not|or|raw|recursive|scoped|set|with|without)\b/;
/** What the inside of a tag is cut at: strings and keywords. A string may hold what looks like the end of the tag. */
const INSIDE = new RegExp(`'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"|${KEYWORDS.source}`, 'sy');
const CLOSES: Readonly<Record<string, string>> = { '{{': '}}', '{%': '%}', '{#': '#}' };
const KINDS: Readonly<Record<string, PieceKind>> = { '{{': 'expression', '{%': 'tag', '{#': 'comment' };

/** Lines of a template. An unclosed tag ends with the template, as in `content/jinja.ts`. */
export function templateLines(template: string): Piece[][] {
  const lines: Piece[][] = [[]];
  const add = (kind: PieceKind, text: string): void => {
    for (const [i, part] of text.split('\n').entries()) {
      if (i > 0) lines.push([]);
      if (part !== '') lines.at(-1)!.push({ kind, text: part });
    }
  };
  let at = 0;
  while (at < template.length) {
    const open = nextOpening(template, at);
    add('text', template.slice(at, open));
    if (open >= template.length) break;
    const opening = template.slice(open, open + 2);
    if (opening === '{#') {
      const close = template.indexOf('#}', open + 2);
      at = close < 0 ? template.length : close + 2;
      add('comment', template.slice(open, at));
    } else at = addTag(template, open, KINDS[opening]!, CLOSES[opening]!, add);
  }
  return lines;
}

function nextOpening(template: string, from: number): number {
  for (let at = template.indexOf('{', from); at >= 0; at = template.indexOf('{', at + 1)) {
    if (CLOSES[template.slice(at, at + 2)] !== undefined) return at;
  }
  return template.length;
}

/** One `{{ … }}` or `{% … %}`. @returns where it ends */
function addTag(
  template: string,
  start: number,
  kind: PieceKind,
  closing: string,
  add: (kind: PieceKind, text: string) => void,
): number {
  let begun = start;
  let at = start + 2;
  const end = (to: number): void => {
    if (to > begun) add(kind, template.slice(begun, to));
    begun = to;
  };
  while (at < template.length && !template.startsWith(closing, at)) {
    INSIDE.lastIndex = at;
    const found = INSIDE.exec(template)?.[0];
    if (found === undefined || (at > 0 && /\w/.test(template[at - 1]!) && /^\w/.test(found))) {
      at += 1;
      continue;
    }
    end(at);
    at += found.length;
    begun = at;
    add(/^['"]/.test(found) ? 'string' : 'keyword', found);
  }
  const close = Math.min(template.length, at + 2);
  end(close);
  return close;
}

export interface Remark {
  readonly code: string;
  readonly severity: 'danger' | 'caution' | 'note';
  /** The construct as `content/templates.ts` names it: `.__class__`, `|attr`, `{% include %}`, a piece of text. */
  readonly text: string;
}

/** Remarks by line (from zero); those whose construct is not spelled out anywhere stand under -1. */
export function placeRemarks(template: string, remarks: readonly Remark[]): Map<number, Remark[]> {
  const placed = new Map<number, Remark[]>();
  for (const remark of remarks) {
    const at = find(template, remark.text);
    const line = at < 0 ? -1 : countLines(template, at);
    const list = placed.get(line);
    if (list) list.push(remark);
    else placed.set(line, [remark]);
  }
  return placed;
}

/** Where a construct stands: as named, then with the spaces that Jinja allows inside it, then by its longest word. */
function find(template: string, construct: string): number {
  const exact = template.indexOf(construct);
  if (exact >= 0) return exact;
  const tag = /^\{% (\w{1,40}) %\}$/.exec(construct)?.[1];
  if (tag !== undefined) return search(template, new RegExp(`\\{%[-+]?\\s{0,99}${tag}\\b`));
  const dotted = /^([.|])(\w{1,80})$/.exec(construct);
  if (dotted) return search(template, new RegExp(`\\${dotted[1]!}\\s{0,99}${dotted[2]!}\\b`));
  const inner = /'([^']{1,200})'/.exec(construct)?.[1];
  if (inner !== undefined && template.includes(inner)) return template.indexOf(inner);
  const word = construct.match(/\w{4,}/g)?.sort((a, b) => b.length - a.length)[0];
  return word === undefined ? -1 : template.indexOf(word);
}

function search(template: string, pattern: RegExp): number {
  return template.search(pattern);
}

function countLines(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
