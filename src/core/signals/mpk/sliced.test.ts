import { beforeAll, expect, test } from 'vitest';
import { SparseSource } from '../../formats/sparse.suite.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { loadKernels } from '../../kernels/wasm.ts';
import { folder, modelFiles } from './containers/model-folder.suite.ts';
import { modelSignals, type ModelFile } from './model.ts';

const [WIDTH, INNER, ROWS, LAYERS] = [8192, 28_672, 1000, 40];
/** Matrices of 134 and 470 MB each: 24 GB in all. */
const TENSORS: readonly (readonly [string, readonly number[]])[] = [
  ['model.embed_tokens.weight', [ROWS, WIDTH]],
  ...Array.from({ length: LAYERS }, (_, i): [string, number[]][] => [
    [`model.layers.${i}.input_layernorm.weight`, [WIDTH]],
    [`model.layers.${i}.mlp.gate_proj.weight`, [INNER, WIDTH]],
    [`model.layers.${i}.self_attn.q_proj.weight`, [WIDTH, WIDTH]],
  ]).flat(),
];

/** BF16 1.0 and 2.0. */
const ONE = Uint8Array.of(0x80, 0x3f);
const TWO = Uint8Array.of(0x00, 0x40);

function large(): { source: SparseSource; starts: ReadonlyMap<string, number> } {
  const header: Record<string, unknown> = {};
  const offsets = new Map<string, number>();
  let at = 0;
  for (const [name, shape] of TENSORS) {
    const length = 2 * shape.reduce((product, n) => product * n, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [at, at + length] };
    offsets.set(name, at);
    at += length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  const starts = new Map([...offsets].map(([name, offset]) => [name, head.length + offset]));
  const inside = (name: string, row: number): number => starts.get(name)! + 2 * row * WIDTH;
  const pieces = [
    { at: 0, bytes: head },
    // Row 256 is the second of 32 evenly spaced ones of 8,192; row 257 is none of them.
    { at: inside('model.layers.0.self_attn.q_proj.weight', 256), bytes: ONE },
    { at: inside('model.layers.1.self_attn.q_proj.weight', 256), bytes: TWO },
    { at: inside('model.layers.2.self_attn.q_proj.weight', 257), bytes: TWO },
    { at: inside('model.embed_tokens.weight', 3), bytes: ONE },
  ];
  return { source: new SparseSource('model.safetensors', head.length + at, pieces), starts };
}

function filesWith(source: SparseSource): ModelFile[] {
  const { 'model.safetensors': _weights, 'config.json': config, ...sides } = folder('llama');
  const stated = { ...(JSON.parse(new TextDecoder().decode(config)) as object), vocab_size: ROWS };
  const small = modelFiles({ ...sides, 'config.json': new TextEncoder().encode(JSON.stringify(stated)) });
  return [...small, { path: source.name, size: source.size, open: async () => source }];
}

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

test('24 GB take the row-sliced path: below 80 MB are read, memory is flat, progress never goes back', async () => {
  const { source } = large();
  expect(source.size).toBeGreaterThan(20e9);
  const before = process.memoryUsage().rss;
  let most = 0;
  const seen: [done: number, total: number][] = [];
  const { weights } = await modelSignals(filesWith(source), {
    kernels,
    signal: new AbortController().signal,
    progress: (done, total) => {
      seen.push([done, total]);
      most = Math.max(most, process.memoryUsage().rss - before);
    },
  });
  expect(weights?.path).toBe('sliced');
  expect(source.bytesRead).toBeLessThan(80e6);
  expect(most).toBeLessThan(400e6);
  expect(seen.every(([done, total], i) => i === 0 || (done >= seen[i - 1]![0] && total === seen[0]![1]))).toBe(true);
  expect(seen.at(-1)![0]).toBe(seen.at(-1)![1]);
  // Squares of the rows that were taken, times all rows over those.
  expect(weights?.energies.get(0)).toBe(256);
  expect(weights?.energies.get(1)).toBe(4 * 256);
  expect(weights?.energies.get(2)).toBe(0);
  expect(weights?.histogram?.counts).toEqual([999, ...Array.from({ length: 18 }, () => 0), 1]);
  expect([weights?.wvc?.size, weights?.nlf?.tensors]).toEqual([LAYERS, LAYERS]);
});

test('stopping is noticed within a chunk', async () => {
  const { source } = large();
  const controller = new AbortController();
  let after = 0;
  const run = modelSignals(filesWith(source), {
    kernels,
    signal: controller.signal,
    progress: (done) => {
      if (controller.signal.aborted) return;
      if (done > 5e6) {
        controller.abort();
        after = source.bytesRead;
      }
    },
  });
  await expect(run).rejects.toMatchObject({ code: 'SOURCE_ABORTED' });
  expect(source.bytesRead - after).toBeLessThanOrEqual(16 * 1024 * 1024);
});
