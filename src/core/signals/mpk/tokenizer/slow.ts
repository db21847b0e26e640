/** Vocabularies in the files that tokenizers had before `tokenizer.json`. */
import { AppError } from '../../../errors.ts';
import { ProtoReader } from './spm.ts';
import type { Vocabulary } from './recipes.ts';

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new AppError('SIGNAL_TOKENIZER', { why: 'Its vocabulary is not UTF-8.' }, error);
  }
}

/** `vocab.json` and `merges.txt`. */
export function fromVocabAndMerges(vocab: Uint8Array, merges: Uint8Array): Vocabulary {
  let table: unknown;
  try {
    table = JSON.parse(text(vocab));
  } catch (error) {
    throw new AppError('SIGNAL_TOKENIZER', { why: 'vocab.json is not JSON.' }, error);
  }
  if (typeof table !== 'object' || table === null)
    throw new AppError('SIGNAL_TOKENIZER', { why: 'vocab.json is no table.' });
  const lines = text(merges)
    .split('\n')
    .map((line) => line.replace(/\r$/, ''));
  const pairs = lines
    .filter((line) => line !== '' && !line.startsWith('#version'))
    .map((line): [string, string] => {
      const [left, right, more] = line.split(' ');
      if (left === undefined || right === undefined || more !== undefined) {
        throw new AppError('SIGNAL_TOKENIZER', { why: 'A line of merges.txt is no pair.' });
      }
      return [left, right];
    });
  const tokens = new Map(Object.entries(table).filter((row): row is [string, number] => typeof row[1] === 'number'));
  return { tokens, scores: [], merges: pairs, charsmap: null };
}

/** WordPiece's `vocab.txt`: one token a line. */
export function fromVocabText(vocab: Uint8Array): Vocabulary {
  const lines = text(vocab).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return {
    tokens: new Map(lines.map((line, id) => [line.replace(/\r$/, ''), id])),
    scores: [],
    merges: [],
    charsmap: null,
  };
}

export interface SentencePieceVocabulary extends Vocabulary {
  /** Control and user-defined tokens: special or not. */
  readonly added: readonly { readonly content: string; readonly special: boolean }[];
}

const CONTROL = 3;
const USER_DEFINED = 4;

/** `tokenizer.model` as a vocabulary with merges: every split of a piece into two pieces, best pieces first. */
export function fromSentencePiece(bytes: Uint8Array): SentencePieceVocabulary {
  const { pieces, charsmap } = new ProtoReader(bytes).model();
  const tokens = new Map(pieces.map(({ piece }, id) => [piece, id]));
  const added = pieces.filter(({ type }) => type === CONTROL || type === USER_DEFINED);
  return {
    tokens,
    scores: pieces.map(({ piece, score }) => [piece, score]),
    merges: mergesOf(tokens),
    charsmap,
    added: added.map(({ piece, type }) => ({ content: piece, special: type === CONTROL })),
  };
}

/** Characters that are cut out of all pieces together: a vocabulary of 256,000 takes some ten million. */
const CUTS_MAX = 1e9;

interface Merge {
  readonly left: string;
  readonly right: string;
  /** Token ids of the piece and of its two parts. */
  readonly rank: number;
  readonly ids: readonly [number, number];
  /** Characters before the cut and behind it. */
  readonly lengths: readonly [number, number];
}

function mergesOf(tokens: ReadonlyMap<string, number>): [string, string][] {
  const found = splits(tokens);
  found.sort((a, b) => a.rank - b.rank || a.lengths[0] - b.lengths[0] || a.lengths[1] - b.lengths[1] || byIds(a, b));
  return found.map(({ left, right }) => [left, right]);
}

/**
 * The merges of a SentencePiece vocabulary as published `tokenizer.json` files have them (checked against MPK's hash of
 * Llama 2): best score first, pieces of one score and the splits of one piece by their ids.
 */
export function mergesByScore(tokens: ReadonlyMap<string, number>, score: (id: number) => number): [string, string][] {
  const found = splits(tokens);
  found.sort((a, b) => score(b.rank) - score(a.rank) || a.rank - b.rank || byIds(a, b));
  return found.map(({ left, right }) => [left, right]);
}

function byIds({ ids: a }: Merge, { ids: b }: Merge): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** @throws AppError SIGNAL_TOKENIZER for pieces that are no words */
function splits(tokens: ReadonlyMap<string, number>): Merge[] {
  let work = 0;
  for (const piece of tokens.keys()) work += piece.length ** 2;
  if (work > CUTS_MAX)
    throw new AppError('SIGNAL_TOKENIZER', { why: 'Its pieces are longer than those of any language.' });
  const found: Merge[] = [];
  for (const [piece, rank] of tokens) {
    const characters = [...piece];
    for (let cut = 1; cut < characters.length; cut++) {
      const left = characters.slice(0, cut).join('');
      const right = characters.slice(cut).join('');
      const ids: [number | undefined, number | undefined] = [tokens.get(left), tokens.get(right)];
      if (ids[0] === undefined || ids[1] === undefined) continue;
      found.push({ left, right, rank, lengths: [cut, characters.length - cut], ids: [ids[0], ids[1]] });
    }
  }
  return found;
}
