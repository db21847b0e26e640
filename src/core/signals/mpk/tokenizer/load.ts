/** A model's tokenizer as transformers 5.18 would load it from the same files. */
import { AppError } from '../../../errors.ts';
import { sha256Hex } from '../../../formats/sha256.ts';
import { pythonJson } from '../../python/json.ts';
import type { TokenizerFacts } from '../tfv.ts';
import { addedToken, AddedTokens, specialToken } from './added.ts';
import { backendText, fullVocab, type AddedToken, type Backend } from './backend.ts';
import { BACKEND, classKind, tokenizerClass } from './classes.ts';
import { fileBackend, fileVocabulary, readTokenizerJson, type TokenizerJson } from './file.ts';
import {
  beginAndEnd,
  FROM_SENTENCEPIECE,
  RECIPES,
  type Named,
  type Recipe,
  type Settings,
  type Vocabulary,
} from './recipes.ts';
import { fromSentencePiece, fromVocabAndMerges, fromVocabText } from './slow.ts';

export interface LoadedTokenizer {
  readonly facts: TokenizerFacts;
  /** SHA-256 of its serialised form: MPK's `tokenizer_hash`. */
  readonly hash: string;
  /** First id of a text without special tokens; null when there is none. */
  firstId(text: string): number | null;
}

/** Small files of the model by name; null when there is no such file. */
export type ReadSide = (name: string) => Promise<Uint8Array | null>;

/** Named special tokens, in the order in which they are looked at. */
const NAMED = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'] as const;

/**
 * @param stated `tokenizer_class` of `config.json`, if any
 * @throws AppError SIGNAL_TOKENIZER {why} when it cannot be rebuilt exactly
 */
export async function loadTokenizer(
  modelType: string,
  stated: string | null,
  read: ReadSide,
): Promise<LoadedTokenizer> {
  const own = await readObject(read, 'tokenizer_config.json');
  const name = typeof own['tokenizer_class'] === 'string' ? own['tokenizer_class'] : stated;
  const className = tokenizerClass(modelType, name);
  if (className === 'EsmTokenizer') return esmTokenizer(own, read);
  const kind = classKind(className);
  const json = await readTokenizerJson(read);
  if (kind === 'python') refuse(`${className} is a program of its own and has no description that could be read.`);
  // Without its file the general class makes one of a SentencePiece model.
  const recipe = kind === 'own' ? RECIPES[className] : json === null ? FROM_SENTENCEPIECE : undefined;
  if (kind === 'own' && recipe === undefined)
    refuse(`How ${className} builds its tokenizer is not described here yet.`);
  const { settings, added } = await initSettings(own, json, read);
  return assemble(className, recipe, json, settings, added, read);
}

async function assemble(
  className: string,
  recipe: Recipe | undefined,
  json: TokenizerJson | null,
  given: Settings,
  stated: ReadonlyMap<number, AddedToken>,
  read: ReadSide,
): Promise<LoadedTokenizer> {
  const settings = { ...given };
  const vocabulary = json === null ? await slowVocabulary(className, settings, read) : fileVocabulary(json);
  const named = namedTokens(settings, recipe, stated);
  const texts: Named = Object.fromEntries(Object.entries(named).map(([key, token]) => [key, token?.content ?? null]));
  const base = recipe === undefined ? fileBackend(json) : { ...recipe.build(vocabulary, settings, texts), added: [] };
  const added = new AddedTokens(base.model);
  for (const token of base.added) added.add(token);
  const extra = extraTokens(className, settings);
  addMissing(added, stated, Object.values(named), extra);
  if (className === 'Qwen2Tokenizer') {
    for (const token of new Set([...Object.values(texts), ...extra.map(({ content }) => content)])) {
      if (token !== null) added.add(specialToken(token));
    }
  }
  const ids = (token: string): number => added.id(token) ?? added.id(texts['unk_token'] ?? '') ?? 0;
  const fromFile = json?.post_processor ?? null;
  // Settings about the first and last token are not looked at when the file says what to do.
  const slowPost = beginAndEnd(texts, ids, json === null ? settings : {});
  const post = recipe?.post?.(
    texts,
    ids,
    json === null ? settings : { ...settings, add_bos_token: false, add_eos_token: false },
  );
  const backend: Backend = {
    truncation: json?.truncation ?? null,
    padding: json?.padding ?? null,
    added: added.byId,
    normalizer: base.normalizer,
    pre_tokenizer: base.pre_tokenizer,
    post_processor: post ?? fromFile ?? slowPost,
    decoder: base.decoder,
    model: base.model,
  };
  return finish(
    className,
    backend,
    texts,
    extra.map(({ content }) => content),
  );
}

