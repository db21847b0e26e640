import { describe, expect, it } from 'vitest';
import type { MetaEntry } from '../../../formats/format.ts';
import type { TensorEntry } from '../../../tensors/entry.ts';
import type { Step } from '../attestation.ts';
import type { FileHeader } from '../kind.ts';
import { Steps } from '../steps.ts';
import { sameArchitecture } from './architectures.ts';
import type { Bill, BillModel } from './bill.ts';
import { beside } from './bom.suite.ts';
import { checkConsistency } from './consistency.ts';
import { storedTypes } from './dtypes.ts';
import { countOf, statedOf } from './stated.ts';

function bill(...models: Partial<BillModel>[]): Bill {
  return {
    form: 'spdx',
    version: '3.0.1',
    models: models.map((model) => ({ name: 'm', ...model })),
    files: [],
    others: [],
    fields: new Map(),
    signed: false,
  };
}

const BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I32: 4, Q4_K: 0.5625 };
function tensor(name: string, dtype: string, ...shape: number[]): TensorEntry {
  const byteLength = shape.reduce((product, n) => product * n, BYTES[dtype] ?? 1);
  return { name, dtype, shape, byteLength, storage: { kind: 'none' } as never };
}
const safetensors = (...tensors: TensorEntry[]): FileHeader => ({ format: 'safetensors', metadata: [], tensors });
const gguf = (metadata: MetaEntry[], ...tensors: TensorEntry[]): FileHeader => ({ format: 'gguf', metadata, tensors });
const text = (key: string, value: string): MetaEntry => ({ key, type: 'STRING', value });
const number = (key: string, value: number): MetaEntry => ({ key, type: 'UINT32', value });
const tokens = (length: number): MetaEntry => ({
  key: 'tokenizer.ggml.tokens',
  type: 'ARRAY',
  value: { elementType: 'STRING', length, values: [] },
});

async function check(
  stated: Bill,
  config: object | string | null,
  headers: Readonly<Record<string, FileHeader>> = {},
): Promise<Step> {
  const files: Record<string, string> = Object.fromEntries(Object.keys(headers).map((path) => [path, 'x']));
  if (config !== null) files['config.json'] = typeof config === 'string' ? config : JSON.stringify(config);
  const steps = new Steps();
  await checkConsistency(stated, beside(files, '{}', { headers }), steps);
  const [step] = steps.list();
  expect(steps.list()).toHaveLength(1);
  expect(step!.id).toBe('consistency');
  return step!;
}

/** `matches`, `no-claim`, or what differs with both values. */
function told({ outcome, reason }: Step): string {
  if (reason === undefined) return outcome;
  expect(reason.code).toBe('ATTEST_CONSISTENCY');
  const { what, stated, actual, where } = reason.detail;
  return `${String(what)}: ${String(stated)} / ${String(actual)} in ${String(where)}`;
}

const LLAMA = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  torch_dtype: 'bfloat16',
  max_position_embeddings: 4096,
  vocab_size: 32000,
};

