import { describe, expect, test } from 'vitest';
import { GgufWriter, writeSafetensors, type WrittenTensor } from '../../../formats/writers.suite.ts';
import type { LoadPath } from '../weights.ts';
import { groupedRows, placeIn, rotaryRows } from './arrangement.ts';
import { ColumnSquares, PlacedSamples } from '../collectors.ts';
import { sampling } from '../wvc.ts';
import { plainSignals, signalsOf } from './model-folder.suite.ts';

/** A matrix as rows of numbers; a vector is one row. */
interface Weight {
  readonly name: string;
  readonly rows: readonly (readonly number[])[];
  readonly vector?: true;
}

let seed = 1;
const random = (): number => {
  seed = (seed * 48271) % 2147483647;
  // Multiples of 1/1024 below 2: adding one to them loses nothing.
  return Math.round((seed / 2147483647 - 0.5) * 2048) / 1024;
};
const matrix = (name: string, rows: number, columns: number): Weight => ({
  name,
  rows: Array.from({ length: rows }, () => Array.from({ length: columns }, random)),
});
const vector = (name: string): Weight => ({ ...matrix(name, 1, 64), vector: true });

function tensorOf({ name, rows, vector: flat }: Weight): WrittenTensor {
  const values = Float32Array.from(rows.flat());
  const shape = flat === true ? [values.length] : [rows.length, rows[0]!.length];
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) };
}

/** What a converter does to one weight, row by row as its source has it. */
type Change = (weight: Weight) => readonly (readonly number[])[];
const keep: Change = ({ rows }) => rows;
const plusOne: Change = ({ rows }) => rows.map((row) => row.map((x) => x + 1));
const turn: Change = ({ rows }) => rows[0]!.map((_, column) => rows.map((row) => row[column]!));

/** `reshape(heads, 2, half, …).swapaxes(1, 2)` */
function permute(heads: number): Change {
  return ({ rows }) => {
    const half = rows.length / heads / 2;
    const out: (readonly number[])[] = [];
    for (let head = 0; head < heads; head++)
      for (let i = 0; i < half; i++) for (const part of [0, 1]) out.push(rows[head * 2 * half + part * half + i]!);
    return out;
  };
}

/** `view(keyHeads, heads / keyHeads + 2, size, …)`: queries, then keys, then values of all groups. */
function regroup(heads: number, keyHeads: number): Change {
  return ({ rows }) => {
    const queries = heads / keyHeads;
    const size = rows.length / (heads + 2 * keyHeads);
    const pick = (group: number, slot: number): (readonly number[])[] => {
      const start = (group * (queries + 2) + slot) * size;
      return rows.slice(start, start + size);
    };
    const groups = Array.from({ length: keyHeads }, (_, i) => i);
    return [
      ...groups.flatMap((group) => Array.from({ length: queries }, (_, slot) => pick(group, slot)).flat()),
      ...groups.flatMap((group) => pick(group, queries)),
      ...groups.flatMap((group) => pick(group, queries + 1)),
    ];
  };
}

interface Case {
  readonly architecture: string;
  readonly keyHeads?: number;
  /** Hugging Face's weight, GGUF's name, and what happened in between. */
  readonly weights: readonly (readonly [weight: Weight, gguf: string, change: Change])[];
}

const HEADS = 4;
const layers = (make: (layer: number) => Case['weights']): Case['weights'] => [0, 1].flatMap((layer) => make(layer));