async function finish(
  className: string,
  backend: Backend,
  named: Named,
  extra: readonly string[],
): Promise<LoadedTokenizer> {
  const text = backendText(backend);
  const vocab = fullVocab(backend);
  const id = (key: string): number | null => {
    const token = named[key] ?? null;
    return token === null ? null : (vocab.get(token) ?? vocab.get(named['unk_token'] ?? '') ?? null);
  };
  const special = new Set([...Object.values(named), ...extra].filter((token) => token !== null));
  const facts: TokenizerFacts = {
    className,
    vocab,
    merges: backend.model.type === 'BPE' ? backend.model.merges.map((pair) => pair.join(' ')) : [],
    ids: {
      bos: id('bos_token'),
      eos: id('eos_token'),
      pad: id('pad_token'),
      unk: id('unk_token'),
      mask: id('mask_token'),
    },
    addedTokens: backend.added.size,
    specialTokens: special.size,
  };
  const { Tokenizer } = await import('@huggingface/tokenizers');
  // The library wants a file's JSON; its own settings play no part in encoding.
  const encoder = byLibrary(() => new Tokenizer(JSON.parse(text) as object, {}));
  return {
    facts,
    hash: await sha256Hex(new TextEncoder().encode(text)),
    firstId: (asked) => byLibrary(() => encoder.encode(asked, { add_special_tokens: false }).ids[0] ?? null),
  };
}

/** The library takes a description for granted: numbers that JSON has none of, parts it has never heard of. */
function byLibrary<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new AppError('SIGNAL_TOKENIZER', { why: 'Its description does not hold together.' }, error);
  }
}

/** What the class is given: its own file, else the older list of special tokens; and every added token that is stated. */
async function initSettings(
  own: Settings,
  json: TokenizerJson | null,
  read: ReadSide,
): Promise<{ settings: Settings; added: ReadonlyMap<number, AddedToken> }> {
  const settings: Record<string, unknown> = { ...own };
  settings['extra_special_tokens'] ??= settings['additional_special_tokens'];
  const added = new Map<number, AddedToken>();
  const stated = own['added_tokens_decoder'];
  if (typeof stated === 'object' && stated !== null) {
    for (const [id, value] of Object.entries(stated)) {
      const token = addedToken(value);
      if (token !== null) added.set(Number(id), token);
    }
    return { settings, added };
  }
  const older = await readObject(read, 'special_tokens_map.json');
  for (const [key, value] of Object.entries(older)) {
    settings[key] =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, special: true } : value;
  }
  settings['extra_special_tokens'] ??= older['additional_special_tokens'];
  const special = new Set(NAMED.map((key) => addedToken(settings[key])?.content));
  for (const [content, id] of Object.entries(await readObject(read, 'added_tokens.json'))) {
    const isSpecial = special.has(content);
    if (typeof id === 'number') added.set(id, { ...specialToken(content), normalized: !isSpecial, special: isSpecial });
  }
  for (const { id, token } of json?.added ?? []) added.set(id, token);
  return { settings, added };
}

function namedTokens(
  settings: Settings,
  recipe: Recipe | undefined,
  stated: ReadonlyMap<number, AddedToken>,
): Record<string, AddedToken | null> {
  const known = new Map([...stated.values()].map((token) => [token.content, token]));
  const out: Record<string, AddedToken | null> = {};
  // Names of a model's own (`image_token`) count like the usual ones.
  const other = Object.keys(settings).filter((key) => key.endsWith('_token') && typeof settings[key] === 'string');
  for (const key of new Set([...NAMED, ...other])) {
    const value = key in settings ? settings[key] : (recipe?.named[key] ?? null);
    const token = value === null ? null : addedToken(value);
    out[key] = token === null ? null : (known.get(token.content) ?? token);
  }
  return out;
}

function extraTokens(className: string, settings: Settings): readonly AddedToken[] {
  const stated = settings['extra_special_tokens'];
  if (Array.isArray(stated)) return stated.map(addedToken).filter((token) => token !== null);
  if (className !== 'T5Tokenizer') return [];
  const count = typeof settings['extra_ids'] === 'number' ? Math.min(settings['extra_ids'], 1000) : 100;
  return Array.from({ length: count }, (_, i) => specialToken(`<extra_id_${i}>`));
}

function addMissing(
  added: AddedTokens,
  stated: ReadonlyMap<number, AddedToken>,
  named: readonly (AddedToken | null)[],
  extra: readonly AddedToken[],
): void {
  const present = new Set([...added.byId.values()].map((token) => JSON.stringify(sorted(token))));
  const names = new Set(named.flatMap((token) => (token === null ? [] : [token.content])));
  const missing = [...stated]
    .sort(([a], [b]) => a - b)
    .flatMap(([, token]) => (present.has(JSON.stringify(sorted(token))) ? [] : [token]));
  const listed = new Set([
    ...[...added.byId.values()].map(({ content }) => content),
    ...missing.map(({ content }) => content),
  ]);
  for (const token of [...named, ...extra]) {
    if (token === null || listed.has(token.content)) continue;
    listed.add(token.content);
    missing.push(token);
  }
  for (const token of missing) added.add(names.has(token.content) ? { ...token, special: true } : token);
}

function sorted({ content, single_word, lstrip, rstrip, normalized, special }: AddedToken): unknown {
  return [content, single_word, lstrip, rstrip, normalized, special];
}

