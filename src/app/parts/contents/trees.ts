/** Metadata of a report as trees: what is text but holds JSON is opened, keys with dots are grouped. */
import type { MetaEntry, MetaValue } from '../../../core/formats/format.ts';
import type { Tree } from '../../../core/report/tree.ts';

/** JSON inside a text is opened up to this length; the page parses it itself. */
const JSON_MAX = 1_000_000;
/** Levels below which an opened JSON text stays text. */
const DEPTH_MAX = 60;

/** A value as the report holds it: long arrays are cut already, and counted. */
export function treeOfMeta(value: MetaValue): Tree {
  if (typeof value === 'string') return jsonTree(value) ?? { kind: 'text', text: value, length: value.length };
  if (value === null || typeof value !== 'object') return { kind: 'value', text: String(value) };
  if ('invalidUtf8' in value) return { kind: 'bytes', hex: value.invalidUtf8 };
  return { kind: 'list', of: value.elementType, length: value.length, items: value.values.map(treeOfMeta) };
}

/** The object or list that a text spells; null for any other text. */
function jsonTree(text: string): Tree | null {
  if (text.length > JSON_MAX || !/^\s*[[{]/.test(text)) return null;
  try {
    return treeOfJson(JSON.parse(text), 0);
  } catch {
    return null;
  }
}

function treeOfJson(value: unknown, depth: number): Tree {
  if (typeof value === 'string') return { kind: 'text', text: value, length: value.length };
  if (typeof value !== 'object' || value === null) return { kind: 'value', text: String(value) };
  if (depth >= DEPTH_MAX) {
    const text = JSON.stringify(value).slice(0, 10_000);
    return { kind: 'text', text, length: text.length };
  }
  if (Array.isArray(value)) {
    return { kind: 'list', length: value.length, items: value.map((item) => treeOfJson(item, depth + 1)) };
  }
  const members = Object.entries(value);
  return {
    kind: 'table',
    length: members.length,
    members: members.map(([key, member]) => [key, treeOfJson(member, depth + 1)] as const),
  };
}

export interface MetaGroup {
  /** What the keys have in common, `general` or `tokenizer`; empty for those without a dot. */
  readonly name: string;
  readonly entries: readonly (readonly [key: string, type: string, value: Tree])[];
}

/** Entries by what stands before the first dot, in the order of the file. */
export function grouped(metadata: readonly MetaEntry[], text: string): MetaGroup[] {
  const part = text.trim().toLowerCase();
  const groups = new Map<string, (readonly [string, string, Tree])[]>();
  for (const { key, type, value } of metadata) {
    const tree = treeOfMeta(value);
    if (part !== '' && !key.toLowerCase().includes(part) && !holds(tree, part)) continue;
    const dot = key.indexOf('.');
    const name = dot > 0 ? key.slice(0, dot) : '';
    const list = groups.get(name);
    if (list) list.push([key, type, tree]);
    else groups.set(name, [[key, type, tree]]);
  }
  return [...groups].map(([name, entries]) => ({ name, entries }));
}

/** Does any key or text in it hold this, in lower case? */
export function holds(tree: Tree, part: string): boolean {
  switch (tree.kind) {
    case 'text':
    case 'value':
      return tree.text.toLowerCase().includes(part);
    case 'bytes':
      return tree.hex.includes(part);
    case 'list':
      return tree.items.some((item) => holds(item, part));
    case 'table':
      return tree.members.some(([key, member]) => key.toLowerCase().includes(part) || holds(member, part));
  }
}

/** Of a table only the members that hold the text; what is inside a member stays whole. */
export function narrowed(tree: Tree, text: string): Tree {
  const part = text.trim().toLowerCase();
  if (part === '' || tree.kind !== 'table') return tree;
  const members = tree.members.filter(([key, member]) => key.toLowerCase().includes(part) || holds(member, part));
  return { ...tree, members, length: members.length };
}
