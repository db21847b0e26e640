/** `tokenizer.json`: what the tokenizers library itself wrote. */
import { AppError } from '../../../errors.ts';
import { addedToken } from './added.ts';
import type { AddedToken, Model, Part } from './backend.ts';
import { canonicalPart } from './parts.ts';
import type { Built, Vocabulary } from './recipes.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface TokenizerJson {
  readonly truncation: unknown;
  readonly padding: unknown;
  readonly added: readonly { readonly id: number; readonly token: AddedToken }[];
  readonly normalizer: Part;
  readonly pre_tokenizer: Part;
  readonly post_processor: Part;
  readonly decoder: Part;
  readonly model: Fields;
}

/** @throws AppError SIGNAL_TOKENIZER when the file is there and is not what it should be */
export async function readTokenizerJson(
  read: (name: string) => Promise<Uint8Array | null>,
): Promise<TokenizerJson | null> {
  const bytes = await read('tokenizer.json');
  if (bytes === null) return null;
  let file: Fields;
  try {
    file = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Fields;
  } catch (error) {
    throw new AppError('SIGNAL_TOKENIZER', { why: 'tokenizer.json is not JSON.' }, error);
  }
  const model = file?.['model'];
  if (typeof model !== 'object' || model === null)
    throw new AppError('SIGNAL_TOKENIZER', { why: 'tokenizer.json has no model.' });
  const added = Array.isArray(file['added_tokens']) ? (file['added_tokens'] as readonly Fields[]) : [];
  return {
    truncation: file['truncation'],
    padding: file['padding'],
    added: added.flatMap((row) => {
      const token = addedToken(row);
      return token === null || typeof row['id'] !== 'number' ? [] : [{ id: row['id'], token }];
    }),
    normalizer: canonicalPart(file['normalizer']),
    pre_tokenizer: canonicalPart(file['pre_tokenizer']),
    post_processor: canonicalPart(file['post_processor']),
    decoder: canonicalPart(file['decoder']),
    model: model as Fields,
  };
}

/** The file's vocabulary, for classes that build the rest themselves. */
export function fileVocabulary({ model, normalizer }: TokenizerJson): Vocabulary {
  const { vocab } = model;
  const list = Array.isArray(vocab) ? (vocab as readonly (readonly [string, number])[]) : null;
  const tokens = list === null ? tableOf(vocab) : new Map(list.map((row, id) => [row[0], id]));
  return { tokens, scores: list ?? [], merges: mergesOf(model), charsmap: charsmapOf(normalizer) };
}

/** Everything as the file has it. */
export function fileBackend(json: TokenizerJson | null): Built & { readonly added: readonly AddedToken[] } {
  if (json === null) throw new AppError('SIGNAL_TOKENIZER', { why: 'There is no tokenizer.json.' });
  const { normalizer, pre_tokenizer, decoder, added } = json;
  return { normalizer, pre_tokenizer, decoder, model: modelOf(json), added: added.map(({ token }) => token) };
}

function modelOf(json: TokenizerJson): Model {
  const { model } = json;
  const { tokens, scores, merges } = fileVocabulary(json);
  const text = (key: string, otherwise: string | null): string | null =>
    typeof model[key] === 'string' ? model[key] : otherwise;
  // Old files do not say which model they hold.
  const type = model['type'] ?? (Array.isArray(model['vocab']) ? 'Unigram' : 'merges' in model ? 'BPE' : 'WordPiece');
  switch (type) {
    case 'BPE':
      return {
        type: 'BPE',
        dropout: typeof model['dropout'] === 'number' ? model['dropout'] : null,
        unk_token: text('unk_token', null),
        continuing_subword_prefix: text('continuing_subword_prefix', null),
        end_of_word_suffix: text('end_of_word_suffix', null),
        fuse_unk: model['fuse_unk'] === true,
        byte_fallback: model['byte_fallback'] === true,
        ignore_merges: model['ignore_merges'] === true,
        vocab: tokens,
        merges,
      };
    case 'WordPiece':
      return {
        type: 'WordPiece',
        unk_token: text('unk_token', '[UNK]')!,
        continuing_subword_prefix: text('continuing_subword_prefix', '##')!,
        max_input_chars_per_word:
          typeof model['max_input_chars_per_word'] === 'number' ? model['max_input_chars_per_word'] : 100,
        vocab: tokens,
      };
    case 'WordLevel':
      return { type: 'WordLevel', vocab: tokens, unk_token: text('unk_token', '<unk>')! };
    case 'Unigram':
      return {
        type: 'Unigram',
        unk_id: typeof model['unk_id'] === 'number' ? model['unk_id'] : null,
        vocab: scores,
        byte_fallback: model['byte_fallback'] === true,
      };
    default:
      throw new AppError('SIGNAL_TOKENIZER', { why: `Its model is of type ${String(type).slice(0, 40)}.` });
  }
}

function tableOf(vocab: unknown): Map<string, number> {
  if (typeof vocab !== 'object' || vocab === null)
    throw new AppError('SIGNAL_TOKENIZER', { why: 'Its vocabulary is missing.' });
  return new Map(Object.entries(vocab).filter((row): row is [string, number] => typeof row[1] === 'number'));
}

function mergesOf(model: Fields): readonly (readonly [string, string])[] {
  const merges = Array.isArray(model['merges']) ? (model['merges'] as readonly unknown[]) : [];
  return merges.map((merge): readonly [string, string] => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    if (Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string')) {
      return pair as unknown as readonly [string, string];
    }
    throw new AppError('SIGNAL_TOKENIZER', { why: 'One of its merges is no pair.' });
  });
}

function charsmapOf(normalizer: Part): string | null {
  const { type, normalizers } = normalizer ?? {};
  const list = type === 'Sequence' && Array.isArray(normalizers) ? (normalizers as readonly Part[]) : [normalizer];
  const found = list.find((part) => part?.['type'] === 'Precompiled')?.['precompiled_charsmap'];
  return typeof found === 'string' ? found : null;
}