const CASES: readonly Case[] = [
  {
    architecture: 'gemma2',
    weights: [
      [matrix('model.embed_tokens.weight', 100, 64), 'token_embd.weight', keep],
      [vector('model.norm.weight'), 'output_norm.weight', plusOne],
      ...layers((i): Case['weights'] => [
        [vector(`model.layers.${i}.input_layernorm.weight`), `blk.${i}.attn_norm.weight`, plusOne],
        [vector(`model.layers.${i}.pre_feedforward_layernorm.weight`), `blk.${i}.ffn_norm.weight`, plusOne],
        [vector(`model.layers.${i}.post_feedforward_layernorm.weight`), `blk.${i}.post_ffw_norm.weight`, plusOne],
        [matrix(`model.layers.${i}.self_attn.q_proj.weight`, 64, 64), `blk.${i}.attn_q.weight`, keep],
        [matrix(`model.layers.${i}.mlp.gate_proj.weight`, 96, 64), `blk.${i}.ffn_gate.weight`, keep],
      ]),
    ],
  },
  {
    architecture: 'gptneox',
    weights: [
      [matrix('gpt_neox.embed_in.weight', 100, 64), 'token_embd.weight', keep],
      ...layers((i): Case['weights'] => [
        [vector(`gpt_neox.layers.${i}.input_layernorm.bias`), `blk.${i}.attn_norm.bias`, keep],
        [
          matrix(`gpt_neox.layers.${i}.attention.query_key_value.weight`, 192, 64),
          `blk.${i}.attn_qkv.weight`,
          regroup(HEADS, HEADS),
        ],
        [matrix(`gpt_neox.layers.${i}.mlp.dense_h_to_4h.weight`, 128, 64), `blk.${i}.ffn_up.weight`, keep],
      ]),
    ],
  },
  {
    architecture: 'falcon',
    keyHeads: 2,
    weights: layers((i): Case['weights'] => [
      [vector(`transformer.h.${i}.ln_mlp.weight`), `blk.${i}.attn_norm.weight`, keep],
      [vector(`transformer.h.${i}.ln_attn.weight`), `blk.${i}.attn_norm_2.weight`, keep],
      [
        matrix(`transformer.h.${i}.self_attention.query_key_value.weight`, 128, 64),
        `blk.${i}.attn_qkv.weight`,
        regroup(HEADS, 2),
      ],
    ]),
  },
  {
    architecture: 'gpt2',
    weights: [
      [matrix('transformer.wte.weight', 100, 64), 'token_embd.weight', keep],
      ...layers((i): Case['weights'] => [
        [vector(`transformer.h.${i}.ln_1.weight`), `blk.${i}.attn_norm.weight`, keep],
        [matrix(`transformer.h.${i}.attn.c_attn.weight`, 64, 192), `blk.${i}.attn_qkv.weight`, turn],
        [matrix(`transformer.h.${i}.mlp.c_fc.weight`, 64, 256), `blk.${i}.ffn_up.weight`, turn],
      ]),
    ],
  },
  {
    architecture: 'granite',
    keyHeads: 2,
    weights: layers((i): Case['weights'] => [
      [matrix(`model.layers.${i}.self_attn.q_proj.weight`, 64, 64), `blk.${i}.attn_q.weight`, permute(HEADS)],
      [matrix(`model.layers.${i}.self_attn.k_proj.weight`, 32, 64), `blk.${i}.attn_k.weight`, permute(2)],
      [matrix(`model.layers.${i}.self_attn.v_proj.weight`, 32, 64), `blk.${i}.attn_v.weight`, keep],
    ]),
  },
  {
    architecture: 't5',
    weights: [
      [matrix('shared.weight', 100, 64), 'token_embd.weight', keep],
      [vector('decoder.final_layer_norm.weight'), 'dec.output_norm.weight', keep],
      ...layers((i): Case['weights'] => [
        [matrix(`encoder.block.${i}.layer.0.SelfAttention.q.weight`, 64, 64), `enc.blk.${i}.attn_q.weight`, keep],
        [matrix(`encoder.block.${i}.layer.1.DenseReluDense.wi.weight`, 96, 64), `enc.blk.${i}.ffn_up.weight`, keep],
        [vector(`encoder.block.${i}.layer.1.layer_norm.weight`), `enc.blk.${i}.ffn_norm.weight`, keep],
        [matrix(`decoder.block.${i}.layer.2.DenseReluDense.wo.weight`, 64, 96), `dec.blk.${i}.ffn_down.weight`, keep],
        [vector(`decoder.block.${i}.layer.1.layer_norm.weight`), `dec.blk.${i}.cross_attn_norm.weight`, keep],
      ]),
    ],
  },
];

