import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import type { MetaEntry, MetaValue } from '../../formats/format.ts';
import { openGguf } from '../../formats/gguf.ts';
import { int, message, MessageType, readMessage, span, text } from '../../formats/protobuf.ts';
import { PROTO_NAME_MAX, VOCABULARY_MAX } from '../../limits.ts';
import type { Token } from './model.ts';
import type { WholeVocabulary } from './vocabulary.ts';

/** llama.h `enum llama_token_type`; SentencePiece's `ModelProto.SentencePiece.Type` has the same numbers. 1: ordinary. */
const TOKEN_KINDS: Readonly<Record<number, string>> = {
  2: 'unknown',
  3: 'control',
  4: 'user-defined',
  5: 'unused',
  6: 'byte',
};

function token(id: number, text: string, type: number): Token {
  const kind = TOKEN_KINDS[type];
  return kind === undefined ? { id, text } : { id, text, kind };
}

/** `tokenizer.ggml.*` (ggml/docs/gguf.md); null when the file has no tokens. */
export async function ggufVocabulary(source: ByteSource, signal: AbortSignal): Promise<WholeVocabulary | null> {
  const { metadata } = await openGguf(source, signal, { perArray: VOCABULARY_MAX, total: 3 * VOCABULARY_MAX });
  const values = new Map(metadata.map(({ key, value }: MetaEntry) => [key, value]));
  const list = (key: string): readonly MetaValue[] => {
    const value = values.get(`tokenizer.ggml.${key}`);
    return typeof value === 'object' && value !== null && 'values' in value ? value.values : [];
  };
  const types = list('token_type');
  const tokens = list('tokens').map((value, id) => token(id, shown(value), Number(types[id] ?? 1)));
  if (tokens.length === 0) return null;
  const facts: (readonly [string, string])[] = [];
  const pre = values.get('tokenizer.ggml.pre');
  if (typeof pre === 'string') facts.push(['Pre-tokenizer', pre]);
  const merges = list('merges').length;
  if (merges > 0) facts.push(['Merges', String(merges)]);
  const special = [...values].flatMap(([key, value]): [string, Token][] => {
    const [, name] = /^tokenizer\.ggml\.(\w{1,40})_token_id$/.exec(key) ?? [];
    const id = Number(value);
    if (name === undefined || !Number.isSafeInteger(id)) return [];
    return [[name.replaceAll('_', ' '), tokens[id] ?? { id, text: '', kind: 'outside the vocabulary' }]];
  });
  const model = values.get('tokenizer.ggml.model');
  return {
    model: typeof model === 'string' ? model : 'not stated',
    tokens,
    facts,
    special,
    added: tokens.filter(({ kind }) => kind === 'control' || kind === 'user-defined'),
  };
}

function shown(value: MetaValue): string {
  if (typeof value === 'object' && value !== null && 'invalidUtf8' in value) return `bytes ${value.invalidUtf8}`;
  return String(value);
}

interface Pieces {
  readonly tokens: Token[];
  model: number;
  normaliser: string;
}
interface Piece {
  text: string;
  type: number;
}

/** google/sentencepiece, src/sentencepiece_model.proto: pieces (1), trainer (2) with its model type (3), normaliser (3). */
const MODEL = new MessageType<Pieces>('ModelProto');
const PIECE = new MessageType<Piece>('SentencePiece');
const TRAINER = new MessageType<Pieces>('TrainerSpec');
const NORMALISER = new MessageType<Pieces>('NormalizerSpec');
MODEL.define(
  {
    1: message(
      PIECE,
      () => ({ text: '', type: 1 }),
      ({ tokens }, piece) => {
        if (tokens.length >= VOCABULARY_MAX) {
          throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'tokens', count: tokens.length, max: VOCABULARY_MAX });
        }
        tokens.push(token(tokens.length, piece.text, piece.type));
      },
    ),
    2: message(TRAINER, (target) => target),
    3: message(NORMALISER, (target) => target),
  },
  [4, 5],
);
PIECE.define(
  { 1: text(PROTO_NAME_MAX, (piece, value) => (piece.text = value.text)), 3: int((t, v) => (t.type = Number(v))) },
  [2],
);
TRAINER.define({ 3: int((target, value) => (target.model = Number(value))) });
NORMALISER.define({
  1: text(PROTO_NAME_MAX, (target, value) => (target.normaliser = value.text)),
  2: span(0, () => undefined),
});

/** `TrainerSpec.ModelType`. */
const MODELS: Readonly<Record<number, string>> = { 1: 'Unigram', 2: 'BPE', 3: 'Word', 4: 'Character' };

/** @throws AppError FORMAT_* when the protobuf is broken; SOURCE_* */
export async function sentencePieceVocabulary(source: ByteSource, signal: AbortSignal): Promise<WholeVocabulary> {
  const read: Pieces = { tokens: [], model: 1, normaliser: '' };
  await readMessage(source, { start: 0, end: source.size }, MODEL, read, signal);
  const { tokens, model, normaliser } = read;
  return {
    model: `SentencePiece ${MODELS[model] ?? 'of an unknown kind'}`,
    tokens,
    facts: normaliser === '' ? [] : [['Normaliser', normaliser]],
    special: tokens.flatMap((one): [string, Token][] => (one.kind === 'unknown' ? [['unknown', one]] : [])),
    added: tokens.filter(({ kind }) => kind === 'control' || kind === 'user-defined'),
  };
}
