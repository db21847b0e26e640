import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MemorySource } from '../../../bytes/memory.ts';
import type { MetaEntry, MetaValue } from '../../../formats/format.ts';
import { readWindow } from '../../../formats/gguf/window.ts';
import { tokenizerFeatures, type TokenizerFeatures } from '../tfv.ts';
import { loadTokenizer } from '../tokenizer/load.ts';
import { ggufTokenizer, KEEP_VOCABULARY } from './gguf-tokenizer.ts';

const corpus = new URL('../../../../../../shared/corpora/llama.cpp/models/', import.meta.url);
const facts = new URL('../../../../../../shared/facts/models.jsonl', import.meta.url);
const here = existsSync(corpus) && existsSync(facts);

async function loaded(metadata: readonly MetaEntry[], modelType: string) {
  const architecture = metadata.find(({ key }) => key === 'general.architecture')!.value as string;
  const { files, className } = ggufTokenizer(metadata, architecture);
  return loadTokenizer(modelType, className, async (name) => files.get(name) ?? null);
}

describe.runIf(here)('published vocabularies against MPK’s database (../shared is there)', () => {
  const published = new Map(
    (here ? readFileSync(facts, 'utf8').trim().split('\n') : []).map((line) => {
      const { model_id, tfv } = JSON.parse(line) as {
        model_id: string;
        tfv: Omit<TokenizerFeatures, 'all_merges_str'>;
      };
      return [model_id, tfv];
    }),
  );
  test.each([
    ['ggml-vocab-gpt-2.gguf', 'gpt2', 'gpt2'],
    ['ggml-vocab-llama-spm.gguf', 'llama', 'Llama-2-7b-hf'],
    ['ggml-vocab-bert-bge.gguf', 'bert', 'bert-base-uncased'],
  ])('%s gives every tokenizer fact that MPK published', async (file, type, id) => {
    const source = new MemorySource(file, new Uint8Array(readFileSync(new URL(file, corpus))));
    const { header } = await readWindow(source, KEEP_VOCABULARY, undefined);
    const tokenizer = await loaded(header.metadata, type);
    const { all_merges_str: _merges, ...made } = await tokenizerFeatures(tokenizer.facts);
    expect(made).toEqual(published.get(id));
  });

  test('Phi-3: rows that later releases dropped apart, its merges are the published ones', async () => {
    const name = 'ggml-vocab-phi-3.gguf';
    const source = new MemorySource(name, new Uint8Array(readFileSync(new URL(name, corpus))));
    const { header } = await readWindow(source, KEEP_VOCABULARY, undefined);
    const made = await tokenizerFeatures((await loaded(header.metadata, 'phi3')).facts);
    const known = published.get('Phi-3-mini-4k-instruct')!;
    for (const key of ['tokenizer_class', 'merge_rule_hash', 'num_merges', 'bos_token_id', 'eos_token_id'] as const)
      expect(made[key]).toBe(known[key]);
  });
});

const list = (elementType: string, values: readonly MetaValue[]): MetaValue => ({
  elementType,
  length: values.length,
  values,
});
const entry = (key: string, type: string, value: MetaValue): MetaEntry => ({ key, type, value });
const small = (kind: string, tokens: readonly string[], kinds: readonly number[], more: readonly MetaEntry[] = []) => [
  entry('general.architecture', 'STRING', 'llama'),
  entry('tokenizer.ggml.model', 'STRING', kind),
  entry('tokenizer.ggml.tokens', 'ARRAY', list('STRING', tokens)),
  entry('tokenizer.ggml.token_type', 'ARRAY', list('INT32', kinds)),
  ...more,
];

test('rows that fill up the embedding are no tokens', async () => {
  const tokens = ['<unk>', '<s>', '</s>', '▁', 'a', '▁a', '[PAD6]', '[PAD7]'];
  const { facts: made } = await loaded(small('llama', tokens, [2, 3, 3, 1, 1, 1, 5, 5]), 'llama');
  expect([...made.vocab.keys()]).toEqual(tokens.slice(0, 6));
  expect(made.merges).toEqual(['▁ a']);
});

test('byte-level merges become pairs; the model splits digits as its pre-tokenizer says', async () => {
  const tokens = ['a', 'b', 'ab', '1', '2', '12', '<|end|>'];
  const merges = entry('tokenizer.ggml.merges', 'ARRAY', list('STRING', ['a b', '1 2']));
  const made = await loaded(
    small('gpt2', tokens, [1, 1, 1, 1, 1, 1, 3], [merges, entry('tokenizer.ggml.pre', 'STRING', 'llama-bpe')]),
    'llama',
  );
  expect(made.facts.merges).toEqual(['a b', '1 2']);
  expect([made.firstId('ab'), made.firstId('12'), made.firstId('<|end|>')]).toEqual([2, 5, 6]);
});

test.each([
  ['a kind that is not rebuilt', small('rwkv', ['a'], [1])],
  ['no merges', small('gpt2', ['a'], [1])],
  ['tokens that are no text', small('llama', [{ invalidUtf8: 'ff' } as unknown as string], [1])],
  [
    'a list that was cut',
    [
      ...small('llama', [], []).slice(0, 2),
      entry('tokenizer.ggml.tokens', 'ARRAY', { elementType: 'STRING', length: 9, values: ['a'] }),
    ],
  ],
  ['no tokenizer', small('llama', ['a'], [1]).slice(0, 1)],
])('%s is refused with a reason', (_, metadata) => {
  expect(() => ggufTokenizer(metadata, 'llama')).toThrow(/SIGNAL_TOKENIZER/);
});
