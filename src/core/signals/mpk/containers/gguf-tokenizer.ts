/**
 * The tokenizer inside a GGUF file, written out as the files a Hugging Face repository would have, so that it is loaded
 * like any other. (llama.cpp `convert_hf_to_gguf.py`; gguf-py `constants.py` for kinds of tokens.)
 */
import { toBase64 } from '../../../bytes/base64.ts';
import { AppError } from '../../../errors.ts';
import type { MetaEntry, MetaValue } from '../../../formats/format.ts';
import { integerOf } from '../../../formats/gguf/values.ts';
import type { Keep } from '../../../formats/gguf/values.ts';
import { mergesByScore } from '../tokenizer/slow.ts';
import { metaspace, replace } from '../tokenizer/parts.ts';

/** All elements of metadata arrays: vocabularies have up to 300,000, merges twice that. */
export const KEEP_VOCABULARY: Keep = { perArray: 2_000_000, total: 6_000_000 };

export interface GgufTokenizer {
  /** What `tokenizer_config.json` would state; null: the class registered for the model's type. */
  readonly className: string | null;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const [NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED] = [1, 2, 3, 4, 5];
const NAMED: readonly (readonly [key: string, name: string])[] = [
  ['bos_token_id', 'bos_token'],
  ['eos_token_id', 'eos_token'],
  ['unknown_token_id', 'unk_token'],
  ['padding_token_id', 'pad_token'],
  ['mask_token_id', 'mask_token'],
  ['cls_token_id', 'cls_token'],
  ['seperator_token_id', 'sep_token'],
  ['separator_token_id', 'sep_token'],
];
/** Splits before byte-level merging, by llama.cpp's name of the pre-tokenizer; the others split as GPT-2 does. */
const LLAMA3_SPLIT =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN2_SPLIT = LLAMA3_SPLIT.replace('\\p{N}{1,3}', '\\p{N}');
const SPLITS: Readonly<Record<string, string>> = {
  'llama-bpe': LLAMA3_SPLIT,
  llama3: LLAMA3_SPLIT,
  'llama-v3': LLAMA3_SPLIT,
  dbrx: LLAMA3_SPLIT,
  'smaug-bpe': LLAMA3_SPLIT,
  qwen2: QWEN2_SPLIT,
  stablelm2: QWEN2_SPLIT,
};
/** Classes whose own vocabulary holds their special tokens; elsewhere those at its end were added to it. */
const WHOLE: ReadonlySet<string> = new Set(['gpt2', 'gptneox', 'bloom', 'falcon', 'starcoder2', 'olmo']);

interface Token {
  readonly id: number;
  readonly text: string;
  readonly kind: number;
  readonly score: number;
}

/**
 * @param metadata with whole arrays
 * @param architecture llama.cpp's name
 * @throws AppError SIGNAL_TOKENIZER {why}
 */
export function ggufTokenizer(metadata: readonly MetaEntry[], architecture: string): GgufTokenizer {
  const byKey = new Map(metadata.map((entry) => [entry.key, entry]));
  const own = byKey.get('tokenizer.huggingface.json')?.value;
  const kind = byKey.get('tokenizer.ggml.model')?.value;
  if (typeof kind !== 'string') return refuse('The GGUF file holds no tokenizer.');
  const tokens = tokensOf(byKey);
  const settings = settingsOf(byKey, tokens, kind);
  if (typeof own === 'string') return written(null, own, settings);
  switch (kind) {
    case 'llama':
      return sentencePiece(tokens, architecture, settings);
    case 'gpt2':
      return byteLevel(tokens, byKey, architecture, settings);
    case 'bert':
      return wordPiece(tokens, settings);
    case 't5':
      if (architecture === 't5') return unigram(tokens, byKey, settings);
      return refuse(`How a Unigram tokenizer of ${architecture.slice(0, 40)} is rebuilt is not described here.`);
    default:
      return refuse(`llama.cpp's tokenizer “${kind.slice(0, 40)}” is not one that is rebuilt here.`);
  }
}

function sentencePiece(tokens: readonly Token[], architecture: string, settings: Settings): GgufTokenizer {
  const vocab = new Map(tokens.map(({ text, id }) => [text, id]));
  const byId = new Map(tokens.map(({ id, score }) => [id, score]));
  const json = {
    added_tokens: added(tokens),
    // As the converter of older files writes them; classes of their own do not look at these.
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, replace(' ', '▁')] },
    pre_tokenizer: null,
    decoder: metaspace('always', false),
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
      vocab: table(vocab),
      merges: mergesByScore(vocab, (id) => byId.get(id) ?? 0),
    },
  };
  return written(architecture.startsWith('gemma') ? null : 'LlamaTokenizer', JSON.stringify(json), settings);
}

