import { isArray, isNumber, isObject, textOf, valueOf, type Loose } from '../../content/loose-json.ts';
import { VOCABULARY_MAX } from '../../limits.ts';
import type { Token } from './model.ts';
import type { WholeVocabulary } from './vocabulary.ts';

/** A token is a part of a word: whoever puts a novel there gets it cut. */
const TOKEN_LENGTH = 1000;
/** Parts of a tokenizer that say how text is cut and put together, with the words used for them. */
const PARTS = [
  ['normalizer', 'Normaliser'],
  ['pre_tokenizer', 'Pre-tokenizer'],
  ['post_processor', 'Post-processor'],
  ['decoder', 'Decoder'],
] as const;

/** `tokenizer.json` of the tokenizers library, or a bare table of words and their numbers (`vocab.json`). */
export function jsonVocabulary(root: Loose): WholeVocabulary | null {
  if (!isObject(root)) return null;
  const model = valueOf(root, 'model');
  if (!isObject(model)) return bareVocabulary(root);
  const added = addedTokens(valueOf(root, 'added_tokens'));
  const merges = valueOf(model, 'merges');
  const facts: (readonly [string, string])[] = [];
  if (isArray(merges)) facts.push(['Merges', String(merges.items.length)]);
  for (const [key, name] of PARTS) {
    const types = typesOf(valueOf(root, key));
    if (types.length > 0) facts.push([name, types.join(', ')]);
  }
  const tokens = [...wordsOf(valueOf(model, 'vocab')), ...added.filter((token) => token.kind !== undefined)];
  const special = unknownToken(model, tokens);
  return { model: textOf(valueOf(model, 'type')) ?? 'not stated', tokens: distinct(tokens), facts, special, added };
}

/** `vocab.txt` of BERT and its kin: one token a line, numbered from zero. */
export function listVocabulary(bytes: Uint8Array): WholeVocabulary {
  const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  const tokens = lines.slice(0, VOCABULARY_MAX).map((line, id) => ({ id, text: cut(line.replace(/\r$/, '')) }));
  return { model: 'WordPiece (vocab.txt)', tokens, facts: [], special: [], added: [] };
}

function bareVocabulary(root: Loose): WholeVocabulary | null {
  const tokens = wordsOf(root);
  return tokens.length === 0 ? null : { model: 'a table of tokens', tokens, facts: [], special: [], added: [] };
}

/** `{word: number}`, or a list of `[word, score]` numbered by place. Sorted by number. */
function wordsOf(vocabulary: Loose | undefined): Token[] {
  const tokens: Token[] = [];
  if (isObject(vocabulary)) {
    for (const [text, id] of vocabulary.members) {
      if (isNumber(id) && tokens.length < VOCABULARY_MAX) tokens.push({ id: id.value, text: cut(text) });
    }
    tokens.sort((a, b) => a.id - b.id);
  }
  if (isArray(vocabulary)) {
    for (const [id, item] of vocabulary.items.slice(0, VOCABULARY_MAX).entries()) {
      const text = isArray(item) ? textOf(item.items[0]) : textOf(item);
      if (text !== null) tokens.push({ id, text: cut(text) });
    }
  }
  return tokens;
}

function addedTokens(value: Loose | undefined): Token[] {
  if (!isArray(value)) return [];
  return value.items.slice(0, VOCABULARY_MAX).flatMap((item) => {
    const text = textOf(valueOf(item, 'content'));
    const id = valueOf(item, 'id');
    if (text === null || !isNumber(id)) return [];
    return [{ id: id.value, text: cut(text), kind: valueOf(item, 'special') === true ? 'special' : 'added' }];
  });
}

/** Added tokens often stand in the vocabulary as well: the one that says what it is stays. */
function distinct(tokens: readonly Token[]): Token[] {
  const byId = new Map<string, Token>();
  for (const token of tokens) byId.set(`${token.id} ${token.text}`, token);
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

function unknownToken(model: Loose, tokens: readonly Token[]): [string, Token][] {
  const text = textOf(valueOf(model, 'unk_token'));
  const token = text === null ? undefined : tokens.find((one) => one.text === text);
  return token === undefined ? [] : [['unknown', token]];
}

/** `type` of a part; of a sequence, those of its members. */
function typesOf(part: Loose | undefined): string[] {
  const type = textOf(valueOf(part, 'type'));
  if (type === null) return [];
  const members = valueOf(part, 'normalizers') ?? valueOf(part, 'pretokenizers') ?? valueOf(part, 'decoders');
  if (type !== 'Sequence' || !isArray(members)) return [type];
  return members.items.slice(0, 20).map((member) => textOf(valueOf(member, 'type')) ?? 'not stated');
}

function cut(text: string): string {
  return text.slice(0, TOKEN_LENGTH);
}
