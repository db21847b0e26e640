import type { FindingCollector } from './collector.ts';
import type { Severity } from './finding.ts';
import { readJinja, type JinjaBlock, type JinjaTemplate, type JinjaToken } from './jinja.ts';
import { riskyText } from './text.ts';

/**
 * What a chat template asks for that a template has no business with. Templates run inside the program that loads a
 * model, mostly in Jinja's sandbox, sometimes not (CVE-2024-34359: llama-cpp-python); and what they print becomes part of
 * every prompt without anybody seeing it.
 */
export interface TemplateNote {
  readonly code: 'template-escape' | 'template-resource' | 'template-logic' | 'injection-text';
  readonly severity: Severity;
  /** The construct, for people. */
  readonly text: string;
}

/** Tags that load other templates: files, in an engine with a loader. */
const LOADING_TAGS: ReadonlySet<string> = new Set(['include', 'import', 'from', 'extends']);
/** Objects of web frameworks and of Python through which known escapes go; a chat template is given none of them. */
const FOREIGN_NAMES: ReadonlySet<string> = new Set([
  'builtins',
  'config',
  'eval',
  'exec',
  'get_flashed_messages',
  'getattr',
  'globals',
  'lipsum',
  'open',
  'request',
  'self',
  'setattr',
  'url_for',
]);
/** Filters that take the name of an attribute as text. */
const ATTRIBUTE_FILTERS: ReadonlySet<string> = new Set([
  'attr',
  'groupby',
  'map',
  'max',
  'min',
  'rejectattr',
  'selectattr',
  'sort',
  'sum',
  'unique',
]);
const PYTHON_INTERNALS =
  /__(?:\w*(?:class|mro|base|subclass|global|init|builtin|import|getattr|getitem|dict|code|func|self|module|reduce|closure|loader|call|doc|format|new|wrapped)\w*)__|func_globals|gi_frame|f_globals|f_builtins|_TemplateReference/i;
