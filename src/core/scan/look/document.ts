import type { ByteSource } from '../../bytes/source.ts';
import { configKind } from '../../content/config-files.ts';
import { isArray, isObject, parseLooseJson, textOf, valueOf, type Loose } from '../../content/loose-json.ts';
import { templateNotes } from '../../content/templates.ts';
import { AppError } from '../../errors.ts';
import { DOCUMENT_SHOWN_MAX, SIDE_FILE_MAX, TEXT_SHOWN_MAX, TREE_ITEMS_KEPT, TREE_VALUES_KEPT } from '../../limits.ts';
import type { Tree } from '../../report/tree.ts';
import type { SideDocument, Template } from './model.ts';

/** Templates of one file that are shown: `chat_template` and its named variants, of which real files have up to five. */
const TEMPLATES_MAX = 50;

/**
 * A configuration, tokenizer, template or other text beside the weights, cut for display. Nothing in it is run or
 * expanded; JSON is read as Python would (`loose-json.ts`).
 *
 * @throws AppError FORMAT_JSON, FORMAT_DEPTH, FORMAT_UTF8 when JSON cannot be read; FORMAT_TOO_LARGE; SOURCE_*
 */
export async function readDocument(source: ByteSource, signal: AbortSignal): Promise<SideDocument> {
  const json = configKind(source.name) === 'json';
  if (json && source.size > SIDE_FILE_MAX) {
    throw new AppError('FORMAT_TOO_LARGE', { what: source.name, size: source.size, limit: SIDE_FILE_MAX });
  }
  const bytes = await source.read(0, json ? source.size : Math.min(source.size, DOCUMENT_SHOWN_MAX), signal);
  if (json) {
    const { root } = parseLooseJson(bytes);
    const templates = templatesIn(root).map(([key, text]) => templateOf(key, text));
    return { tree: treeOf(root, { left: TREE_VALUES_KEPT }), text: null, length: 0, templates };
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const template = configKind(source.name) === 'template';
  const name = source.name.slice(source.name.lastIndexOf('/') + 1);
  return {
    tree: null,
    text: template ? null : text,
    // Of a text that was cut only its bytes are known.
    length: bytes.length < source.size ? source.size : text.length,
    templates: template ? [templateOf(name, text)] : [],
  };
}

function templateOf(key: string, whole: string): Template {
  const text = whole.slice(0, DOCUMENT_SHOWN_MAX);
  return { key: key.slice(0, 200), length: whole.length, text, remarks: templateNotes(text) };
}

/** `chat_template` at the top: one text, texts by name, or a list of `{name, template}`. */
function templatesIn(root: Loose): (readonly [string, string])[] {
  if (!isObject(root)) return [];
  const value = valueOf(root, 'chat_template');
  if (typeof value === 'string') return [['chat_template', value]];
  if (isObject(value)) {
    return value.members
      .flatMap(([name, member]) => (typeof member === 'string' ? [[`chat_template.${name}`, member] as const] : []))
      .slice(0, TEMPLATES_MAX);
  }
  if (!isArray(value)) return [];
  return value.items.slice(0, TEMPLATES_MAX).flatMap((item) => {
    const template = textOf(valueOf(item, 'template'));
    return template === null ? [] : [[`chat_template.${textOf(valueOf(item, 'name')) ?? ''}`, template] as const];
  });
}

/** Cuts long lists, tables and texts. Recursion is bounded by the parser's own depth. */
function treeOf(value: Loose, budget: { left: number }): Tree {
  budget.left -= 1;
  if (typeof value === 'string') return { kind: 'text', text: value.slice(0, TEXT_SHOWN_MAX), length: value.length };
  if (value === null || typeof value === 'boolean') return { kind: 'value', text: String(value) };
  if (value.kind === 'number') return { kind: 'value', text: value.text };
  const room = Math.max(0, Math.min(TREE_ITEMS_KEPT, budget.left));
  if (value.kind === 'array') {
    const items: Tree[] = [];
    for (const item of value.items.slice(0, room)) if (budget.left > 0) items.push(treeOf(item, budget));
    return { kind: 'list', length: value.items.length, items };
  }
  const members: (readonly [string, Tree])[] = [];
  for (const [key, member] of value.members.slice(0, room)) {
    if (budget.left > 0) members.push([key.slice(0, TEXT_SHOWN_MAX), treeOf(member, budget)]);
  }
  return { kind: 'table', length: value.members.length, members };
}
