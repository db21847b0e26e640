import { describe, expect, it } from 'vitest';
import { structureWords } from '../report/words/structure.ts';
import { describeRoles } from '../tensors/roles/describe.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import { emptyScan } from './empty.ts';
import type { ArtifactScan } from './model.ts';
import { withStructure } from './structure.ts';

const entry = (name: string): TensorEntry => ({
  name,
  dtype: 'F32',
  shape: [4, 4],
  byteLength: 64,
  storage: { kind: 'range', start: 0 },
});
const layer = (i: number): string[] => [
  `model.layers.${i}.self_attn.q_proj.weight`,
  `model.layers.${i}.mlp.up_proj.weight`,
];
const scanOf = (
  path: string,
  names: readonly string[],
  format: ArtifactScan['format'] = 'safetensors',
): ArtifactScan => ({
  ...emptyScan(path, 1000),
  format,
  facts: { header_bytes: 8 },
  tensors: names.map(entry),
});
const words = (names: readonly string[]): string => structureWords(describeRoles(names.map(entry)));

describe('structure of a model', () => {
  it('shards are described together, each counts its own tensors', () => {
    const scans = withStructure([
      scanOf('m/model-00001-of-00002.safetensors', ['model.embed_tokens.weight', ...layer(0), 'odd']),
      scanOf('m/model-00002-of-00002.safetensors', [...layer(1), 'lm_head.weight']),
      emptyScan('m/config.json', 10),
    ]);
    const structure = '2 layers; 7 tensors: 6 with a role, 1 unknown';
    expect(scans[0]!.facts).toEqual({ header_bytes: 8, structure, tensors_with_role: 3, tensors_unknown: 1 });
    expect(scans[1]!.facts).toMatchObject({ structure, tensors_with_role: 3, tensors_unknown: 0 });
    expect(scans[2]!.facts).toEqual({});
  });

  it('two models in one folder are not one', () => {
    const [a, b] = withStructure([
      scanOf('a.safetensors', layer(0)),
      scanOf('b.safetensors', [...layer(0), ...layer(1)]),
    ]);
    expect(a!.facts['structure']).toBe('1 layer; 2 tensors: all with a role');
    expect(b!.facts['structure']).toBe('2 layers; 4 tensors: all with a role');
  });

  it('GGUF brings its architecture', () => {
    const gguf = scanOf('m.gguf', ['blk.0.ffn_up.weight', 'token_embd.weight', 'blk.0.attn_q.weight'], 'gguf');
    const metadata = [{ key: 'general.architecture', type: 'STRING', value: 'phi3' }];
    expect(withStructure([{ ...gguf, metadata }])[0]!.facts['structure']).toBe('1 layer; 3 tensors: all with a role');
  });

  it('several components are named, one is not', () => {
    expect(words(layer(0))).toBe('1 layer; 2 tensors: all with a role');
    expect(
      words([
        ...layer(0),
        ...layer(1),
        'visual.blocks.0.attn.qkv.weight',
        'visual.merger.mlp.0.weight',
        'model.embed_tokens.weight',
      ]),
    ).toBe('text 2 layers, vision 1 layer, projector; 7 tensors: all with a role');
    expect(words(['t.000', 't.001'])).toBe('2 tensors: none with a role');
    expect(words(['conv1.weight', 'zzz'])).toBe('2 tensors: 1 with a role, 1 unknown');
  });
});