/** A loop, repetition or power from here on only costs time and memory: no conversation has that many parts. */
const LARGE = 1_000_000;
/** Sentences by which hidden text takes over: not "you may call functions", which honest templates say. */
const TAKEOVER =
  /\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,60}\b(?:previous|prior|above|earlier|all|any|other|preceding|system)\b[^.!?]{0,40}\b(?:instruction|prompt|rule|message|direction|guideline|context)s?\b|\b(?:reply|respond|answer)\s+only\s+with\b|\b(?:do\s+not|don['’]t|never)\s+(?:tell|inform|mention|reveal|disclose|alert|warn)\b[^.!?]{0,40}\b(?:user|human|anyone|this)\b|\bwithout\s+(?:telling|informing)\b/i;
/** What honest templates look for in a message: markup of the format itself. */
const MARKUP = /[<>[\]{}|#*`\n]|^\W*$|^\/?(?:think|no_?think|tool|json|image|video|audio|text)\b/i;
const TEMPLATE_MAX = 1024 * 1024;
const NOTES_MAX = 100;

/** Adds what was found to the findings. @param key where the template stands, for the words */
export function noteTemplate(template: string, key: string, findings: FindingCollector): void {
  for (const { code, severity, text } of templateNotes(template)) {
    findings.add(code, severity, { key, text: text.slice(0, 200) });
  }
}

/** Everything odd in one template, each construct once. */
export function templateNotes(template: string): TemplateNote[] {
  const notes = new Map<string, TemplateNote>();
  const note = (code: TemplateNote['code'], text: string, severity: Severity = 'caution'): void => {
    if (notes.size < NOTES_MAX) notes.set(`${code} ${text}`, { code, severity, text });
  };
  if (template.length > TEMPLATE_MAX) note('template-resource', `${template.length} characters`);
  const parsed = readJinja(template.slice(0, TEMPLATE_MAX));
  const assigned = assignedNames(parsed);
  for (const block of parsed.blocks) {
    findEscapes(block, assigned, (text) => note('template-escape', text, 'danger'));
    findCosts(block, (text) => note('template-resource', text));
  }
  findEndless(parsed, (text) => note('template-resource', text));
  findLogic(parsed, (text, severity) => note('template-logic', text, severity));
  for (const text of parsed.text) {
    for (const kind of riskyText(text)) if (kind !== 'template' && kind !== 'path') note('injection-text', kind);
  }
  return [...notes.values()];
}

function findEscapes({ kind, tokens }: JinjaBlock, assigned: ReadonlySet<string>, note: (text: string) => void): void {
  const tag = kind === 'statement' ? firstName(tokens) : undefined;
  if (tag !== undefined && LOADING_TAGS.has(tag)) note(`{% ${tag} %}`);
  for (const [i, token] of tokens.entries()) {
    const before = textAt(tokens, i - 1);
    if (token.kind === 'name') {
      // Jinja's sandbox refuses attributes that begin with an underscore; engines without one do not.
      if (before === '.' && token.text.startsWith('_')) note(`.${token.text}`);
      if (before === '|' && token.text === 'attr') note('|attr');
      if (before === '|' && ATTRIBUTE_FILTERS.has(token.text)) {
        for (const name of stringsUntilClose(tokens, i + 1))
          if (/(?:^|\.)_/.test(name)) note(`|${token.text}('${name}')`);
      }
      if (before !== '.' && before !== '|' && isForeign(tokens, i, assigned)) note(token.text);
    }
    if (token.kind === 'operator' && token.text === '[') {
      const name = stringsUntilClose(tokens, i).join('');
      if (name.startsWith('_') || name.includes('__')) note(`['${name}']`);
    }
    if (token.kind === 'string' && /\{[^{}]*[.[]_/.test(token.text)) note(`'${token.text}'`);
    // '%c' % 95 is an underscore; strftime has a %c of its own.
    if (token.kind === 'string' && token.text.includes('%c') && !textAt(tokens, i - 2)?.startsWith('strftime')) {
      note(`'${token.text}'`);
    }
  }
  findSpelled(tokens, note);
}

/** Names of Python's internals, spelled out or put together from pieces, forwards or backwards. */
function findSpelled(tokens: readonly JinjaToken[], note: (text: string) => void): void {
  const strings = tokens.flatMap((token) => (token.kind === 'string' ? [token.text] : []));
  const joined = strings.join('');
  for (const text of [joined, [...joined].toReversed().join('')]) {
    const found = PYTHON_INTERNALS.exec(text)?.[0];
    if (found !== undefined) note(found);
  }
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'name' && textAt(tokens, i - 1) !== '.' && /^__\w+__$/.test(token.text)) note(token.text);
  }
}

function isForeign(tokens: readonly JinjaToken[], i: number, assigned: ReadonlySet<string>): boolean {
  const name = textAt(tokens, i)!;
  if (!FOREIGN_NAMES.has(name) || assigned.has(name)) return false;
  // A keyword argument of that name, `f(config=…)`, is no use of the object.
  return textAt(tokens, i + 1) !== '=';
}

function findCosts({ tokens }: JinjaBlock, note: (text: string) => void): void {
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'operator' && token.text === '**') note('**');
    if (token.kind === 'number' && token.value >= LARGE) note(token.text);
    if (token.kind === 'name' && token.text === 'range' && product(tokens, i + 1) >= LARGE) note('range');
    if (token.kind === 'name' && token.text === 'recursive' && textAt(tokens, i - 1) !== '.') note('recursive loop');
    // '%099999999d' and '{:99999999}' write megabytes of filling.
    if (token.kind === 'string' && /[%:]\D?0?\d{6,}/.test(token.text)) note(`'${token.text}'`);
  }
}

/** Numbers multiplied within the parentheses that follow. */
function product(tokens: readonly JinjaToken[], from: number): number {
  let result = 1;
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.text === '(' && token.kind === 'operator') depth++;
    if (token.text === ')' && token.kind === 'operator' && --depth <= 0) break;
    if (token.kind === 'number') result *= Math.max(1, token.value);
  }
  return result;
}

