import { describe, expect, it } from 'vitest';
import { MemorySource } from '../../bytes/memory.ts';
import type { TensorEntry } from '../entry.ts';
import { logicalTensors, storedAlone } from './logical.ts';
import type { LogicalTensor, TensorFile, TensorModel } from './model.ts';
import { readTensor, readTensors } from './read.ts';

const f32 = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

function file(path: string, bytes: Uint8Array, ...entries: readonly Partial<TensorEntry>[]): TensorFile {
  const tensors = entries.map((entry, i): TensorEntry => ({
    name: `t${i}`,
    dtype: 'F32',
    shape: [2],
    byteLength: 8,
    storage: { kind: 'range', start: 0 },
    ...entry,
  }));
  return { path, source: new MemorySource(path, bytes), format: 'safetensors', tensors };
}

async function values(model: TensorModel, tensor: LogicalTensor, signal?: AbortSignal): Promise<number[]> {
  const out: number[] = [];
  await readTensor(model, tensor, { tile: (tile) => void out.push(...tile) }, signal === undefined ? {} : { signal });
  return out;
}
const first = async (model: TensorModel): Promise<number[]> =>
  values(model, storedAlone(model.files[0]!, model.files[0]!.tensors[0]!));

describe('reading one tensor, whatever it is stored as', () => {
  it('a range, big-endian, a view and packed bytes give the same numbers', async () => {
    const big = new Uint8Array(f32(1, 2)).reverse();
    const swapped = new Uint8Array([...big.slice(4), ...big.slice(0, 4)]);
    expect(await first({ files: [file('a', f32(1, 2), {})] })).toEqual([1, 2]);
    expect(
      await first({ files: [file('a', swapped, { storage: { kind: 'range', start: 0, order: 'big' } })] }),
    ).toEqual([1, 2]);
    expect(
      await first({ files: [file('a', f32(9, 1, 9, 2), { storage: { kind: 'range', start: 4, strides: [2] } })] }),
    ).toEqual([1, 2]);
    const packed: TensorFile = {
      ...file('a', new Uint8Array(0), { storage: { kind: 'assembled' } }),
      async *payload() {
        yield f32(1);
        yield f32(2);
      },
    };
    expect(await first({ files: [packed] })).toEqual([1, 2]);
  });

  it('bytes in another file are read there; a file that is not there or too short is a coded error', async () => {
    const entry = { storage: { kind: 'external', path: 'data.bin', start: 4 } } as const;
    const model = (bytes: Uint8Array | null): TensorModel => ({
      files: [file('m.onnx', new Uint8Array(0), entry)],
      open: async (path) => (bytes !== null && path === 'data.bin' ? new MemorySource(path, bytes) : null),
    });
    expect(await first(model(f32(9, 1, 2)))).toEqual([1, 2]);
    await expect(first(model(null))).rejects.toMatchObject({ code: 'FORMAT_MISSING_FILE' });
    await expect(first(model(f32(9, 1)))).rejects.toMatchObject({ code: 'FORMAT_BOUNDS' });
  });

  it('without bytes, or of an unknown type, it is a coded error', async () => {
    const absent = file('a', new Uint8Array(0), { storage: { kind: 'absent', why: 'meta device' } });
    await expect(first({ files: [absent] })).rejects.toMatchObject({ code: 'FORMAT_NO_DATA' });
    const odd = file('a', new Uint8Array(8), { dtype: 'IQ9_Z' });
    await expect(first({ files: [odd] })).rejects.toMatchObject({ code: 'FORMAT_NOT_DECODED' });
  });

  it('stops at once when it is told to', async () => {
    await expect(
      values(
        { files: [] },
        storedAlone(file('a', f32(1, 2)), file('a', f32(1, 2), {}).tensors[0]!),
        AbortSignal.abort(),
      ),
    ).rejects.toMatchObject({ code: 'SOURCE_ABORTED' });
  });
});