/** Vocabulary in older files. `settings` learns the special tokens that a SentencePiece file itself names. */
async function slowVocabulary(
  className: string,
  settings: Record<string, unknown>,
  read: ReadSide,
): Promise<Vocabulary> {
  const kind = RECIPES[className]?.build({ tokens: new Map(), scores: [], merges: [], charsmap: null }, {}, {}).model
    .type;
  if (kind === 'WordPiece') {
    const vocab = await read('vocab.txt');
    if (vocab !== null) return fromVocabText(vocab);
  }
  if (kind === 'BPE') {
    const [vocab, merges] = [await read('vocab.json'), await read('merges.txt')];
    if (vocab !== null && merges !== null) return fromVocabAndMerges(vocab, merges);
  }
  const model = await firstOf(read, SENTENCEPIECE[className] ?? []);
  if (model !== null) return sentencePieceVocabulary(className, model, settings);
  return refuse(`None of its files is a vocabulary that ${className} is known to read.`);
}

/** Names under which each class keeps its SentencePiece model. */
const SENTENCEPIECE: Readonly<Record<string, readonly string[]>> = {
  LlamaTokenizer: ['tokenizer.model'],
  GemmaTokenizer: ['tokenizer.model'],
  [BACKEND]: ['tokenizer.model'],
  T5Tokenizer: ['spiece.model'],
  XLMRobertaTokenizer: ['sentencepiece.bpe.model'],
};

async function firstOf(read: ReadSide, names: readonly string[]): Promise<Uint8Array | null> {
  for (const name of names) {
    const bytes = await read(name);
    if (bytes !== null) return bytes;
  }
  return null;
}

function sentencePieceVocabulary(className: string, model: Uint8Array, settings: Record<string, unknown>): Vocabulary {
  const vocabulary = fromSentencePiece(model);
  if (className === 'T5Tokenizer') {
    const count = typeof settings['extra_ids'] === 'number' ? Math.min(settings['extra_ids'], 1000) : 100;
    const extra = Array.from({ length: count }, (_, i): [string, number] => [`<extra_id_${count - 1 - i}>`, 0]);
    return listed([...vocabulary.scores, ...extra], vocabulary);
  }
  if (className === 'XLMRobertaTokenizer') {
    // fairseq's own first four, then the pieces behind SentencePiece's three, then the mask.
    const own = ['<s>', '<pad>', '</s>', '<unk>'].map((token): [string, number] => [token, 0]);
    return listed([...own, ...vocabulary.scores.slice(3), ['<mask>', 0]], vocabulary);
  }
  settings['extra_special_tokens'] ??= vocabulary.added.map(({ content, special }) => ({
    content,
    special,
    normalized: false,
  }));
  return vocabulary;
}

function listed(scores: Vocabulary['scores'], { charsmap }: Vocabulary): Vocabulary {
  return { tokens: new Map(scores.map(([token], id) => [token, id])), scores, merges: [], charsmap };
}

/** A tokenizer without a backend: MPK hashes a sample of its vocabulary instead. */
async function esmTokenizer(own: Settings, read: ReadSide): Promise<LoadedTokenizer> {
  const file = await read('vocab.txt');
  if (file === null) return refuse('There is no vocab.txt.');
  const { tokens: lines } = fromVocabText(file);
  const vocab = new Map([...lines].map(([line, id]) => [line.trim(), id]));
  const defaults: Named = {
    unk_token: '<unk>',
    cls_token: '<cls>',
    pad_token: '<pad>',
    mask_token: '<mask>',
    eos_token: '<eos>',
  };
  const named = Object.fromEntries(
    NAMED.map((key) => [key, key in own ? (addedToken(own[key])?.content ?? null) : (defaults[key] ?? null)]),
  );
  const id = (key: string): number | null => vocab.get(named[key] ?? '') ?? null;
  const special = new Set(Object.values(named).filter((token) => token !== null));
  const sample = [...vocab].slice(0, 100).sort(([a], [b]) => (a < b ? -1 : 1));
  const unknown = id('unk_token');
  return {
    facts: {
      className: 'EsmTokenizer',
      vocab,
      merges: [],
      ids: { bos: id('bos_token'), eos: id('eos_token'), pad: id('pad_token'), unk: unknown, mask: id('mask_token') },
      addedTokens: special.size,
      specialTokens: special.size,
    },
    hash: await sha256Hex(new TextEncoder().encode(pythonJson(sample))),
    firstId: (text) => vocab.get(text.split(/\s+/).find((word) => word !== '') ?? '') ?? unknown,
  };
}

async function readObject(read: ReadSide, name: string): Promise<Settings> {
  const bytes = await read(name);
  if (bytes === null) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Settings;
  } catch (error) {
    throw new AppError('SIGNAL_TOKENIZER', { why: `${name} is not JSON.` }, error);
  }
  return refuse(`${name} holds no object.`);
}

function refuse(why: string): never {
  throw new AppError('SIGNAL_TOKENIZER', { why });
}
