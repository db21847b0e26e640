/**
 * Files beside weights that decide what happens when a model is loaded: configurations, tokenizers, templates, model
 * cards, Python. Read as text; nothing is run, fetched or expanded.
 */
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { SIDE_FILE_MAX } from '../limits.ts';
import { FindingCollector } from './collector.ts';
import { inspectModelCard, inspectYaml } from './configs/front-matter.ts';
import { inspectModelConfig } from './configs/model-config.ts';
import { inspectPaths } from './configs/paths.ts';
import { inspectPython } from './configs/python-file.ts';
import { inspectModelIndex, inspectModules, inspectRemoteCode } from './configs/remote-code.ts';
import { inspectTokenizer } from './configs/tokenizer-json.ts';
import type { Finding } from './finding.ts';
import { isArray, isObject, parseLooseJson, textOf, valueOf, type Loose, type LooseNotes } from './loose-json.ts';
import { noteTemplate } from './templates.ts';

export type ConfigKind = 'json' | 'template' | 'python' | 'yaml' | 'card';

/** Words and their numbers: any text may be a word there, `constructor` too. */
const VOCABULARIES: ReadonlySet<string> = new Set([
  'tokenizer.json',
  'vocab.json',
  'added_tokens.json',
  'special_tokens_map.json',
]);
/** Half a million pairs of strings in large vocabularies, in which nothing can be hidden that acts. */
const MERGES: ReadonlySet<string> = new Set(['merges']);
/** Templates named in one file. */
const TEMPLATES_MAX = 200;

/** What a file is by its name; null: none of these. */
export function configKind(name: string): ConfigKind | null {
  const base = baseName(name);
  if (base.endsWith('.json')) return 'json';
  if (/\.jinja2?$/.test(base)) return 'template';
  if (base.endsWith('.py')) return 'python';
  if (/\.ya?ml$/.test(base)) return 'yaml';
  return base.endsWith('.md') ? 'card' : null;
}

/**
 * Findings of a side file.
 *
 * @throws AppError FORMAT_JSON, FORMAT_DEPTH, FORMAT_UTF8, FORMAT_TOO_LARGE when it cannot be read at all; SOURCE_*
 */
export async function inspectConfig(
  source: ByteSource,
  kind: ConfigKind,
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  if (source.size > SIDE_FILE_MAX) {
    throw new AppError('FORMAT_TOO_LARGE', { what: source.name, size: source.size, limit: SIDE_FILE_MAX });
  }
  const bytes = await source.read(0, source.size, signal);
  const findings = new FindingCollector();
  const base = baseName(source.name);
  if (kind === 'json') inspectJson(bytes, base, findings);
  else {
    const text = new TextDecoder('utf-8').decode(bytes);
    if (kind === 'template') noteTemplate(text, base, findings);
    else if (kind === 'python') inspectPython(text, findings);
    else if (kind === 'yaml') inspectYaml(text, findings);
    else inspectModelCard(text, findings);
  }
  return findings.list();
}

function inspectJson(bytes: Uint8Array, base: string, findings: FindingCollector): void {
  const { root, notes } = parseLooseJson(bytes, base === 'tokenizer.json' ? { dropped: MERGES } : {});
  noteSyntax(notes, base, findings);
  if (base === 'tokenizer.json') inspectTokenizer(root, findings);
  else inspectPaths(root, base, findings);
  if (base === 'config.json') inspectModelConfig(root, findings);
  if (base === 'model_index.json') inspectModelIndex(root, findings);
  if (base === 'modules.json') inspectModules(root, findings);
  let templates = 0;
  visitObjects(root, (object) => {
    inspectRemoteCode(object, base, findings);
    for (const [name, template] of templatesOf(valueOf(object, 'chat_template'))) {
      templates += 1;
      if (templates <= TEMPLATES_MAX) noteTemplate(template, name, findings);
    }
  });
}

/** What Python reads and strict readers refuse, or read otherwise. */
function noteSyntax(notes: LooseNotes, file: string, findings: FindingCollector): void {
  if (notes.bom) findings.add('bom', 'note', { file });
  if (notes.notFinite > 0)
    findings.add('bad-json', 'caution', { key: file, why: 'NaN or Infinity', count: notes.notFinite });
  for (const key of notes.duplicates) findings.add('duplicate-key', 'caution', { key, file });
  if (VOCABULARIES.has(file)) return;
  for (const key of notes.prototype) findings.add('prototype-key', 'caution', { key, file });
}

/** One template, several with names, or a list of `{name, template}`. */
function templatesOf(value: Loose | undefined): (readonly [string, string])[] {
  if (typeof value === 'string') return [['chat_template', value]];
  if (isObject(value)) {
    return value.members.flatMap(([name, member]) =>
      typeof member === 'string' ? [[`chat_template.${name}`, member] as const] : [],
    );
  }
  if (!isArray(value)) return [];
  return value.items.flatMap((item) => {
    const template = textOf(valueOf(item, 'template'));
    return template === null ? [] : [[`chat_template.${textOf(valueOf(item, 'name')) ?? ''}`, template] as const];
  });
}

function visitObjects(root: Loose, visit: (object: Loose) => void): void {
  const stack: Loose[] = [root];
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (isArray(value)) for (const item of value.items) stack.push(item);
    if (!isObject(value)) continue;
    visit(value);
    for (const [, member] of value.members) if (isObject(member) || isArray(member)) stack.push(member);
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase();
}
