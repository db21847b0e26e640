import type { ByteSource } from '../../bytes/source.ts';
import { parseLooseJson } from '../../content/loose-json.ts';
import { AppError } from '../../errors.ts';
import { looksLikeGguf } from '../../formats/magic.ts';
import { looksLikeSentencePiece } from '../../formats/sentencepiece.ts';
import { SIDE_FILE_MAX, TOKENS_SHOWN } from '../../limits.ts';
import type { Token, Vocabulary } from './model.ts';
import { ggufVocabulary, sentencePieceVocabulary } from './vocabulary-binary.ts';
import { jsonVocabulary, listVocabulary } from './vocabulary-text.ts';

/** All tokens of a vocabulary in the order of their numbers, and what stands beside them. */
export interface WholeVocabulary {
  readonly model: string;
  readonly tokens: readonly Token[];
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly special: readonly (readonly [name: string, token: Token])[];
  readonly added: readonly Token[];
}

/**
 * The vocabulary of a GGUF file, `tokenizer.json`, SentencePiece model, `vocab.json` or `vocab.txt`; null when the file
 * is none of these. Only what is shown leaves this function: the first and last tokens, and those that hold `query`.
 *
 * @param query part of a token as stored, or a token's number; upper and lower case alike. Empty: nothing is searched
 * @throws AppError FORMAT_* when the file cannot be read; FORMAT_TOO_LARGE; SOURCE_*
 */
export async function readVocabulary(
  source: ByteSource,
  query: string,
  signal: AbortSignal,
): Promise<Vocabulary | null> {
  const whole = await readWhole(source, signal);
  if (whole === null) return null;
  const { model, tokens, facts, special, added } = whole;
  const found = query === '' ? [] : search(tokens, query);
  return {
    model: model.slice(0, 200),
    size: tokens.length,
    facts: facts.map(([name, value]) => [name, value.slice(0, 200)]),
    special: special.slice(0, TOKENS_SHOWN),
    added: added.slice(0, TOKENS_SHOWN),
    addedTotal: added.length,
    first: tokens.slice(0, TOKENS_SHOWN),
    last: tokens.slice(Math.max(TOKENS_SHOWN, tokens.length - TOKENS_SHOWN)),
    found: found.slice(0, TOKENS_SHOWN),
    foundTotal: found.length,
  };
}

async function readWhole(source: ByteSource, signal: AbortSignal): Promise<WholeVocabulary | null> {
  const base = source.name.slice(source.name.lastIndexOf('/') + 1).toLowerCase();
  const head = await source.read(0, Math.min(8, source.size), signal);
  if (looksLikeGguf(head)) return ggufVocabulary(source, signal);
  if (looksLikeSentencePiece(head, source.name)) return sentencePieceVocabulary(source, signal);
  if (!/^(?:tokenizer|vocab|added_tokens)\.json$/.test(base) && base !== 'vocab.txt') return null;
  if (source.size > SIDE_FILE_MAX) {
    throw new AppError('FORMAT_TOO_LARGE', { what: source.name, size: source.size, limit: SIDE_FILE_MAX });
  }
  const bytes = await source.read(0, source.size, signal);
  return base === 'vocab.txt' ? listVocabulary(bytes) : jsonVocabulary(parseLooseJson(bytes).root);
}

function search(tokens: readonly Token[], query: string): Token[] {
  const wanted = query.toLowerCase();
  const id = /^\d{1,9}$/.test(query) ? Number(query) : -1;
  return tokens.filter((token) => token.id === id || token.text.toLowerCase().includes(wanted));
}