describe.each(CASES)('$architecture', ({ architecture, keyHeads = HEADS, weights }) => {
  test.each<LoadPath>(['full', 'streaming', 'sliced'])(
    '%s path: what llama.cpp’s converter did is undone',
    async (path) => {
      const byName = weights.map(([weight]) => weight).sort((a, b) => (a.name < b.name ? -1 : 1));
      const origin = { 'model.safetensors': writeSafetensors(byName.map(tensorOf)) };
      const writer = new GgufWriter();
      const key = (name: string, value: number) => [`${architecture}.${name}`, writer.value('UINT32', value)] as const;
      const file = writer.file(
        [
          ['general.architecture', writer.value('STRING', architecture)],
          key('block_count', 2),
          key('embedding_length', 64),
          key('attention.head_count', HEADS),
          key('attention.head_count_kv', keyHeads),
        ],
        weights.map(([weight, name, change]) => tensorOf({ ...weight, name, rows: change(weight) })),
      );
      const expected = plainSignals(await signalsOf(origin, path))!;
      expect(expected.lep).not.toBeNull();
      const made = plainSignals(await signalsOf({ 'model.gguf': file }, path))!;
      // Sums of squares are added up in another order.
      expect(made.lep!.map((x) => x.toFixed(6))).toEqual([...expected.lep!].map((x) => x.toFixed(6)));
      expect({ ...made, lep: null }).toEqual({ ...expected, lep: null });
    },
  );
});

test('experts in one tensor are as many matrices', async () => {
  const experts = [0, 1, 2].map((e) => matrix(`model.layers.0.mlp.experts.${e}.up_proj.weight`, 32, 64));
  const writer = new GgufWriter();
  const all = tensorOf({ name: 'blk.0.ffn_up_exps.weight', rows: experts.flatMap(({ rows }) => rows) });
  const key = (name: string, value: number) => [`qwen3moe.${name}`, writer.value('UINT32', value)] as const;
  const file = writer.file(
    [
      ['general.architecture', writer.value('STRING', 'qwen3moe')],
      key('block_count', 1),
      key('embedding_length', 64),
      key('attention.head_count', HEADS),
    ],
    [{ ...all, shape: [3, 32, 64] }],
  );
  const origin = writeSafetensors(experts.map(tensorOf));
  for (const path of ['full', 'sliced'] as const) {
    expect(plainSignals(await signalsOf({ 'model.gguf': file }, path))).toEqual(
      plainSignals(await signalsOf({ 'model.safetensors': origin }, path)),
    );
  }
});

describe('arrangements', () => {
  test('every place is used once', () => {
    const orders = [
      [rotaryRows(48, 4)!, 48],
      [groupedRows(64, 4, 2)!, 64],
      [{ kind: 'transposed' }, 30],
    ] as const;
    for (const [order, rows] of orders) {
      const place = placeIn(order, [rows, 5]);
      const used = Array.from({ length: rows * 5 }, (_, i) => place(i)).sort((x, y) => x - y);
      expect(used).toEqual([...used.keys()]);
    }
  });

  test('heads that do not divide the rows are refused', () => {
    expect(rotaryRows(10, 4)).toBeNull();
    expect(rotaryRows(12, 4)).toBeNull();
    expect(groupedRows(64, 3, 2)).toBeNull();
  });

  test('samples and column sums do not depend on how the values come', () => {
    const [rows, columns] = [200, 50];
    const stored = Float32Array.from({ length: rows * columns }, random);
    const place = placeIn({ kind: 'transposed' }, [rows, columns]);
    const { stride, count } = sampling(rows * columns);
    const expected = Array.from({ length: count }, (_, i) => stored[place(i * stride)]);
    for (const size of [1, 7, 4096, rows * columns]) {
      const samples = new PlacedSamples(rows * columns, place);
      // Stored are `columns` rows of `rows` numbers.
      const squares = new ColumnSquares(rows, [0, 3, 199]);
      for (let at = 0; at < stored.length; at += size) {
        samples.tile(stored.subarray(at, at + size));
        squares.tile(stored.subarray(at, at + size));
      }
      expect([...samples.values]).toEqual(expected);
      let sum = 0;
      for (let row = 0; row < columns; row++) for (const c of [0, 3, 199]) sum += stored[row * rows + c]! ** 2;
      expect(squares.sum).toBeCloseTo(sum, 9);
    }
  });
});
