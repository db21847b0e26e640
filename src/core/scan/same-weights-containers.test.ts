import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { describeFile } from '../formats/describe.ts';
import { bytesField, intField } from '../formats/protobuf.suite.ts';
import { GgufWriter, text, concat, writeSafetensors, type WrittenTensor } from '../formats/writers.suite.ts';
import { makeZip } from '../formats/zip/write.suite.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { sameWeightsCheck } from '../report/same-weights.ts';
import { storedAlone } from '../tensors/read/logical.ts';
import type { TensorModel } from '../tensors/read/model.ts';
import { decodedDtype, readTensor } from '../tensors/read/read.ts';
import { canonicalModel, checkSameWeights, compareWeights } from './same-weights.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');
const tools = { hashes: wasmHashes(), signal: new AbortController().signal };

/** Numbers that all types here can hold; float32 bits of whole numbers up to 2^7 end in zeros. */
const NUMBERS = Array.from({ length: 96 }, (_, i) => ((i * 37) % 201) - 100);
const SHAPES = { 'blk.weight': [4, 6, 3], 'out.bias': [24] } as const;

const as = {
  F32: (x: readonly number[]) => new Uint8Array(Float32Array.from(x).buffer),
  BF16: (x: readonly number[]) =>
    new Uint8Array(Uint16Array.from(new Uint32Array(Float32Array.from(x).buffer), (b) => b >>> 16).buffer),
  F16: (x: readonly number[]) => new Uint8Array(Uint16Array.from(x, half).buffer),
};
type Stored = keyof typeof as;

function half(x: number): number {
  if (x === 0) return 0;
  const e = Math.floor(Math.log2(Math.abs(x)));
  return (x < 0 ? 0x8000 : 0) + ((e + 15) << 10) + (Math.abs(x) / 2 ** e - 1) * 1024;
}

function tensors(dtype: Stored, change: (x: readonly number[]) => readonly number[] = (x) => x): WrittenTensor[] {
  const numbers = change(NUMBERS);
  return [
    { name: 'blk.weight', dtype, shape: SHAPES['blk.weight'], bytes: as[dtype](numbers.slice(0, 72)) },
    { name: 'out.bias', dtype, shape: SHAPES['out.bias'], bytes: as[dtype](numbers.slice(72)) },
  ];
}

function npy(dtype: 'F32' | 'F16', shape: readonly number[], bytes: Uint8Array, fortran = false): Uint8Array {
  const descr = dtype === 'F32' ? '<f4' : '<f2';
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const head = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const line = head.padEnd(117) + '\n';
  return concat(Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0), text(line), bytes);
}

const npz = (dtype: 'F32' | 'F16'): Uint8Array =>
  makeZip(
    tensors(dtype).map(({ name, shape, bytes }) => ({
      name: `${name}.npy`,
      data: npy(dtype, shape, bytes),
      deflate: name !== 'out.bias',
    })),
  );

function onnx(names: readonly string[] = ['blk.weight', 'out.bias']): Uint8Array {
  const initializers = tensors('F32').flatMap(({ shape, bytes }, i) =>
    bytesField(5, [
      ...shape.flatMap((n) => intField(1, n)),
      ...intField(2, 1),
      ...bytesField(8, names[i]!),
      ...bytesField(9, bytes),
    ]),
  );
  const graph = [...initializers, ...bytesField(2, 'g')];
  return Uint8Array.from([...intField(1, 8), ...bytesField(7, graph), ...bytesField(8, intField(2, 17))]);
}

async function opened(name: string, bytes: Uint8Array): Promise<TensorModel> {
  const source = new MemorySource(name, bytes);
  const found = await describeFile(source);
  expect([name, found.formatError ?? found.notAModel]).toEqual([name, undefined]);
  return { files: [{ ...found.opened!, path: name, source }] };
}

async function compared(a: TensorModel, b: TensorModel) {
  const [x, y] = [await canonicalModel(a, tools), await canonicalModel(b, tools)];
  const found = await compareWeights(x, y, tools);
  return {
    x,
    y,
    found,
    check: sameWeightsCheck(x.tensors, y.tensors, found, { name: 'the other', independent: true }),
  };
}

const gguf = (dtype: Stored): Uint8Array => {
  const writer = new GgufWriter();
  return writer.file([['general.architecture', writer.value('STRING', 'test')]], tensors(dtype));
};

