import { describe, expect, it } from 'vitest';
import { tensor, writeSafetensors, type WrittenTensor } from '../formats/writers.suite.ts';
import { silentContext, type Progress } from '../progress.ts';
import { AppError } from '../errors.ts';
import { loadKernels } from '../kernels/wasm.ts';
import { comparePairsOf } from './compare.ts';
import { compared, floats, modelOf, rowOf, safetensorsModel } from './compare.suite.ts';

const layer = (i: number, seed = 1): WrittenTensor[] => [
  tensor(`model.layers.${i}.self_attn.q_proj.weight`, 'BF16', [64, 64], seed + i),
  tensor(`model.layers.${i}.mlp.up_proj.weight`, 'BF16', [128, 64], seed + i + 50),
];

/** The numbers 1 to n, row by row. */
const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('numbers of two tensors', () => {
  it('a planted edit of one number gives exactly its size, its count and its share of the norm', async () => {
    const values = counting(40_000);
    const edited = [...values];
    edited[33_333] = edited[33_333]! + 0.5;
    const a = safetensorsModel('a', [floats('w', [200, 200], values), floats('v', [4], [1, 2, 3, 4])]);
    const b = safetensorsModel('b', [floats('w', [200, 200], edited), floats('v', [4], [1, 2, 3, 4])]);
    const found = await compared(a, b);
    const norm = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
    expect(rowOf(found, 'w')).toMatchObject({ relation: 'differs', changed: 1, largest: 0.5, values: 40_000 });
    expect(rowOf(found, 'w').distance).toBe(0.5 / norm);
    expect(rowOf(found, 'w').cosine).toBeCloseTo(1, 12);
    expect(rowOf(found, 'v')).toMatchObject({ relation: 'identical-bytes', values: 4 });
  });

  it('cosine and distance are those of the definition, also of opposite numbers', async () => {
    const a = safetensorsModel('a', [floats('w', [3], [3, 0, 4])]);
    const b = safetensorsModel('b', [floats('w', [3], [-3, 0, -4])]);
    expect(rowOf(await compared(a, b), 'w')).toMatchObject({ cosine: -1, distance: 2, largest: 8, changed: 2 });
  });

  it('has no cosine and no distance where a side is all zero', async () => {
    const a = safetensorsModel('a', [floats('w', [2], [0, 0])]);
    const b = safetensorsModel('b', [floats('w', [2], [1, 1])]);
    const row = rowOf(await compared(a, b), 'w');
    expect(row).toMatchObject({ relation: 'differs', changed: 2, largest: 1 });
    expect(row).not.toHaveProperty('cosine');
    expect(row).not.toHaveProperty('distance');
  });

  it('keeps NaN and infinities out of the sums, and counts them', async () => {
    const a = safetensorsModel('a', [floats('w', [5], [NaN, Infinity, 1, 2, Infinity])]);
    const b = safetensorsModel('b', [floats('w', [5], [NaN, -Infinity, 1, 3, Infinity])]);
    const row = rowOf(await compared(a, b), 'w');
    expect(row).toMatchObject({ relation: 'differs', changed: 2, notFinite: 3, largest: 1 });
    expect(row.distance).toBe(Math.sqrt(1 / 5));
  });

  it('the same numbers in another type are the same numbers, not the same bytes', async () => {
    const a = safetensorsModel('a', [floats('w', [4], [1, -2, 0.5, 0])]);
    const bf16 = new Uint8Array(Uint16Array.from([0x3f80, 0xc000, 0x3f00, 0x0000]).buffer);
    const b = safetensorsModel('b', [{ name: 'w', dtype: 'BF16', shape: [4], bytes: bf16 }]);
    expect(rowOf(await compared(a, b), 'w')).toMatchObject({ relation: 'same-numbers', values: 4 });
  });

  it('64-bit integers that float32 cannot tell apart differ', async () => {
    const big = (x: bigint): WrittenTensor => ({
      name: 'ids',
      dtype: 'I64',
      shape: [2],
      bytes: new Uint8Array(BigInt64Array.of(x, 1n).buffer),
    });
    const [a, b] = [safetensorsModel('a', [big(16_777_216n)]), safetensorsModel('b', [big(16_777_217n)])];
    expect(rowOf(await compared(a, b), 'ids')).toMatchObject({ relation: 'differs', changed: 1, largest: 1 });
  });

  it('other extents are not compared number by number', async () => {
    const a = safetensorsModel('a', [floats('w', [2, 3], counting(6))]);
    const b = safetensorsModel('b', [floats('w', [3, 4], counting(12))]);
    expect(rowOf(await compared(a, b), 'w')).toMatchObject({ relation: 'other-shape' });
  });
});

