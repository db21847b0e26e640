/** Fused tensors: what lies where, by layout, shape and head counts. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeRoles } from './describe.ts';
import { fusedParts } from './parts.ts';
import { hintFromConfig, hintFromGguf } from './hint.ts';
import type { FusedPart, RoleHint, TensorRole } from './role.ts';

const D = 64;

/** The role of one tensor of a model whose first norm has D channels. */
function roleOf(
  name: string,
  shape: readonly number[],
  hint: RoleHint = {},
  others: readonly string[] = [],
): TensorRole {
  const norm = name.replace(
    /\.(?:attn|mlp|self_attn|attention|self_attention|feed_forward|block_sparse_moe)\..*/,
    '.ln_1.weight',
  );
  const tensors = [norm, ...others].map((other) => ({ name: other, shape: [D], dtype: 'F32' }));
  return describeRoles([{ name, shape, dtype: 'F32' }, ...tensors], hint).roles[0]!;
}

/** The places along the axis that a part covers, by its definition. */
function places({ start, length, every, count }: FusedPart): number[] {
  const all: number[] = [];
  for (let i = 0; i < count; i++) for (let j = 0; j < length; j++) all.push(start + i * every + j);
  return all;
}

const heads = (h: number, kv: number): RoleHint => ({ heads: { text: { heads: h, kvHeads: kv } } });
const runs = (role: TensorRole): string[] =>
  (role.parts ?? []).map((p) => `${p.role} ${p.axis}:${p.start}+${p.length}/${p.every}x${p.count}`);

