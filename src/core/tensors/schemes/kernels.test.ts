import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Kernels } from '../../kernels/kernels.ts';
import { loadKernels } from '../../kernels/wasm.ts';
import type { TensorEntry } from '../entry.ts';
import { quantConfig } from './config.ts';
import { dequantise } from './dequantise.ts';
import { recognise } from './registry.ts';

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

type Part = readonly [dtype: string, shape: readonly number[], bytes: Uint8Array];

const noise = (length: number, seed: number): Uint8Array => {
  let state = seed;
  return new Uint8Array(length).map(() => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
};
/** Float16 between 2^-8 and 2 and their negatives. */
const halves = (count: number, seed: number): Uint8Array => {
  const raw = noise(2 * count, seed);
  return new Uint8Array(
    Uint16Array.from(
      { length: count },
      (_, i) => ((raw[2 * i]! << 8) % 0x2000) | 0x1c00 | raw[2 * i + 1]! | ((raw[2 * i]! & 1) << 15),
    ).buffer,
  );
};
const ints = (values: ArrayLike<number>): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);

async function both(parts: Readonly<Record<string, Part>>, config: unknown = {}): Promise<void> {
  const entries = new Map(
    Object.entries(parts).map(([name, [dtype, shape, bytes]]): [string, TensorEntry] => [
      name,
      { name, dtype, shape, byteLength: bytes.length, storage: { kind: 'range', start: 0 } },
    ]),
  );
  const read = async (entry: TensorEntry): Promise<Uint8Array> => parts[entry.name]![2];
  const { tensors, undecoded } = await recognise({ entries, config: quantConfig(config), read });
  expect([tensors.length, undecoded]).toEqual([1, []]);
  const bits: number[][] = [];
  for (const held of [undefined, 80_000]) {
    for (const using of [undefined, kernels]) {
      const out: number[] = [];
      const source = {
        async *stream(entry: TensorEntry) {
          const bytes = parts[entry.name]![2];
          for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007);
        },
      };
      const emit = (values: Float32Array): void => void out.push(...new Uint32Array(values.slice().buffer));
      const options = { ...(using === undefined ? {} : { kernels: using }), ...(held === undefined ? {} : { held }) };
      await dequantise(tensors[0]!, entries, source, emit, options);
      bits.push(out);
    }
  }
  const [first, ...others] = bits;
  expect(first!.length).toBe(tensors[0]!.shape.reduce((n, d) => n * d, 1));
  for (const other of others) expect(other).toEqual(first);
}

const gptq = (k: number, n: number, bits: number, size: number, order?: Uint8Array): Readonly<Record<string, Part>> => {
  const groups = Math.ceil(k / size);
  return {
    'a.qweight': ['I32', [(k * bits) / 32, n], noise((k * n * bits) / 8, k)],
    'a.qzeros': ['I32', [groups, (n * bits) / 32], noise((groups * n * bits) / 8, n)],
    'a.scales': ['F16', [groups, n], halves(groups * n, 3)],
    ...(order === undefined ? {} : { 'a.g_idx': ['I32', [k], order] as const }),
  };
};

test('GPTQ and AWQ: kernels and plain TypeScript give the same bits for any extents, whole and in stripes', async () => {
  const extent = fc.record({
    k: fc.integer({ min: 1, max: 12 }).map((x) => 32 * x),
    n: fc.integer({ min: 1, max: 6 }).map((x) => 32 * x),
    size: fc.constantFrom(32, 64, 20, 128),
    bits: fc.constantFrom(2, 3, 4, 8),
  });
  await fc.assert(
    fc.asyncProperty(extent, async ({ k, n, size, bits }) => {
      await both(gptq(k, n, bits, size), { bits, group_size: size });
      const groups = Math.ceil(k / size);
      await both(
        {
          'a.qweight': ['I32', [k, n / 8], noise((k * n) / 2, k)],
          'a.qzeros': ['I32', [groups, n / 8], noise((groups * n) / 2, n)],
          'a.scales': ['F16', [groups, n], halves(groups * n, 7)],
        },
        { quantization_config: { quant_method: 'awq', bits: 4, group_size: size } },
      );
    }),
    { numRuns: 12 },
  );
});

test('GPTQ with groups in any order, and with more rows than one call takes', async () => {
  const k = 4096 + 64;
  const scattered = ints(Array.from({ length: 256 }, (_, i) => (i * 37) % 4));
  await both(gptq(256, 64, 4, 64, scattered));
  await both(gptq(k, 32, 4, 128), { bits: 4, group_size: 128 });
  await both(gptq(k, 32, 8, 64), { bits: 8, group_size: 64 });
});

test('scales along rows: kernels and plain TypeScript give the same bits where rows and runs are cut', async () => {
  const extent = fc.record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 700 }) });
  await fc.assert(
    fc.asyncProperty(extent, async ({ rows, columns }) => {
      const scb = new Uint8Array(Float32Array.from({ length: rows }, (_, i) => (i - 2) / 3).buffer);
      await both({ 'a.weight': ['I8', [rows, columns], noise(rows * columns, 5)], 'a.SCB': ['F32', [rows], scb] });
      const blocks = [Math.ceil(rows / 128), Math.ceil(columns / 128)] as const;
      const inverse = Float32Array.from({ length: blocks[0] * blocks[1] }, (_, i) => (i === 1 ? Infinity : i / 7));
      await both({
        'a.weight': ['F8_E4M3', [rows, columns], noise(rows * columns, 9)],
        'a.weight_scale_inv': ['F32', blocks, new Uint8Array(inverse.buffer)],
      });
      const wide = 64 * Math.ceil(columns / 64);
      await both(
        {
          'a.weight': ['U32', [rows, wide / 8], noise((rows * wide) / 2, 11)],
          'a.scales': ['F16', [rows, wide / 64], halves((rows * wide) / 64, 1)],
          'a.biases': ['F16', [rows, wide / 64], halves((rows * wide) / 64, 2)],
        },
        { quantization: { bits: 4, group_size: 64 } },
      );
      await both({
        a_blocks: ['U8', [rows, wide / 32, 16], noise((rows * wide) / 2, 13)],
        a_scales: ['U8', [rows, wide / 32], noise((rows * wide) / 32, 17)],
      });
    }),
    { numRuns: 12 },
  );
});