describe('two models', () => {
  it('that are sharded and ordered in another way are identical', async () => {
    const tensors = [...layer(0), ...layer(1), tensor('model.embed_tokens.weight', 'BF16', [100, 64])];
    const single = safetensorsModel('single', tensors);
    const [first, second] = [
      [tensors[4]!, tensors[3]!],
      [tensors[2]!, tensors[0]!, tensors[1]!],
    ];
    const files = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
    const map = Object.fromEntries([
      ...first.map(({ name }) => [name, files[0]]),
      ...second.map(({ name }) => [name, files[1]]),
    ]);
    const sharded = modelOf('sharded', {
      'model.safetensors.index.json': new TextEncoder().encode(JSON.stringify({ weight_map: map })),
      [files[0]]: writeSafetensors(first),
      [files[1]]: writeSafetensors(second),
    });
    const found = await compared(single, sharded);
    expect(found.tensors.map(({ relation }) => relation)).toEqual(Array(5).fill('identical-bytes'));
    expect(found.sides.map(({ files: count }) => count)).toEqual([1, 2]);
    expect(found.tensors.map((row) => row.layer)).toEqual([null, 0, 0, 1, 1]);
  });

  it('of which one lost a shard: what it held is not said to be missing', async () => {
    const whole = safetensorsModel('a', [...layer(0), ...layer(1)]);
    const part = modelOf('b', {
      'model-00001-of-00002.safetensors': writeSafetensors(layer(0)),
      'model-00002-of-00002.safetensors': writeSafetensors(layer(1)).subarray(0, 40),
    });
    const found = await compared(whole, part);
    expect(found.sides[1].unread?.map(({ path }) => path)).toEqual(['model-00002-of-00002.safetensors']);
    expect(found.tensors.map(({ relation }) => relation)).toEqual([
      'identical-bytes',
      'identical-bytes',
      'not-compared',
      'not-compared',
    ]);
  });

  it('finds counterparts by content where names say nothing, and pairs copies with nothing', async () => {
    const a = safetensorsModel('a', [
      tensor('x.1', 'F32', [8, 8], 1),
      tensor('x.2', 'F32', [8, 8], 2),
      tensor('x.3', 'F32', [8, 8], 3),
    ]);
    const renamed = (name: string, seed: number): WrittenTensor => tensor(name, 'F32', [8, 8], seed);
    const b = safetensorsModel('b', [renamed('p', 3), renamed('q', 1), renamed('r', 2), renamed('s', 2)]);
    const found = await compared(a, b);
    const pairs = found.tensors.map((row) => [row.a?.name ?? null, row.b?.name ?? null, row.relation]);
    expect(pairs).toEqual([
      ['x.1', 'q', 'identical-bytes'],
      ['x.2', null, 'only-a'],
      ['x.3', 'p', 'identical-bytes'],
      [null, 'r', 'only-b'],
      [null, 's', 'only-b'],
    ]);
  });

  it('a fused matrix is compared with the parts that the other keeps', async () => {
    const rows = (from: number, count: number): number[] => counting(96 * 8).slice(from * 8, (from + count) * 8);
    const norms = (prefix: string) => [floats(`${prefix}.input_layernorm.weight`, [8], counting(8))];
    const config = new TextEncoder().encode(
      JSON.stringify({ model_type: 'phi3', num_attention_heads: 4, num_key_value_heads: 4, hidden_size: 8 }),
    );
    const p = 'model.layers.0';
    const fused = modelOf('fused', {
      'config.json': config,
      'model.safetensors': writeSafetensors([
        floats(`${p}.self_attn.qkv_proj.weight`, [24, 8], rows(0, 24)),
        floats(`${p}.mlp.gate_up_proj.weight`, [32, 8], rows(24, 32)),
        ...norms(p),
      ]),
    });
    const changed = rows(8, 8);
    changed[5] = 0;
    const apart = safetensorsModel('apart', [
      floats(`${p}.self_attn.q_proj.weight`, [8, 8], rows(0, 8)),
      floats(`${p}.self_attn.k_proj.weight`, [8, 8], changed),
      floats(`${p}.self_attn.v_proj.weight`, [8, 8], rows(16, 8)),
      floats(`${p}.mlp.gate_proj.weight`, [16, 8], rows(24, 16)),
      floats(`${p}.mlp.up_proj.weight`, [16, 8], rows(40, 16)),
      ...norms(p),
    ]);
    for (const found of [await compared(fused, apart), await compared(apart, fused)]) {
      const told = found.tensors.map((row) => [row.role, row.a?.part ?? row.b?.part, row.relation, row.changed]);
      expect(told.sort()).toEqual(
        [
          ['attention.q', 'q', 'identical-bytes', undefined],
          ['attention.k', 'k', 'differs', 1],
          ['attention.v', 'v', 'identical-bytes', undefined],
          ['mlp.gate', 'gate', 'identical-bytes', undefined],
          ['mlp.up', 'up', 'identical-bytes', undefined],
          ['norm.input', undefined, 'identical-bytes', undefined],
        ].sort(),
      );
    }
  });

  it('says so when nobody knows where a part lies in a fused matrix', async () => {
    const p = 'model.layers.0';
    const fused = safetensorsModel('a', [
      floats(`${p}.self_attn.qkv_proj.weight`, [20, 8], counting(160)),
      floats(`${p}.input_layernorm.weight`, [8], counting(8)),
    ]);
    const apart = safetensorsModel('b', [
      floats(`${p}.self_attn.q_proj.weight`, [12, 8], counting(96)),
      floats(`${p}.self_attn.k_proj.weight`, [4, 8], counting(32)),
      floats(`${p}.input_layernorm.weight`, [8], counting(8)),
    ]);
    const row = rowOf(await compared(fused, apart), `${p}.self_attn.q_proj.weight`);
    expect(row).toMatchObject({ relation: 'not-compared', reason: { code: 'SIGNAL_LAYOUT' } });
  });
});