describe('fused tensors', () => {
  it('GPT-2 stores [in, out]: q, k, v are columns, and its bias is cut likewise', () => {
    const role = roleOf('h.0.attn.c_attn.weight', [D, 3 * D]);
    expect(role.transposed).toBe(true);
    expect(runs(role)).toEqual(['q 1:0+64/192x1', 'k 1:64+64/192x1', 'v 1:128+64/192x1']);
    expect(runs(roleOf('h.0.attn.c_attn.bias', [3 * D], heads(4, 4)))).toEqual([
      'q 0:0+64/192x1',
      'k 0:64+64/192x1',
      'v 0:128+64/192x1',
    ]);
  });

  it('Conv1D is told by its shape: [D, ff] is transposed, [ff, D] is a plain linear layer', () => {
    expect(roleOf('h.0.mlp.c_fc.weight', [D, 256]).transposed).toBe(true);
    expect(roleOf('h.0.mlp.c_proj.weight', [256, D]).transposed).toBe(true);
    expect(roleOf('h.0.mlp.c_fc.weight', [256, D]).transposed).toBe(false);
    expect(roleOf('h.0.mlp.c_proj.weight', [D, 256]).transposed).toBe(false);
  });

  it('a square Conv1D goes by the architecture', () => {
    expect(roleOf('h.0.attn.c_proj.weight', [D, D], { architecture: 'gpt2' }).transposed).toBe(true);
    expect(roleOf('h.0.attn.c_proj.weight', [D, D]).transposed).toBe(false);
  });

  it('where c_fc is a Conv1D, the square c_proj beside it is one too', () => {
    const tensors = [
      { name: 'h.0.ln_1.weight', shape: [D], dtype: 'F32' },
      { name: 'h.0.attn.c_proj.weight', shape: [D, D], dtype: 'F32' },
      { name: 'h.0.mlp.c_fc.weight', shape: [D, 256], dtype: 'F32' },
    ];
    expect(describeRoles(tensors).roles[1]!.transposed).toBe(true);
    const linear = tensors.map((t) => ({ ...t, shape: t.shape.toReversed() }));
    expect(describeRoles(linear, { architecture: 'gpt2' }).roles[1]!.transposed).toBe(false);
  });

  it.each([
    ['encoder.layers.0.mlp.dense_h_to_4h.weight', 'encoder.layers.0.mlp.dense_4h_to_h.weight'],
    ['blk.0.ffn_up.weight', 'blk.0.ffn_down.weight'],
  ])('%s is gate and up in one where it is twice as wide as what follows', (up, down) => {
    const rolesOf = (rows: number): readonly TensorRole[] =>
      describeRoles([
        { name: up, shape: [rows, D], dtype: 'F32' },
        { name: down, shape: [D, 100], dtype: 'F32' },
      ]).roles;
    expect(runs(rolesOf(200)[0]!)).toEqual(['gate 0:0+100/200x1', 'up 0:100+100/200x1']);
    expect(rolesOf(100)[0]!.role).toBe('up');
  });

  it('GPT-NeoX and BLOOM: every head has its q, k, v', () => {
    const role = roleOf('gpt_neox.layers.0.attention.query_key_value.weight', [3 * D, D], heads(4, 4));
    expect(runs(role)).toEqual(['q 0:0+16/48x4', 'k 0:16+16/48x4', 'v 0:32+16/48x4']);
    expect(roleOf('gpt_neox.layers.0.attention.query_key_value.weight', [3 * D, D]).parts).toBeUndefined();
  });

  it('InternLM2 and the new Falcon: queries of a group, then its k, v', () => {
    const grouped = ['q 0:0+32/64x2', 'k 0:32+16/64x2', 'v 0:48+16/64x2'];
    expect(runs(roleOf('model.layers.0.attention.wqkv.weight', [128, D], heads(4, 2)))).toEqual(grouped);
    const falcon = { ...heads(4, 2), architecture: 'falcon' };
    expect(runs(roleOf('transformer.h.0.self_attention.query_key_value.weight', [128, D], falcon))).toEqual(grouped);
  });

  it('Falcon-7B: all queries, then one k, one v', () => {
    const hint = hintFromConfig({ model_type: 'falcon', num_attention_heads: 4, multi_query: true });
    expect(hint.heads?.text).toEqual({ heads: 4, kvHeads: 1 });
    const role = roleOf('transformer.h.0.self_attention.query_key_value.weight', [96, D], hint);
    expect(runs(role)).toEqual(['q 0:0+64/96x1', 'k 0:64+16/96x1', 'v 0:80+16/96x1']);
  });

  it('Phi-3 and ChatGLM: q, k, v one after the other with their own head counts', () => {
    expect(runs(roleOf('model.layers.0.self_attn.qkv_proj.weight', [128, D], heads(4, 2)))).toEqual([
      'q 0:0+64/128x1',
      'k 0:64+32/128x1',
      'v 0:96+32/128x1',
    ]);
    expect(runs(roleOf('model.layers.0.mlp.gate_up_proj.weight', [224, D]))).toEqual([
      'gate 0:0+112/224x1',
      'up 0:112+112/224x1',
    ]);
  });

  it('OLMo-1 keeps up before gate', () => {
    const name = 'model.transformer.blocks.0.ff_proj.weight';
    expect(runs(roleOf(name, [224, D]))).toEqual(['up 0:0+112/224x1', 'gate 0:112+112/224x1']);
  });

  it('CodeGen: four blocks of q, v, k', () => {
    const role = roleOf('transformer.h.0.attn.qkv_proj.weight', [3 * D, D], {}, ['transformer.h.0.mlp.fc_in.bias']);
    expect(runs(role)).toEqual(['q 0:0+16/48x4', 'v 0:16+16/48x4', 'k 0:32+16/48x4']);
  });

  it('gpt-oss: experts along axis 0, gate and up in turn along the columns', () => {
    const sinks = ['model.layers.0.self_attn.sinks'];
    const role = roleOf('model.layers.0.mlp.experts.gate_up_proj', [8, D, 224], {}, sinks);
    expect(role).toMatchObject({ expert: 'all', transposed: true });
    expect(runs(role)).toEqual(['gate 2:0+1/2x112', 'up 2:1+1/2x112']);
  });

  it('stacked experts: [E, out, in] and [E, in, out] are told by the width', () => {
    const plain = roleOf('model.layers.0.mlp.experts.gate_up_proj', [8, 224, D]);
    expect(plain.transposed).toBe(false);
    expect(runs(plain)).toEqual(['gate 1:0+112/224x1', 'up 1:112+112/224x1']);
    expect(roleOf('model.layers.0.feed_forward.experts.down_proj', [8, 112, D]).transposed).toBe(true);
    expect(roleOf('model.layers.0.mlp.experts.down_proj', [8, D, 112]).transposed).toBe(false);
  });

  it('head counts that contradict the shape leave the parts out', () => {
    expect(roleOf('model.layers.0.self_attn.qkv_proj.weight', [130, D], heads(4, 2)).parts).toBeUndefined();
    expect(roleOf('gpt_neox.layers.0.attention.query_key_value.weight', [3 * D, D], heads(5, 5)).parts).toBeUndefined();
  });

  it('parts of any layout cover the output dimension exactly once', () => {
    const layout = fc.constantFrom('concat', 'heads', 'groups', 'falcon' as const);
    fc.assert(
      fc.property(
        layout,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        (kind, kv, per, hd) => {
          const [h, rows] = [kv * per, (kv * per + 2 * kv) * hd];
          const parts = fusedParts(
            { role: 'qkv', layout: kind },
            { axis: 0, outputs: rows, inputs: 8 },
            { heads: h, kvHeads: kv },
          );
          if (kind === 'heads' && per !== 1) {
            expect(parts).toBeUndefined();
            return;
          }
          expect(parts!.flatMap(places).sort((a, b) => a - b)).toEqual([...Array(rows).keys()]);
          const length = (role: string): number => parts!.filter((p) => p.role === role).flatMap(places).length;
          expect([length('q'), length('k'), length('v')]).toEqual([h * hd, kv * hd, kv * hd]);
        },
      ),
    );
  });
});

