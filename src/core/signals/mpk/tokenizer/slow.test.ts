import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from './load.ts';
import { fromSentencePiece, mergesByScore } from './slow.ts';

const root = new URL('../../../../../fixtures/signals/tokenizers/', import.meta.url);

interface Expected {
  readonly type: string;
  readonly class: string;
  readonly file: string;
  readonly model: string;
  readonly hash: string;
  readonly first: Readonly<Record<string, readonly number[]>>;
}

const expected = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as Record<string, Expected>;

describe('a SentencePiece model alone, as transformers 5.18 loads it', () => {
  test.each(Object.entries(expected))('%s: serialised form and first ids', async (_, row) => {
    const files = new Map([
      [row.file, new Uint8Array(readFileSync(new URL(row.model, root)))],
      ['tokenizer_config.json', new TextEncoder().encode(JSON.stringify({ tokenizer_class: row.class }))],
    ]);
    const made = await loadTokenizer(row.type, null, async (name) => files.get(name) ?? null);
    expect(made.hash).toBe(row.hash);
    for (const [text, first] of Object.entries(row.first)) expect([text, made.firstId(text)]).toEqual([text, first[0]]);
  });
});

test('bytes that are no SentencePiece model are refused with a reason', () => {
  for (const bytes of [new Uint8Array(0), Uint8Array.of(0x0a, 0xff, 1), new TextEncoder().encode('not a model')]) {
    expect(() => fromSentencePiece(bytes)).toThrow(/SIGNAL_TOKENIZER/);
  }
});

test('pieces longer than any language’s are refused before they are cut up', () => {
  const long = new Map([['a'.repeat(100_000), 0]]);
  expect(() => mergesByScore(long, () => 0)).toThrow(/SIGNAL_TOKENIZER/);
});