describe('a comparison that is stopped', () => {
  const model = (): ReturnType<typeof safetensorsModel> => safetensorsModel('m', [...layer(0), ...layer(1)]);

  it('before it began still gives a result, with nothing in it', async () => {
    const stop = new AbortController();
    stop.abort();
    const found = await compared(model(), model(), silentContext(stop.signal));
    expect(found).toMatchObject({ stopped: true, tensors: [], mpk: { mpk: null } });
    expect(found.sides[0].missing[0]?.reason.code).toBe('SOURCE_ABORTED');
  });

  it('after the headers marks every tensor that it did not come to', async () => {
    const stop = new AbortController();
    const signals = () => {
      stop.abort();
      return Promise.reject(new Error('stopped'));
    };
    const found = await compared(model(), model(), silentContext(stop.signal), { signals });
    expect(found.stopped).toBe(true);
    expect(found.tensors).toHaveLength(4);
    for (const row of found.tensors)
      expect(row).toMatchObject({ relation: 'not-compared', reason: { code: 'SOURCE_ABORTED' } });
  });
});

it('a thread that dies takes its share of the tensors with it, and no more', async () => {
  // Enough for two shares.
  const zeros = (name: string): WrittenTensor => ({
    name,
    dtype: 'U8',
    shape: [2 ** 25],
    bytes: new Uint8Array(2 ** 25),
  });
  const model = safetensorsModel('m', [zeros('a'), zeros('b'), zeros('c')]);
  let asked = 0;
  const found = await compared(model, model, silentContext(), {
    beside: {
      lanes: 2,
      pairs: (request, ctx) =>
        asked++ === 0
          ? Promise.reject(new AppError('ENGINE_WORKER_DIED'))
          : comparePairsOf(request, { kernels: loadKernels }, ctx),
    },
  });
  expect(asked).toBe(2);
  expect(new Set(found.tensors.map(({ relation, reason }) => reason?.code ?? relation))).toEqual(
    new Set(['ENGINE_WORKER_DIED', 'identical-bytes']),
  );
});

it('progress counts bytes, never goes back, and ends at its total', async () => {
  const told: Progress[] = [];
  const ctx = { ...silentContext(), progress: (update: Progress) => told.push(update) };
  await compared(safetensorsModel('a', layer(0)), safetensorsModel('b', layer(0, 7)), ctx);
  const done = told.map((update) => update.done);
  expect(done).toEqual([...done].sort((x, y) => x - y));
  expect(done.at(-1)).toBe(told.at(-1)?.total);
});
