import { describe, expect, it } from 'vitest';
import { parseLooseText } from '../content/loose-json.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import { checkAdapterShapes, checkConfigShapes } from './config-shapes.ts';

const tensor = (name: string, shape: readonly number[], dtype = 'F32'): TensorEntry => ({
  name,
  dtype,
  shape,
  byteLength: 0,
  storage: { kind: 'range', start: 0 },
});
const model = [
  tensor('model.embed_tokens.weight', [128, 64]),
  tensor('model.layers.0.mlp.gate_proj.weight', [256, 64]),
  tensor('model.layers.1.mlp.gate_proj.weight', [256, 64]),
];
const keys = (config: unknown, tensors = model): unknown[] =>
  checkConfigShapes(parseLooseText(JSON.stringify(config)).root, tensors).findings.map(({ detail }) => detail['key']);

describe('an adapter against its matrices', () => {
  const pair = (rank: number, layer = 0): TensorEntry[] => [
    tensor(`base_model.model.layers.${layer}.q_proj.lora_A.weight`, [rank, 64]),
    tensor(`base_model.model.layers.${layer}.q_proj.lora_B.default.weight`, [64, rank]),
  ];
  const told = (config: unknown, tensors: readonly TensorEntry[]) => {
    const { findings, agreed } = checkAdapterShapes(parseLooseText(JSON.stringify(config)).root, tensors);
    return [findings.map(({ detail }) => `${detail['key']} ${detail['value']} ${detail['actual']}`), agreed];
  };

  it.each<[string, unknown, TensorEntry[], unknown]>([
    ['of the stated rank agrees', { r: 8 }, [...pair(8), ...pair(8, 1)], [[], ['r']]],
    ['of another rank differs', { r: 8 }, pair(4), [['r 8 4'], []]],
    ['with ranks by layer says nothing', { r: 8 }, [...pair(8), ...pair(4, 1)], [[], []]],
    ['of another method says nothing', { r: 8 }, [tensor('prompt_embeddings', [8, 64])], [[], []]],
    ['without a rank says nothing', { r: '8' }, pair(8), [[], []]],
  ])('%s', (_what, config, tensors, expected) => {
    expect(told(config, tensors)).toEqual(expected);
  });
});

describe('a configuration against its tensors', () => {
  it.each<[string, unknown, unknown[]]>([
    ['agrees', { vocab_size: 128, hidden_size: 64, num_hidden_layers: 2 }, []],
    ['agrees in a part of its own', { text_config: { vocab_size: 128, hidden_size: 64, num_hidden_layers: 2 } }, []],
    ['may have padded rows', { vocab_size: 120, hidden_size: 64 }, []],
    ['has more words than rows', { vocab_size: 129 }, ['vocab_size']],
    ['states another width', { hidden_size: 4096 }, ['hidden_size']],
    ['states other layers', { num_hidden_layers: 32 }, ['num_hidden_layers']],
    ['may have layers for further tokens', { num_hidden_layers: 1, num_nextn_predict_layers: 1 }, []],
    ['may state nothing', {}, []],
  ])('%s', (_what, config, expected) => {
    expect(keys(config)).toEqual(expected);
  });

  it('says which sizes were compared and agree', () => {
    const { root } = parseLooseText(JSON.stringify({ vocab_size: 129, hidden_size: 64, num_hidden_layers: 2 }));
    expect(checkConfigShapes(root, model).agreed).toEqual(['hidden_size', 'num_hidden_layers']);
  });

  it('packed tables say nothing about sizes', () => {
    expect(keys({ hidden_size: 64, vocab_size: 999 }, [tensor('model.embed_tokens.weight', [128, 8], 'U32')])).toEqual(
      [],
    );
  });
});