/** Loops within loops, and macros that call themselves whatever the condition. */
function findEndless({ blocks }: JinjaTemplate, note: (text: string) => void): void {
  /** Open blocks, with the turns of all loops around and including each. */
  const open: { tag: string; turns: number; macro?: string }[] = [];
  for (const { kind, tokens } of blocks) {
    const tag = kind === 'statement' ? firstName(tokens) : undefined;
    if (tag?.startsWith('end')) {
      const at = open.findLastIndex((block) => tag === `end${block.tag}`);
      if (at >= 0) open.length = at;
    }
    const within = open.at(-1);
    // Templates that print types call themselves under a condition, which is finite.
    if (
      within?.macro !== undefined &&
      tokens.some((token, i) => token.text === within.macro && textAt(tokens, i + 1) === '(')
    ) {
      note(`macro ${within.macro} calls itself`);
    }
    const turns = within?.turns ?? 1;
    if (tag === 'for') {
      const range = tokens.findIndex((token) => token.kind === 'name' && token.text === 'range');
      const all = range < 0 ? turns : turns * product(tokens, range + 1);
      open.push({ tag, turns: all });
      if (all >= LARGE) note('for … in range');
    } else if (tag === 'macro') {
      const macro = tokens.filter((token) => token.kind === 'name')[1]?.text;
      open.push({ tag, turns, ...(macro === undefined ? {} : { macro }) });
    } else if (tag === 'if') open.push({ tag, turns });
  }
}

/** Text that takes over, and text that appears only when a message contains a certain word. */
function findLogic({ blocks, text }: JinjaTemplate, note: (text: string, severity?: Severity) => void): void {
  const strings = blocks.flatMap(({ tokens }) => {
    const pieces = tokens.flatMap((token) => (token.kind === 'string' ? [token.text] : []));
    return [...pieces, pieces.join('')];
  });
  for (const piece of [...strings, ...text]) {
    const found = TAKEOVER.exec(piece.slice(0, 64 * 1024))?.[0];
    if (found !== undefined) note(found);
  }
  for (const { tokens } of blocks) {
    const tag = firstName(tokens);
    if (tag !== 'if' && tag !== 'elif') continue;
    for (const [i, token] of tokens.entries()) {
      if (token.kind !== 'string' || textAt(tokens, i + 1) !== 'in') continue;
      const searched = tokens.slice(i + 2, i + 12).some((next) => next.text === 'content');
      if (searched && token.text.length > 2 && !MARKUP.test(token.text)) note(`'${token.text}' in content`, 'note');
    }
  }
}

/** Names the template gives itself: by set, for, macro and its parameters. */
function assignedNames({ blocks }: JinjaTemplate): Set<string> {
  const names = new Set<string>();
  for (const { kind, tokens } of blocks) {
    const tag = kind === 'statement' ? firstName(tokens) : undefined;
    if (tag !== 'set' && tag !== 'for' && tag !== 'macro' && tag !== 'with') continue;
    for (const token of tokens) {
      if (tag === 'for' && token.text === 'in') break;
      if ((tag === 'set' || tag === 'with') && token.text === '=') break;
      if (token.kind === 'name') names.add(token.text);
    }
  }
  return names;
}

function firstName(tokens: readonly JinjaToken[]): string | undefined {
  // `{%-` leaves a minus in front.
  const first = tokens[0]?.kind === 'operator' ? tokens[1] : tokens[0];
  return first?.kind === 'name' ? first.text : undefined;
}

function textAt(tokens: readonly JinjaToken[], i: number): string | undefined {
  const token = tokens[i];
  return token === undefined || token.kind === 'string' ? undefined : token.text;
}

/** Strings from an opening bracket to the one that closes it. */
function stringsUntilClose(tokens: readonly JinjaToken[], from: number): string[] {
  const strings: string[] = [];
  let depth = 0;
  for (let i = from; i < Math.min(tokens.length, from + 200); i++) {
    const token = tokens[i]!;
    if (token.kind === 'string') strings.push(token.text);
    else if (token.text === '(' || token.text === '[') depth++;
    else if ((token.text === ')' || token.text === ']') && --depth <= 0) break;
    else if (depth === 0) break;
  }
  return strings;
}