describe('rotary pairs', () => {
  it("Meta's names and GGUF of llama pair up rows of q and k, nobody else does", () => {
    expect(roleOf('layers.0.attention.wq.weight', [D, D]).rotaryPairs).toBe(true);
    expect(roleOf('layers.0.attention.wv.weight', [D, D]).rotaryPairs).toBe(false);
    expect(
      roleOf('blk.0.attn_k.weight', [D, D], { format: 'gguf', architecture: 'llama' }, ['blk.0.attn_q.weight'])
        .rotaryPairs,
    ).toBe(true);
    expect(roleOf('blk.0.attn_q.weight', [D, D], { format: 'gguf', architecture: 'qwen2' }).rotaryPairs).toBe(false);
    expect(roleOf('blk.0.attn_q.weight', [D, D], { format: 'gguf', architecture: 'llama4' }).rotaryPairs).toBe(false);
    expect(roleOf('model.layers.0.self_attn.q_proj.weight', [D, D]).rotaryPairs).toBe(false);
  });
});

describe('hints', () => {
  it('a configuration is asked by section, and nothing malformed is believed', () => {
    const config = {
      model_type: 'llava',
      text_config: { model_type: 'llama', num_attention_heads: 32, num_key_value_heads: 8 },
      vision_config: { num_attention_heads: 16 },
    };
    expect(hintFromConfig(config)).toMatchObject({
      architecture: 'llama',
      heads: { text: { heads: 32, kvHeads: 8 }, vision: { heads: 16, kvHeads: 16 } },
    });
    expect(hintFromConfig({ encoder_attention_heads: 4, decoder_attention_heads: 8 }).heads).toEqual({
      encoder: { heads: 4, kvHeads: 4 },
      decoder: { heads: 8, kvHeads: 8 },
    });
    expect(hintFromConfig({ model_type: 'dbrx', n_heads: 48, attn_config: { kv_n_heads: 8 } }).heads?.text).toEqual({
      heads: 48,
      kvHeads: 8,
    });
    for (const odd of [null, 3, 'x', [], { num_attention_heads: -1 }, { num_attention_heads: '8' }, { n_head: 1e9 }]) {
      expect(hintFromConfig(odd)).toEqual({});
    }
  });

  it('GGUF states heads under its architecture', () => {
    const entry = (key: string, value: unknown) => ({ key, value });
    expect(
      hintFromGguf([
        entry('general.architecture', 'llama'),
        entry('llama.attention.head_count', 4),
        entry('llama.attention.head_count_kv', 2),
      ]),
    ).toEqual({ format: 'gguf', architecture: 'llama', heads: { text: { heads: 4, kvHeads: 2 } } });
    expect(hintFromGguf([])).toEqual({ format: 'gguf' });
  });
});