describe('what a bill says of a model, against its configuration', () => {
  it.each<[string, Partial<BillModel>, object, string]>([
    ['the same architecture', { architecture: 'llama' }, LLAMA, 'matches'],
    ['the name of its class', { architecture: 'LlamaForCausalLM' }, LLAMA, 'matches'],
    ['the marketing name of a release of it', { architecture: 'Llama 3' }, LLAMA, 'matches'],
    [
      'another known architecture',
      { architecture: 'Qwen2ForCausalLM' },
      LLAMA,
      'architecture: Qwen2ForCausalLM / llama in config.json',
    ],
    ['an architecture nobody knows', { architecture: 'transformer' }, LLAMA, 'no-claim'],
    [
      'a known one where the configuration has one nobody knows',
      { architecture: 'bert' },
      { model_type: 'acme' },
      'no-claim',
    ],
    ['an unknown one that both name', { architecture: 'Acme-LM' }, { model_type: 'acme_lm' }, 'matches'],
    [
      'the text part of a model with several',
      { architecture: 'llama' },
      { model_type: 'llava', text_config: { model_type: 'llama' } },
      'matches',
    ],
    ['the same type of numbers, spelt otherwise', { dtype: 'BF16' }, LLAMA, 'matches'],
    ['another type', { dtype: 'float16' }, LLAMA, 'type of numbers: float16 / bfloat16 in config.json'],
    ['a way of packing', { dtype: 'int4' }, LLAMA, 'no-claim'],
    ['the length of its context', { contextLength: 4096 }, LLAMA, 'matches'],
    ['another length', { contextLength: 8192 }, LLAMA, 'context length: 8192 / 4096 in config.json'],
    ['a length under another key', { contextLength: 1024 }, { n_positions: 1024 }, 'matches'],
    ['a length of the text part', { contextLength: 512 }, { text_config: { max_position_embeddings: 512 } }, 'matches'],
    [
      'a stretched length',
      { contextLength: 32768 },
      { max_position_embeddings: 8192, rope_scaling: { factor: 4 } },
      'matches',
    ],
    [
      'the length without the two unused positions',
      { contextLength: 512 },
      { model_type: 'roberta', max_position_embeddings: 514 },
      'matches',
    ],
    ['the size of its vocabulary', { vocabularySize: 32000 }, LLAMA, 'matches'],
    ['another vocabulary', { vocabularySize: 50257 }, LLAMA, 'vocabulary: 50257 / 32000 in config.json'],
    ['something the configuration does not say', { contextLength: 10 }, { model_type: 'llama' }, 'no-claim'],
    ['nothing that could be compared', {}, LLAMA, 'no-claim'],
    ['a vocabulary where the configuration has text', { vocabularySize: 10 }, { vocab_size: '10' }, 'no-claim'],
  ])('%s', async (_, stated, config, expected) => {
    expect(told(await check(bill(stated), config))).toBe(expected);
  });

  it('counts what else differs, and says what agrees beside it', async () => {
    const step = await check(bill({ architecture: 'bert', dtype: 'fp32', vocabularySize: 32000 }), LLAMA);
    expect(step.reason?.detail).toMatchObject({ what: 'architecture', more: 1 });
    expect(step.detail).toEqual({ vocabulary: '32000' });
  });

  it('compares nothing of a bill of two models: it does not say which of them is here', async () => {
    expect(told(await check(bill({ dtype: 'fp32' }, { dtype: 'fp32' }), LLAMA))).toBe('no-claim');
  });

  it('takes no value from a configuration that means two things, is no JSON, or is missing', async () => {
    for (const config of ['{"vocab_size":1,"vocab_size":2}', '{', '[]', 'null', null]) {
      expect(told(await check(bill({ vocabularySize: 7 }), config))).toBe('no-claim');
    }
  });
});

describe('what a bill says of a model, against the headers of its weights', () => {
  const META = [text('general.architecture', 'llama'), number('llama.context_length', 2048), tokens(32000)];
  const WEIGHTS = [tensor('token_embd.weight', 'Q4_K', 32000, 256), tensor('output_norm.weight', 'F32', 256)];
  it.each<[string, Partial<BillModel>, string]>([
    ['the architecture of GGUF', { architecture: 'LlamaForCausalLM' }, 'matches'],
    ['one that GGUF stores under that name', { architecture: 'mistral' }, 'matches'],
    ['one that GGUF does not', { architecture: 'gpt2' }, 'architecture: gpt2 / llama in m.gguf'],
    ['its context', { contextLength: 2048 }, 'matches'],
    ['another context', { contextLength: 4096 }, 'context length: 4096 / 2048 in m.gguf'],
    ['the number of its tokens', { vocabularySize: 32000 }, 'matches'],
    ['another number', { vocabularySize: 31999 }, 'vocabulary: 31999 / 32000 in m.gguf'],
    ['the mixture its type belongs to', { dtype: 'Q4_K_M' }, 'matches'],
    ['another block type', { dtype: 'Q8_0' }, 'type of numbers: Q8_0 / Q4_K in m.gguf'],
    ['the type of the norms alone', { dtype: 'float32' }, 'type of numbers: float32 / Q4_K in m.gguf'],
  ])('%s', async (_, stated, expected) => {
    expect(told(await check(bill(stated), null, { 'm.gguf': gguf(META, ...WEIGHTS) }))).toBe(expected);
  });

  it('the type of the tensors counts more than the configuration’s word for it', async () => {
    const headers = { 'm.safetensors': safetensors(tensor('a', 'BF16', 100)) };
    expect(told(await check(bill({ dtype: 'bf16' }), { torch_dtype: 'float32' }, headers))).toBe('matches');
    expect(told(await check(bill({ dtype: 'float32' }), { torch_dtype: 'float32' }, headers))).toBe(
      'type of numbers: float32 / BF16 in m.safetensors',
    );
  });

  it('one of several files is enough: a bill may be of any of them', async () => {
    const headers = { 'a.safetensors': safetensors(tensor('a', 'BF16', 9)), 'b.gguf': gguf(META, ...WEIGHTS) };
    expect(told(await check(bill({ dtype: 'Q4_K_S' }), null, headers))).toBe('matches');
  });

  it('a token table may have more rows than the vocabulary, never fewer', async () => {
    const headers = { 'm.safetensors': safetensors(tensor('model.embed_tokens.weight', 'F16', 128, 4)) };
    expect(told(await check(bill({ vocabularySize: 100 }), null, headers))).toBe('no-claim');
    expect(told(await check(bill({ vocabularySize: 129 }), null, headers))).toBe(
      'vocabulary: 129 / 128 rows in m.safetensors',
    );
  });

  it.each<[string, number, string]>([
    ['exactly', 1_128_000, 'matches'],
    ['with the table counted twice', 2_128_000, 'matches'],
    ['rounded', 1_000_000, 'matches'],
    ['ten times as many', 11_280_000, 'number of parameters: 11280000 / 1128000 in m-00001-of-00002.safetensors'],
  ])('parameters over all shards, %s', async (_, parameters, expected) => {
    const headers = {
      'm-00001-of-00002.safetensors': safetensors(tensor('model.embed_tokens.weight', 'F16', 1000, 1000)),
      'm-00002-of-00002.safetensors': safetensors(tensor('b', 'F16', 128_000)),
    };
    expect(told(await check(bill({ parameters }), null, headers))).toBe(expected);
  });

  it('says nothing of the number of parameters where they are packed', async () => {
    const headers = { 'm.safetensors': safetensors(tensor('a.qweight', 'I32', 10)) };
    expect(told(await check(bill({ parameters: 7e9 }), null, headers))).toBe('no-claim');
  });
});