describe('tensors made of several', () => {
  const codes = { name: 'l.weight', dtype: 'I8', shape: [2, 2], byteLength: 4 };
  const scales = { name: 'l.SCB', dtype: 'F32', shape: [2], byteLength: 8 };
  const int8 = Uint8Array.of(127, 0, 129, 64);

  it('are found though their parts lie in different shards, and replace them', async () => {
    const model: TensorModel = { files: [file('a', int8, codes), file('b', f32(2, 4), scales)] };
    const { tensors, parts } = await logicalTensors(model);
    expect(tensors.map(({ kind, name }) => [kind, name])).toEqual([['made', 'l.weight']]);
    expect(parts.map(({ entry }) => entry.name).sort()).toEqual(['l.SCB', 'l.weight']);
    expect((await values(model, tensors[0]!)).map((x) => Math.round(x * 100) / 100)).toEqual([2, 0, -4, 2.02]);
  });

  it('are not mixed between two files that use the same names', async () => {
    const model: TensorModel = {
      files: [file('a', int8, codes), file('b', int8, codes), file('c', f32(2, 4), scales)],
    };
    expect((await logicalTensors(model)).tensors.map(({ kind }) => kind)).toEqual(['stored', 'stored', 'stored']);
  });

  it('with scales that the container states need no other part', async () => {
    const quantisation = { scales: [0.5, 2], zeroPoints: [1, 0], axis: 0 };
    const model: TensorModel = { files: [file('a', int8, { ...codes, quantisation })] };
    const { tensors } = await logicalTensors(model);
    expect(await values(model, tensors[0]!)).toEqual([63, -0.5, -254, 128]);
  });
});

describe('reading many tensors', () => {
  it('goes through a file once, in its order, and tells each visitor its own', async () => {
    const one = file(
      'a',
      f32(1, 2, 3, 4, 5, 6),
      { storage: { kind: 'range', start: 16 } },
      { storage: { kind: 'range', start: 0 } },
      { dtype: 'IQ9_Z' },
      { storage: { kind: 'range', start: 8, strides: [2] } },
      { shape: [0], byteLength: 0 },
    );
    let asked = 0;
    const source = one.source;
    const counted: TensorFile = {
      ...one,
      source: {
        name: 'a',
        size: source.size,
        random: true,
        read: (start, end, signal) => source.read(start, end, signal),
        settle: (signal) => source.settle(signal),
        async *stream(start, end, signal) {
          asked++;
          yield* source.stream(start, end, signal);
        },
      },
    };
    const told: string[] = [];
    const wanted = counted.tensors.map((entry) => ({
      tensor: storedAlone(counted, entry),
      visitor: {
        tile: (tile: Float32Array) => void told.push(`${entry.name}: ${[...tile].join()}`),
        done: () => void told.push(`${entry.name} done`),
        failed: ({ code }: { readonly code: string }) => void told.push(`${entry.name} ${code}`),
      },
    }));
    await readTensors({ files: [counted] }, wanted, {});
    expect(told).toEqual([
      't2 FORMAT_NOT_DECODED',
      't4 done',
      't1: 1,2',
      't1 done',
      't0: 5,6',
      't0 done',
      't3: 3,5',
      't3 done',
    ]);
    expect(asked).toBe(2);
  });

  it('a table that asks for the same bytes again and again is refused in part, not worked off', async () => {
    const greedy = file('a', f32(1, 2), ...Array.from({ length: 20 }, () => ({})));
    const failed: string[] = [];
    let done = 0;
    const wanted = greedy.tensors.map((entry) => ({
      tensor: storedAlone(greedy, entry),
      visitor: {
        tile() {},
        done: () => void done++,
        failed: ({ code }: { readonly code: string }) => void failed.push(code),
      },
    }));
    await readTensors({ files: [greedy] }, wanted, {});
    expect([done, new Set(failed), failed.length]).toEqual([8, new Set(['FORMAT_OVERLAP']), 12]);
  });
});
