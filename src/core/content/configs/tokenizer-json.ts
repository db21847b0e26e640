/** `tokenizer.json` of the tokenizers library: rules that rewrite, patterns that never end, words with two numbers. */
import type { FindingCollector } from '../collector.ts';
import { isArray, isNumber, isObject, textOf, valueOf, type Loose, type LooseObject } from '../loose-json.ts';
import { noteRiskyText } from '../text.ts';
import { riskyRepetition } from './regex-risk.ts';

const TOKENS_SHOWN = 5;

export function inspectTokenizer(root: Loose, findings: FindingCollector): void {
  for (const part of ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder'])
    inspectRules(valueOf(root, part), part, findings);
  const model = valueOf(root, 'model');
  const ids = inspectVocabulary(valueOf(model, 'vocab'), findings);
  const added = valueOf(root, 'added_tokens');
  if (!isArray(added)) return;
  for (const token of added.items) {
    const content = textOf(valueOf(token, 'content'));
    const id = valueOf(token, 'id');
    if (content === null) continue;
    noteRiskyText(content, { key: 'added token' }, findings);
    const known = ids.get(content);
    if (known !== undefined && isNumber(id) && id.value !== known) {
      findings.add('inconsistent-metadata', 'caution', {
        key: content.slice(0, 100),
        value: `${known} and ${id.text}`,
      });
    }
  }
}

/** Objects with a `type`, nested in sequences. */
function inspectRules(value: Loose | undefined, part: string, findings: FindingCollector): void {
  if (isArray(value)) for (const item of value.items) inspectRules(item, part, findings);
  if (!isObject(value)) return;
  const pattern = valueOf(value, 'pattern');
  const expression = textOf(valueOf(pattern, 'Regex'));
  if (expression !== null) {
    const risk = riskyRepetition(expression);
    if (risk !== null)
      findings.add('regex-backtracking', 'caution', { key: part, pattern: expression.slice(0, 200), part: risk });
  }
  if (valueOf(value, 'type') === 'Replace') inspectReplace(value, pattern, expression, part, findings);
  for (const [, member] of value.members) inspectRules(member, part, findings);
}

/** Spaces and punctuation are replaced by every tokenizer; words are not. */
function inspectReplace(
  rule: LooseObject,
  pattern: Loose | undefined,
  expression: string | null,
  part: string,
  findings: FindingCollector,
): void {
  const content = textOf(valueOf(rule, 'content')) ?? '';
  const plain = textOf(valueOf(pattern, 'String'));
  const isWord = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);
  if (!(plain !== null && plain !== content && isWord(plain)) && !isWord(content)) return;
  const shown = (plain ?? expression ?? '').slice(0, 100);
  findings.add('tokenizer-rewrite', 'danger', { part, from: shown, to: content.slice(0, 100) });
}

/** Numbers of the words; two words with one number are told. */
function inspectVocabulary(vocab: Loose | undefined, findings: FindingCollector): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  if (!isObject(vocab)) return ids;
  const taken = new Map<number, string>();
  let shared = 0;
  for (const [word, id] of vocab.members) {
    if (!isNumber(id)) {
      findings.add('inconsistent-metadata', 'caution', { key: word.slice(0, 100), value: 'not a number' });
      continue;
    }
    ids.set(word, id.value);
    const other = taken.get(id.value);
    if (other === undefined) taken.set(id.value, word);
    else if (other !== word) {
      shared += 1;
      if (shared <= TOKENS_SHOWN) {
        findings.add('inconsistent-metadata', 'caution', {
          key: `token ${id.text}`,
          value: `${other} and ${word}`.slice(0, 200),
        });
      }
    }
  }
  return ids;
}