const CONTAINERS: readonly (readonly [name: string, bytes: () => Uint8Array])[] = [
  ['F16.safetensors', () => writeSafetensors(tensors('F16'))],
  ['BF16.safetensors', () => writeSafetensors(tensors('BF16'))],
  ['F32.gguf', () => gguf('F32')],
  ['F16.gguf', () => gguf('F16')],
  ['BF16.gguf', () => gguf('BF16')],
  ['F32.npz', () => npz('F32')],
  ['F16.npz', () => npz('F16')],
  ['F32.onnx', () => onnx()],
];

describe('the same numbers in another container', () => {
  it.each(CONTAINERS)('%s and safetensors F32: every tensor has one canonical digest', async (name, bytes) => {
    const { check, found } = await compared(
      await opened('F32.safetensors', writeSafetensors(tensors('F32'))),
      await opened(name, bytes()),
    );
    expect(found).toMatchObject({
      same: [
        [0, 0],
        [1, 1],
      ],
      relaid: [],
    });
    expect([check.outcome, check.detail]).toEqual(['matches', expect.objectContaining({ tensors: 2, same: 2 })]);
  });

  it.each([
    ['hdf5/good-layouts-latest.h5', 18],
    ['keras/good-tiny.keras', 22],
    ['pytorch/good-big-endian.pt', 6],
    ['pytorch/good-views.pt', 18],
    ['pytorch/good-legacy-views.pth', 0],
    ['pytorch/good-quantised.pt', 0],
    ['numpy/good-deflated.npz', 5],
  ])('%s, rewritten as safetensors from its values, is the same model', async (path, count) => {
    const name = path.slice(path.indexOf('/') + 1);
    const model = await opened(name, new Uint8Array(readFileSync(join(FIXTURES, path))));
    const {
      files: [file],
    } = model;
    const written: WrittenTensor[] = [];
    for (const entry of file!.tensors) {
      const tensor = storedAlone(file!, entry);
      const dtype = decodedDtype(tensor);
      const wide = /^(?:F64|[IU](?:64|32|16|8)|BOOL|C64)$/.test(dtype);
      const parts: Uint8Array[] = [];
      const tile = (values: Float32Array, stored: Uint8Array): void => {
        parts.push(wide ? stored.slice() : new Uint8Array(values.slice().buffer));
      };
      await readTensor(model, tensor, { tile, failed() {} }, {});
      if (entry.storage.kind === 'absent' || entry.dtype === 'OTHER') continue;
      written.push({ name: entry.name, dtype: wide ? dtype : 'F32', shape: entry.shape, bytes: concat(...parts) });
    }
    expect(written.length).toBeGreaterThanOrEqual(Math.max(1, count));
    const { found, x } = await compared(model, await opened('again.safetensors', writeSafetensors(written)));
    const unreadable = x.tensors.filter(({ digest }) => digest === null).length;
    expect([found.same.length, found.relaid, found.differ]).toEqual([file!.tensors.length - unreadable, [], []]);
  });

  it('a kernel whose dimensions another framework orders otherwise is the same, and said to be relaid', async () => {
    const [kernel, bias] = tensors('F32') as [WrittenTensor, WrittenTensor];
    const numbers = new Float32Array(kernel.bytes.slice().buffer);
    const turned = new Float32Array(72);
    for (let a = 0; a < 4; a++)
      for (let b = 0; b < 6; b++)
        for (let c = 0; c < 3; c++) turned[(c * 6 + b) * 4 + a] = numbers[(a * 6 + b) * 3 + c]!;
    const other = writeSafetensors([
      { name: 'conv/kernel', dtype: 'F32', shape: [3, 1, 6, 4], bytes: new Uint8Array(turned.buffer) },
      { name: 'conv/bias', dtype: 'F32', shape: [24], bytes: bias.bytes },
    ]);
    for (const [name, bytes] of [
      ['a.safetensors', writeSafetensors(tensors('F32'))],
      ['a.npz', npz('F32')],
    ] as const) {
      const { check } = await compared(await opened(name, bytes), await opened('b.safetensors', other));
      expect([name, check.outcome, check.detail]).toEqual([
        name,
        'matches',
        expect.objectContaining({ same: 2, relaid: 1 }),
      ]);
    }
  });

  it('a kernel with the same numbers in no order of dimensions is not the same', async () => {
    const shuffled = tensors('F32', (x) => [x[1]!, x[0]!, ...x.slice(2)]);
    const { check, found } = await compared(
      await opened('a.safetensors', writeSafetensors(tensors('F32'))),
      await opened('b.safetensors', writeSafetensors(shuffled)),
    );
    expect(found).toMatchObject({ same: [[1, 1]], relaid: [], differ: [[0, 0]] });
    expect([check.outcome, check.detail]).toEqual(['contradicts', expect.objectContaining({ first: 'blk.weight' })]);
  });

  it('columns-first NumPy is read row by row', async () => {
    const { bytes } = tensors('F32')[0]!;
    const stored = new Float32Array(bytes.slice().buffer);
    const columns = new Float32Array(72);
    for (let r = 0; r < 8; r++) for (let c = 0; c < 9; c++) columns[c * 8 + r] = stored[r * 9 + c]!;
    const { found } = await compared(
      await opened('f.npy', npy('F32', [8, 9], new Uint8Array(columns.buffer), true)),
      await opened('c.npy', npy('F32', [8, 9], bytes)),
    );
    expect(found.same).toEqual([[0, 0]]);
  });

  it('queries whose rows GGUF pairs up are the same as Hugging Face’s, and a pairing by another length is not', async () => {
    const rows = 32;
    const half = 8;
    const value = (row: number): number[] => [row, row * row, -row, row % 5];
    // Hugging Face: first halves of a head, then second halves. GGUF: pairs.
    const paired = (r: number): number => r - (r % 16) + (r % 2) * half + Math.floor((r % 16) / 2);
    const write = (order: (row: number) => number): Uint8Array =>
      new Uint8Array(Float32Array.from(Array.from({ length: rows }, (_, r) => value(order(r))).flat()).buffer);
    const hf = writeSafetensors([
      { name: 'model.layers.0.self_attn.q_proj.weight', dtype: 'F32', shape: [rows, 4], bytes: write((r) => r) },
    ]);
    const writer = new GgufWriter();
    const other = (order: (row: number) => number): Uint8Array =>
      writer.file(
        [['general.architecture', writer.value('STRING', 'llama')]],
        [{ name: 'blk.0.attn_q.weight', dtype: 'F32', shape: [rows, 4], bytes: write(order) }],
      );
    const same = await compared(await opened('a.safetensors', hf), await opened('b.gguf', other(paired)));
    expect([same.check.outcome, same.found.relaid]).toEqual(['matches', [[0, 0]]]);
    const swapped = await compared(
      await opened('a.safetensors', hf),
      await opened(
        'b.gguf',
        other((r) => paired(r === 0 ? 3 : r === 3 ? 0 : r)),
      ),
    );
    expect([swapped.check.outcome, swapped.found.differ]).toEqual(['contradicts', [[0, 0]]]);
  });

  it('a model that cannot be read, and a stop, are a check that could not be made', async () => {
    const bytes = writeSafetensors(tensors('F32'));
    const input = (given: Uint8Array) => ({
      name: 'm',
      origin: { kind: 'local' as const },
      artifacts: [
        {
          path: 'm.safetensors',
          size: given.length,
          role: 'weights' as const,
          spec: { kind: 'bytes' as const, name: 'm.safetensors', bytes: given },
          algorithms: [],
          tensorAlgorithms: [],
        },
      ],
    });
    expect((await checkSameWeights(input(bytes), input(bytes), {}, tools)).outcome).toBe('matches');
    expect(await checkSameWeights(input(bytes), input(bytes.slice(0, -4)), {}, tools)).toMatchObject({
      outcome: 'could-not-check',
      reason: { code: 'FORMAT_TRUNCATED' },
    });
    const stopped = { ...tools, signal: AbortSignal.abort() };
    expect(await checkSameWeights(input(bytes), input(bytes), {}, stopped)).toMatchObject({
      outcome: 'could-not-check',
      reason: { code: 'SOURCE_ABORTED' },
    });
  });

  it('names do not matter: every tensor is found by its numbers', async () => {
    const { check } = await compared(
      await opened('a.onnx', onnx(['out.bias', 'blk.weight'])),
      await opened('b.safetensors', writeSafetensors(tensors('F32'))),
    );
    expect(check.outcome).toBe('matches');
  });
});