function byteLevel(
  tokens: readonly Token[],
  byKey: ReadonlyMap<string, MetaEntry>,
  architecture: string,
  settings: Settings,
): GgufTokenizer {
  const merges = texts(byKey.get('tokenizer.ggml.merges')?.value);
  if (merges === null) return refuse('Its merges are missing.');
  const pre = byKey.get('tokenizer.ggml.pre')?.value;
  const split = typeof pre === 'string' && Object.hasOwn(SPLITS, pre) ? SPLITS[pre]! : null;
  const lastOwn = tokens.findLastIndex(({ kind }) => kind === NORMAL);
  const inside = WHOLE.has(architecture) ? tokens : tokens.slice(0, lastOwn + 1);
  const levels = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: split === null };
  const json = {
    added_tokens: added(tokens),
    pre_tokenizer:
      split === null
        ? levels
        : {
            type: 'Sequence',
            pretokenizers: [{ type: 'Split', pattern: { Regex: split }, behavior: 'Isolated', invert: false }, levels],
          },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      ignore_merges: split === LLAMA3_SPLIT,
      vocab: table(new Map(inside.map(({ text, id }) => [text, id]))),
      // A pair, so that a token with a space in it does not become three.
      merges: merges.map((merge) => pairOf(merge)),
    },
  };
  return written(null, JSON.stringify(json), settings);
}

/** llama.cpp marks beginnings of words instead of continuations. */
function wordPiece(tokens: readonly Token[], settings: Settings): GgufTokenizer {
  const plain = ({ text }: Token): string => {
    if (text.startsWith('[') && text.endsWith(']')) return text;
    return text.startsWith('▁') ? text.slice(1) : `##${text}`;
  };
  const vocab = tokens.map((token) => [plain(token), token.id] as const);
  const cased = vocab.some(([text]) => !text.startsWith('[') && text.toLowerCase() !== text);
  const json = {
    added_tokens: [],
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab: table(new Map(vocab)) },
  };
  // First and last token are BERT's own names for what GGUF calls begin and end.
  const { bos_token: _bos, eos_token: _eos, added_tokens_decoder: _added, ...rest } = settings;
  return written('BertTokenizer', JSON.stringify(json), { ...rest, do_lower_case: !cased });
}

function unigram(tokens: readonly Token[], byKey: ReadonlyMap<string, MetaEntry>, settings: Settings): GgufTokenizer {
  const map = numbers(byKey.get('tokenizer.ggml.precompiled_charsmap')?.value);
  const charsmap = map === null || map.length === 0 ? null : toBase64(Uint8Array.from(map, (x) => x & 255));
  const json = {
    added_tokens: added(tokens),
    normalizer: charsmap === null ? null : { type: 'Precompiled', precompiled_charsmap: charsmap },
    model: { type: 'Unigram', unk_id: 2, vocab: tokens.map(({ text, score }) => [text, score]) },
  };
  return written(null, JSON.stringify(json), settings);
}

type Settings = Readonly<Record<string, unknown>>;

