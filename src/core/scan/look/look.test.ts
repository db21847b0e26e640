import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MemorySource } from '../../bytes/memory.ts';
import { describeFile } from '../../formats/describe.ts';
import { GgufWriter, tensor, writeSafetensors } from '../../formats/writers.suite.ts';
import { makeZip } from '../../formats/zip/write.suite.ts';
import { silentContext, type JobContext } from '../../progress.ts';
import { look } from './look.ts';
import type { LookAnswer, LookFile, LookKind, LookRequest } from './model.ts';

const file = (path: string, bytes: Uint8Array): LookFile => ({ path, spec: { kind: 'bytes', name: path, bytes } });
const fixture = (path: string): LookFile =>
  file(path, new Uint8Array(readFileSync(join(import.meta.dirname, '../../../../fixtures', path))));
const text = (path: string, content: string): LookFile => file(path, new TextEncoder().encode(content));
const ask = async <K extends LookKind>(
  request: LookRequest<K>,
  ctx: JobContext = silentContext(),
): Promise<LookAnswer<K>> => (await look(request, {}, ctx)) as LookAnswer<K>;

function floats(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
const one = (name: string, dtype: string, shape: readonly number[], data: Uint8Array): LookFile =>
  file('m.safetensors', writeSafetensors([{ name, dtype, shape, bytes: data }]));

test('values of a known tensor: counts, mean, deviation, histogram and the values themselves', async () => {
  const values = [0, -0, 1, 2, 3, 4, -10, NaN, Infinity, 0.5];
  const answer = await ask({
    kind: 'values',
    file: one('w', 'F32', [2, 5], floats(...values)),
    tensor: 0,
    name: 'w',
    beside: [],
  });
  const { stats, mean, deviation, histogram, first, dtype } = answer;
  expect(dtype).toBe('F32');
  expect(stats).toMatchObject({ count: 10, nan: 1, infinite: 1, zeros: 2, least: -10, most: 4 });
  expect(mean).toBeCloseTo(0.5 / 8, 12);
  const finite = values.filter(Number.isFinite);
  const variance = finite.reduce((sum, x) => sum + (x - 0.0625) ** 2, 0) / 8;
  expect(deviation).toBeCloseTo(Math.sqrt(variance), 12);
  expect(histogram).toMatchObject({ low: -10, high: 4 });
  expect(histogram!.counts).toHaveLength(64);
  expect(histogram!.counts.reduce((a, b) => a + b)).toBe(8);
  expect([histogram!.counts[0], histogram!.counts.at(-1)]).toEqual([1, 1]);
  expect(first).toEqual(values);
});

test('a constant tensor has one bin with everything in it, and no deviation', async () => {
  const answer = await ask({
    kind: 'values',
    file: one('w', 'F32', [3], floats(1e30, 1e30, 1e30)),
    tensor: 0,
    name: 'w',
    beside: [],
  });
  expect(answer).toMatchObject({ deviation: 0, histogram: { counts: [3] } });
});

test('float64 beyond float32 has statistics and no histogram', async () => {
  const data = new Uint8Array(Float64Array.of(1e300, -1e300).buffer);
  const answer = await ask({ kind: 'values', file: one('w', 'F64', [2], data), tensor: 0, name: 'w', beside: [] });
  expect(answer).toMatchObject({ histogram: null, mean: 0, first: [1e300, -1e300] });
});

test('a quantised tensor is decoded: Q8_0 values are scale times code', async () => {
  // One block: scale 0.5 as float16, then 32 codes.
  const bytes = Uint8Array.from([0x00, 0x38, ...Array.from({ length: 32 }, (_, i) => (i - 16) & 255)]);
  const gguf = new GgufWriter().file([], [{ name: 'q', dtype: 'Q8_0', shape: [1, 32], bytes }]);
  const answer = await ask({ kind: 'values', file: file('q.gguf', gguf), tensor: 0, name: 'q', beside: [] });
  expect(answer).toMatchObject({ mean: -0.25, stats: { least: -8, most: 7.5, zeros: 1, count: 32 } });
  expect(answer.first).toEqual(Array.from({ length: 32 }, (_, i) => (i - 16) / 2));
});

test('a part of a quantised weight is told, and the weight that the parts make is decoded', async () => {
  // 0x38 is 1 in F8_E4M3; one scale for the block of 2 × 2.
  const parts = [
    { name: 'l.weight', dtype: 'F8_E4M3', shape: [2, 2], bytes: Uint8Array.of(0x38, 0x38, 0xb8, 0x00) },
    { name: 'l.weight_scale_inv', dtype: 'F32', shape: [1, 1], bytes: floats(3) },
  ];
  const quantised = file('m.safetensors', writeSafetensors(parts));
  const config = text(
    'config.json',
    JSON.stringify({ quantization_config: { quant_method: 'fp8', weight_block_size: [2, 2] } }),
  );
  const asked = { kind: 'values', file: quantised, tensor: 0, name: 'l.weight', beside: [config] } as const;
  const stored = await ask(asked);
  expect(stored.first).toEqual([1, 1, -1, 0]);
  expect(stored.group).toMatchObject({ name: 'l.weight', scheme: 'fp8-block', shape: [2, 2] });
  const made = await ask({ ...asked, made: true });
  expect(made.first).toEqual([3, 3, -3, 0]);
  expect(made.stats).toMatchObject({ zeros: 1, most: 3, least: -3 });
});

test('bytes of a tensor in another file of the model are read there, and a missing file is named', async () => {
  const onnx = fixture('onnx/good-external.onnx');
  const source = new Uint8Array(
    readFileSync(join(import.meta.dirname, '../../../../fixtures/onnx/good-external.onnx')),
  );
  const { opened } = await describeFile(new MemorySource('onnx/good-external.onnx', source));
  const place = opened!.tensors.findIndex(({ storage }) => storage.kind === 'external');
  const { name, storage, byteLength } = opened!.tensors[place]!;
  if (storage.kind !== 'external') throw new Error('no external tensor');
  const asked = { kind: 'values', file: onnx, tensor: place, name } as const;
  await expect(ask({ ...asked, beside: [] })).rejects.toMatchObject({ code: 'FORMAT_MISSING_FILE' });
  const bytes = new Uint8Array(storage.start + byteLength);
  const answer = await ask({ ...asked, beside: [file(storage.path, bytes)] });
  expect(answer.stats.zeros).toBe(answer.stats.count);
});

test('roles are told over all files, with layer and part', async () => {
  const tensors = ['self_attn.q_proj.weight', 'mlp.down_proj.weight', 'nonsense'].map((name) => ({
    name: `model.layers.3.${name}`,
    shape: [64, 64],
    dtype: 'F32',
  }));
  const told = await ask({ kind: 'roles', files: [{ metadata: [], tensors }] });
  expect(told.roles).toEqual(['attention.q', 'mlp.down', '']);
  expect(told.long[0]).toBe('attention.q, layer 3');
  expect(told.unknown).toBe(1);
});

test('a name that the file does not have is refused, whatever the place', async () => {
  const request = { kind: 'values', file: fixture('gguf/good-quants.gguf'), tensor: 0, name: '?', beside: [] } as const;
  await expect(ask(request)).rejects.toMatchObject({ code: 'FORMAT_MISSING_TENSOR' });
});

test('a stopped look ends with SOURCE_ABORTED', async () => {
  const control = new AbortController();
  control.abort();
  const request = { kind: 'values', file: one('w', 'F32', [1], floats(1)), tensor: 0, name: 'w', beside: [] } as const;
  await expect(ask(request, silentContext(control.signal))).rejects.toMatchObject({ code: 'SOURCE_ABORTED' });
});

test('the map of a GGUF file with a planted gap says how many bytes belong to nothing', async () => {
  const bytes = new GgufWriter().file([], [tensor('a', 'F32', [8])]);
  const padded = new Uint8Array(bytes.length + 1024);
  padded.set(bytes);
  const map = await ask({ kind: 'map', file: file('m.gguf', padded) });
  expect(map.totals.unclaimed).toEqual({ parts: 1, bytes: 1024 });
  expect(map.parts.at(-1)).toMatchObject({ kind: 'unclaimed', start: bytes.length, end: padded.length });
});

test('the map of an archive covers entry headers, entries and the central directory to the last byte', async () => {
  const npy = new Uint8Array(readFileSync(join(import.meta.dirname, '../../../../fixtures/numpy/good-f4.npy')));
  const archive = makeZip([
    { name: 'a.npy', data: npy },
    { name: 'b.npy', data: npy, descriptor: true },
  ]);
  const map = await ask({ kind: 'map', file: file('m.npz', archive) });
  expect(map.totals.unclaimed.bytes).toBe(0);
  expect(map.totals.unmapped.bytes).toBe(0);
  expect(map.totals.tensor.parts).toBe(2);
  expect(map.parts.map(({ name }) => name)).toContain('Entry header of b.npy');
  expect(map.parts.at(-1)).toMatchObject({ name: 'Central directory', end: archive.length });
});

test('an excerpt is bounded and never reaches beyond the file', async () => {
  const source = file('m.bin', new Uint8Array(10_000).fill(7));
  expect(await ask({ kind: 'bytes', file: source, start: 0, end: 10_000 })).toHaveLength(4096);
  expect(await ask({ kind: 'bytes', file: source, start: 9990, end: 20_000 })).toHaveLength(10);
  expect(await ask({ kind: 'bytes', file: source, start: 50_000, end: 60_000 })).toHaveLength(0);
});

test('a configuration is a tree with long lists counted, and its templates come with remarks', async () => {
  const json = JSON.stringify({
    chat_template: "{{ ''.__class__ }}",
    list: Array.from({ length: 1000 }, (_, i) => i),
    deep: { er: [true, null, 1.5] },
  });
  const { tree, templates } = await ask({ kind: 'document', file: text('tokenizer_config.json', json) });
  expect(templates).toMatchObject([
    { key: 'chat_template', remarks: [{ code: 'template-escape', severity: 'danger' }] },
  ]);
  if (tree?.kind !== 'table') throw new Error('no table');
  expect(tree.members.map(([key]) => key)).toEqual(['chat_template', 'list', 'deep']);
  expect(tree.members[1]![1]).toMatchObject({ kind: 'list', length: 1000 });
  const list = tree.members[1]![1];
  expect(list.kind === 'list' && list.items.length).toBe(200);
});

test('a vocabulary is searched by part of a token and by number', async () => {
  const vocab = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`word${i}`, i]));
  const json = JSON.stringify({
    model: { type: 'BPE', vocab, merges: ['w o'], unk_token: 'word3' },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Split' }, { type: 'ByteLevel' }] },
    added_tokens: [{ id: 500, content: '<|end|>', special: true }],
  });
  const asked = await ask({ kind: 'vocabulary', file: text('tokenizer.json', json), query: 'WORD49' });
  expect(asked).toMatchObject({
    model: 'BPE',
    size: 501,
    foundTotal: 11,
    addedTotal: 1,
    special: [['unknown', { id: 3, text: 'word3' }]],
    facts: [
      ['Merges', '1'],
      ['Pre-tokenizer', 'Split, ByteLevel'],
    ],
  });
  expect(asked!.last.at(-1)).toEqual({ id: 500, text: '<|end|>', kind: 'special' });
  const byNumber = await ask({ kind: 'vocabulary', file: text('tokenizer.json', json), query: '500' });
  expect(byNumber!.found.map(({ id }) => id)).toEqual([500]);
});

test('a file without a vocabulary says so instead of failing', async () => {
  expect(await ask({ kind: 'vocabulary', file: text('config.json', '{}'), query: '' })).toBeNull();
});
