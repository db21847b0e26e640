import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { loadKernels } from '../kernels/wasm.ts';
import { byteLength, dtypeByName } from '../tensors/dtypes.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import { storedAlone } from '../tensors/read/logical.ts';
import type { TensorFile } from '../tensors/read/model.ts';
import { readTensor } from '../tensors/read/read.ts';
import { equalBytes, ForwardReader } from './compare-bytes.ts';
import { comparePair, type PairTools } from './compare-pair.ts';
import type { PairSide } from './compare-pairing.ts';
import { ReadingSide } from './compare-side.ts';

const kernels = await loadKernels();
const signal = new AbortController().signal;
const tools: PairTools = { kernels, signal, equal: equalBytes, step: async () => undefined };

interface Held {
  readonly bytes: Uint8Array;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** A file that holds this one tensor, at an odd place. */
function fileOf({ bytes, dtype, shape }: Held, pad = 0): { file: TensorFile; entry: TensorEntry } {
  const source = new MemorySource('f', Uint8Array.from([...new Uint8Array(pad), ...bytes]));
  const entry: TensorEntry = {
    name: 'w',
    dtype,
    shape,
    byteLength: bytes.length,
    storage: { kind: 'range', start: pad },
  };
  return { file: { path: 'f', source, format: 'safetensors', tensors: [entry] }, entry };
}

function side(held: Held, pad = 0, more: Partial<PairSide> = {}): ReadingSide {
  const { file, entry } = fileOf(held, pad);
  const whole: PairSide = { index: 0, selections: [], shape: held.shape, ...more };
  return new ReadingSide(storedAlone(file, entry), whole, { files: [file] }, null, { kernels, signal });
}

async function valuesOf(held: Held): Promise<number[]> {
  // Float32 would not tell them apart.
  if (held.dtype === 'F64') return [...new Float64Array(held.bytes.slice().buffer)];
  const { file, entry } = fileOf(held);
  const values: number[] = [];
  await readTensor({ files: [file] }, storedAlone(file, entry), { tile: (tile) => values.push(...tile) }, { kernels });
  return values;
}

function noise(dtype: string, shape: readonly number[], seed: number): Held {
  const bytes = new Uint8Array(byteLength(dtypeByName(dtype)!, shape));
  let state = seed + 1;
  for (let i = 0; i < bytes.length; i++) {
    state = (state * 16_807) % 2_147_483_647;
    // Exponents that overflow nothing, whatever the type.
    bytes[i] = state & 0x3b;
  }
  return { bytes, dtype, shape };
}

/** What the definition says, from all numbers at once. */
function naive(a: readonly number[], b: readonly number[]) {
  let [ab, aa, bb, dd, largest, changed] = [0, 0, 0, 0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i]!;
    ab += x * y;
    aa += x * x;
    bb += y * y;
    dd += (x - y) ** 2;
    largest = Math.max(largest, Math.abs(x - y));
    if (x !== y) changed++;
  }
  return {
    cosine: ab / (Math.sqrt(aa) * Math.sqrt(bb)),
    distance: Math.sqrt(dd / aa),
    largest,
    changed,
    values: a.length,
  };
}

describe('comparing two stored tensors', () => {
  it.each(['F32', 'BF16', 'F16', 'F64', 'Q8_0', 'Q4_K', 'F4'])(
    'of type %s finds exactly the planted bytes, wherever they lie',
    async (dtype) => {
      const shape = [300, 512];
      const a = noise(dtype, shape, 7);
      await fc.assert(
        fc.asyncProperty(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.nat(3),
          fc.nat(3),
          async (where, padA, padB) => {
            const at = Math.min(a.bytes.length - 1, Math.floor(where * a.bytes.length));
            const bytes = a.bytes.slice();
            bytes[at] = bytes[at]! ^ 1;
            const b = { ...a, bytes };
            const measured = await comparePair(side(a, padA), side(b, padB), false, tools);
            const expected = naive(await valuesOf(a), await valuesOf(b));
            if (expected.changed === 0) {
              expect(measured.relation).toBe('same-numbers');
              return;
            }
            if (!('difference' in measured)) throw new Error(measured.relation);
            expect(measured.difference).toMatchObject({ changed: expected.changed, values: expected.values });
            if (dtype !== 'F64') {
              expect(measured.difference.largest).toBe(expected.largest);
              expect(measured.difference.distance).toBeCloseTo(expected.distance, 12);
              expect(measured.difference.cosine).toBeCloseTo(expected.cosine, 12);
            }
          },
        ),
        { numRuns: 6 },
      );
    },
  );

  it('whose bytes are equal needs no decoding: also of a type that nobody can decode', async () => {
    const held: Held = { bytes: Uint8Array.from([1, 2, 3]), dtype: 'F6_E2M3', shape: [4] };
    expect(await comparePair(side(held), side(held, 5), false, tools)).toEqual({
      relation: 'identical-bytes',
      values: 4,
    });
  });

  it('a byte more on one side is an error, never a shorter comparison', async () => {
    const a = noise('F32', [4], 1);
    const { file, entry } = fileOf(a);
    const short = { ...entry, byteLength: 12, shape: [3] };
    const b = new ReadingSide(
      storedAlone(file, short),
      { index: 0, selections: [], shape: [3] },
      { files: [file] },
      null,
      {
        kernels,
        signal,
      },
    );
    await expect(comparePair(side(a), b, false, tools)).rejects.toMatchObject({ code: 'FORMAT_SIZE_MISMATCH' });
  });
});