function settingsOf(byKey: ReadonlyMap<string, MetaEntry>, tokens: readonly Token[], kind: string): Settings {
  const byId = new Map(tokens.map((token) => [token.id, token.text]));
  const out: Record<string, unknown> = {};
  for (const [key, name] of NAMED) {
    const entry = byKey.get(`tokenizer.ggml.${key}`);
    const id = entry === undefined ? null : integerOf(entry.value, entry.type);
    const text = id === null ? undefined : byId.get(id);
    if (text !== undefined) out[name] = text;
  }
  const unknown = tokens.find((token) => token.kind === UNKNOWN)?.text;
  if (kind === 'llama' && unknown !== undefined) out['unk_token'] ??= unknown;
  const space = byKey.get('tokenizer.ggml.add_space_prefix')?.value;
  if (kind === 'llama' && typeof space === 'boolean') out['add_prefix_space'] = space;
  for (const edge of ['add_bos_token', 'add_eos_token']) {
    const value = byKey.get(`tokenizer.ggml.${edge}`)?.value;
    if (typeof value === 'boolean') out[edge] = value;
  }
  out['added_tokens_decoder'] = Object.fromEntries(added(tokens).map(({ id, ...token }) => [id, token]));
  return out;
}

function added(tokens: readonly Token[]) {
  return tokens
    .filter(({ kind }) => kind === CONTROL || kind === UNKNOWN || kind === USER_DEFINED)
    .map(({ id, text, kind }) => ({
      id,
      content: text,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: kind !== USER_DEFINED,
    }));
}

/** Rows that only fill the embedding up to its size are no tokens. */
function tokensOf(byKey: ReadonlyMap<string, MetaEntry>): readonly Token[] {
  const list = texts(byKey.get('tokenizer.ggml.tokens')?.value);
  if (list === null) return refuse('Its tokens are missing, or not text.');
  const kinds = numbers(byKey.get('tokenizer.ggml.token_type')?.value);
  const scores = numbers(byKey.get('tokenizer.ggml.scores')?.value);
  const tokens = list.map((text, id) => ({ id, text, kind: kinds?.[id] ?? NORMAL!, score: scores?.[id] ?? 0 }));
  const filling = ({ kind, text }: Token): boolean => kind === UNUSED && /^(?:\[PAD\d+\]|<pad\d+>)$/.test(text);
  return tokens.slice(0, tokens.findLastIndex((token) => !filling(token)) + 1);
}

function texts(value: MetaValue | undefined): readonly string[] | null {
  const values = listOf(value);
  return values !== null && values.every((text) => typeof text === 'string') ? (values as readonly string[]) : null;
}

function numbers(value: MetaValue | undefined): readonly number[] | null {
  const values = listOf(value);
  return values !== null && values.every((x) => typeof x === 'number') ? (values as readonly number[]) : null;
}

/** @throws AppError SIGNAL_TOKENIZER when it was cut */
function listOf(value: MetaValue | undefined): readonly MetaValue[] | null {
  if (typeof value !== 'object' || value === null || !('values' in value)) return null;
  if (value.values.length < value.length) refuse(`Its lists of ${value.length} elements are too long.`);
  return value.values;
}

function pairOf(merge: string): [string, string] {
  const at = merge.indexOf(' ', 1);
  if (at < 0) return refuse('One of its merges is no pair.');
  return [merge.slice(0, at), merge.slice(at + 1)];
}

/** As an object that JSON writes; also for a token called `__proto__`. */
function table(vocab: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries(vocab);
}

function written(className: string | null, json: string, settings: Settings): GgufTokenizer {
  const utf8 = new TextEncoder();
  const config = className === null ? settings : { ...settings, tokenizer_class: className };
  return {
    className,
    files: new Map([
      ['tokenizer.json', utf8.encode(json)],
      ['tokenizer_config.json', utf8.encode(JSON.stringify(config))],
    ]),
  };
}

function refuse(why: string): never {
  throw new AppError('SIGNAL_TOKENIZER', { why });
}