describe('spellings', () => {
  it('of types: written out, with the library’s name, and ggml’s mixtures; nothing that is packed in several ways', () => {
    for (const one of ['bf16', 'BF16', 'bfloat16', 'torch.bfloat16', ' BFloat16 '])
      expect(storedTypes(one)).toEqual(['BF16']);
    expect(storedTypes('Q5_K_S')).toEqual(['Q5_K']);
    expect(storedTypes('iq4_xs')).toEqual(['IQ4_XS']);
    expect(storedTypes('float8_e4m3fn')).toEqual(['F8_E4M3']);
    for (const one of ['int4', '4-bit', 'mixed', '', 'nf4', 'constructor']) expect(storedTypes(one)).toBe(null);
  });

  it('of architectures: a name outside the table is never said to differ', () => {
    expect(sameArchitecture('GPTNeoXForCausalLM', 'gpt_neox', false)).toBe(true);
    expect(sameArchitecture('XLM-RoBERTa', 'bert', true)).toBe(true);
    expect(sameArchitecture('XLM-RoBERTa', 'bert', false)).toBe(false);
    expect(sameArchitecture('vicuna', 'llama', true)).toBe(null);
    expect(sameArchitecture('llama', 'constructor', true)).toBe(null);
    expect(sameArchitecture('', 'llama', false)).toBe(null);
  });

  it('of counts: grouped digits and words for thousands, and nothing else', () => {
    const read = ['32,000', '7B', '1.5 billion', '32 768', '124M', '50257'].map(countOf);
    expect(read).toEqual([32000, 7e9, 1.5e9, 32768, 124e6, 50257]);
    for (const one of ['', '0', '-1', '1.5', '7B to 13B', '1e9', '99999999999999999999', 'many', '1,2']) {
      expect(countOf(one)).toBe(undefined);
    }
  });

  it('of keys: configurations, GGUF with its architecture in front, generators with theirs', () => {
    expect(
      statedOf([
        ['genai:aibom:modelcard:typeOfModel', 'x'],
        ['llama.context_length', '4096'],
        ['genai:aibom:modelcard:vocab_size', '32000'],
        ['general.architecture', 'llama'],
        ['torch_dtype', 'bfloat16'],
        ['Parameter Count', '7B'],
        ['vocab_size', '1'],
      ]),
    ).toEqual({
      architecture: 'llama',
      dtype: 'bfloat16',
      contextLength: 4096,
      vocabularySize: 32000,
      parameters: 7e9,
    });
    expect(
      statedOf([
        ['vocab_size', 'large'],
        ['dtype', ' '],
      ]),
    ).toEqual({});
  });
});