describe('a matrix that one side stores turned', () => {
  const [rows, columns] = [37, 53];
  const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i));
  const turned = Float32Array.from(
    { length: rows * columns },
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!,
  );
  const held = (numbers: Float32Array, shape: readonly number[]): Held => ({
    bytes: new Uint8Array(numbers.buffer.slice(0)),
    dtype: 'F32',
    shape,
  });

  it.each([rows * columns, 5 * columns, 1])('is compared turned back, with %i numbers held at once', async (panel) => {
    const same = await comparePair(side(held(values, [rows, columns])), side(held(turned, [columns, rows])), true, {
      ...tools,
      panel,
    });
    expect(same).toMatchObject({ relation: 'same-numbers', difference: { values: rows * columns } });
    const edited = turned.slice();
    edited[12 * rows + 30] = 9;
    const differs = await comparePair(side(held(values, [rows, columns])), side(held(edited, [columns, rows])), true, {
      ...tools,
      panel,
    });
    const largest = Math.abs(9 - values[30 * columns + 12]!);
    expect(differs).toMatchObject({ relation: 'differs', difference: { changed: 1, largest } });
  });
});

describe('parts', () => {
  it('are cut out of rows, of columns and of interleaved heads', async () => {
    const shape = [12, 10];
    const all: Held = {
      bytes: new Uint8Array(Float32Array.from({ length: 120 }, (_, i) => i).buffer),
      dtype: 'F32',
      shape,
    };
    const picked = async (selection: PairSide['selections'][number]): Promise<number[]> => {
      const stream = side(all, 0, { selections: [selection] }).values();
      const out: number[] = [];
      for (let tile = await stream.next(); tile !== null; tile = await stream.next()) out.push(...tile);
      return out;
    };
    const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
    expect(await picked({ axis: 0, start: 4, length: 3, every: 3, count: 1 })).toEqual(range(40, 70));
    expect(await picked({ axis: 1, start: 8, length: 2, every: 2, count: 1 })).toEqual(
      Array.from({ length: 12 }, (_, row) => [row * 10 + 8, row * 10 + 9]).flat(),
    );
    expect(await picked({ axis: 0, start: 2, length: 1, every: 6, count: 2 })).toEqual([
      ...range(20, 30),
      ...range(80, 90),
    ]);
  });

  it('rows paired for rotary positions come in the order of halves', async () => {
    const meta: Held = {
      bytes: new Uint8Array(Float32Array.from([0, 1, 2, 3, 10, 11, 12, 13]).buffer),
      dtype: 'F32',
      shape: [8, 1],
    };
    const halves: Held = { ...meta, bytes: new Uint8Array(Float32Array.from([0, 2, 1, 3, 10, 12, 11, 13]).buffer) };
    const measured = await comparePair(side(meta, 0, { headDim: 4 }), side(halves), false, tools);
    expect(measured.relation).toBe('same-numbers');
  });
});

describe('reading forward', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);

  it('gives every piece its own bytes, forward, backward, overlapping, empty and across gaps', async () => {
    let opened = 0;
    class Counted extends MemorySource {
      override stream(start: number, end: number): ReturnType<MemorySource['stream']> {
        opened++;
        return super.stream(start, end);
      }
    }
    const source = new Counted('f', bytes);
    const ranges = [
      [0, 10],
      [10, 10],
      [10, 300],
      [305, 400],
      [390, 500],
      [20, 40],
      [600, 1000],
    ] as const;
    const reader = new ForwardReader(
      ranges.map(([start, end]) => ({ source, start, end })),
      signal,
    );
    for (const [i, [start, end]] of ranges.entries()) {
      const got: number[] = [];
      for await (const chunk of reader.read(i)) got.push(...chunk);
      expect(got).toEqual([...bytes.subarray(start, end)]);
    }
    // Up to 400; from 390, which goes back; from 20, which goes back further.
    expect(opened).toBe(3);
    await reader.close();
  });

  it('goes on after a piece that was not read to its end', async () => {
    const source = new MemorySource('f', bytes);
    const reader = new ForwardReader(
      [
        { source, start: 0, end: 500 },
        { source, start: 500, end: 510 },
      ],
      signal,
    );
    for await (const _ of reader.read(0)) break;
    const got: number[] = [];
    for await (const chunk of reader.read(1)) got.push(...chunk);
    expect(got).toEqual([...bytes.subarray(500, 510)]);
  });
});
