import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dtypeByName } from '../dtypes.ts';
import type { TensorEntry } from '../entry.ts';
import { quantConfig } from './config.ts';
import { dequantise } from './dequantise.ts';
import { recognise, type Recognised } from './registry.ts';

/** A stored tensor of a made-up checkpoint. */
interface Stored {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}
const tensor = (dtype: string, shape: readonly number[], data: ArrayBufferView): Stored => ({ dtype, shape, data });
const f32 = (shape: readonly number[], ...values: number[]): Stored => tensor('F32', shape, Float32Array.from(values));
const i32 = (shape: readonly number[], ...values: number[]): Stored => tensor('I32', shape, Int32Array.from(values));

const bytesOf = ({ data }: Stored): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

class Checkpoint {
  readonly entries = new Map<string, TensorEntry>();
  readonly #stored: Readonly<Record<string, Stored>>;
  readonly #config: unknown;

  constructor(stored: Readonly<Record<string, Stored>>, config: unknown = undefined) {
    this.#stored = stored;
    this.#config = config;
    for (const [name, { dtype, shape, data }] of Object.entries(stored)) {
      this.entries.set(name, { name, dtype, shape, byteLength: data.byteLength, storage: { kind: 'range', start: 0 } });
    }
  }

  bytes(entry: TensorEntry): Uint8Array {
    return bytesOf(this.#stored[entry.name]!);
  }

  recognise(): Promise<Recognised> {
    return recognise({
      entries: this.entries,
      config: quantConfig(this.#config),
      read: async (entry) => this.bytes(entry),
    });
  }

  /** All values of the one virtual tensor there is. */
  async values(held?: number): Promise<number[]> {
    const { tensors, undecoded } = await this.recognise();
    expect(undecoded).toEqual([]);
    expect(tensors).toHaveLength(1);
    const out: number[] = [];
    const stream = async function* (this: Checkpoint, entry: TensorEntry) {
      yield this.bytes(entry);
    }.bind(this);
    const options = held === undefined ? {} : { held };
    await dequantise(tensors[0]!, this.entries, { stream }, (values) => out.push(...values), options);
    return out;
  }

  async why(): Promise<readonly string[]> {
    const { tensors, undecoded } = await this.recognise();
    expect(tensors).toEqual([]);
    return undecoded.map(({ scheme, why }) => `${scheme}: ${why}`);
  }
}

/** Codes as 32-bit words along the last axis, lowest bits first: as a number with BigInt, not as the decoder does it. */
function pack(codes: readonly number[], bits: number): Int32Array {
  let stream = 0n;
  codes.forEach((code, i) => (stream |= BigInt(code) << BigInt(bits * i)));
  const words = Math.ceil((codes.length * bits) / 32);
  return Int32Array.from({ length: words }, (_, w) => Number((stream >> BigInt(32 * w)) & 0xffff_ffffn) | 0);
}

/** Transposes rows of words. */
function columns(words: readonly Int32Array[]): Int32Array {
  return Int32Array.from(
    { length: words[0]!.length * words.length },
    (_, i) => words[i % words.length]![Math.floor(i / words.length)]!,
  );
}

describe('GPTQ', () => {
  const codes = Array.from({ length: 32 }, (_, n) => Array.from({ length: 32 }, (_, k) => (3 * k + 5 * n) % 8));
  const zeros = Array.from({ length: 32 }, (_, n) => n % 7);
  const parts = (bits: number): Record<string, Stored> => ({
    'a.qweight': tensor('I32', [bits, 32], columns(codes.map((row) => pack(row, bits)))),
    'a.qzeros': tensor('I32', [1, bits], pack(zeros, bits)),
    'a.scales': f32([1, 32], ...zeros.map((_, n) => 1 + n)),
  });

  test.each([3, 4, 8])('of %i bits: W[n, k] = scale (code - zero - 1), first format', async (bits) => {
    expect(await new Checkpoint(parts(bits)).values()).toEqual(
      codes.flatMap((row, n) => row.map((code) => (1 + n) * (code - zeros[n]! - 1))),
    );
  });

  test('gptq_v2 stores zero points as they are', async () => {
    const config = { quantization_config: { quant_method: 'gptq', bits: 4, checkpoint_format: 'gptq_v2' } };
    expect(await new Checkpoint(parts(4), config).values()).toEqual(
      codes.flatMap((row, n) => row.map((code) => (1 + n) * (code - zeros[n]!))),
    );
  });

  test('g_idx sends input rows to groups out of order, and a group that is not there is FORMAT_BOUNDS', async () => {
    const group = Array.from({ length: 32 }, (_, k): number => (k % 3 === 1 ? 1 : 0));
    const two = (index: readonly number[]): Checkpoint =>
      new Checkpoint({
        ...parts(4),
        'a.qzeros': tensor('I32', [2, 4], Int32Array.from([...pack(zeros, 4), ...pack(zeros.toReversed(), 4)])),
        'a.scales': f32([2, 32], ...zeros.map(() => 1), ...zeros.map(() => 16)),
        'a.g_idx': i32([32], ...index),
      });
    expect(await two(group).values()).toEqual(
      codes.flatMap((row, n) =>
        row.map((code, k) => (group[k] === 1 ? 16 * (code - zeros[31 - n]! - 1) : code - zeros[n]! - 1)),
      ),
    );
    for (const wrong of [2, -1]) {
      await expect(two(group.with(5, wrong)).values()).rejects.toThrow(/FORMAT_BOUNDS/);
    }
  });

  test('words that may not be held at once are read again for each stripe of columns', async () => {
    const wide = Array.from({ length: 96 }, (_, n) => codes[n % 32]!);
    const parts = {
      'a.qweight': tensor('I32', [4, 96], columns(wide.map((row) => pack(row, 4)))),
      'a.qzeros': tensor('I32', [1, 12], new Int32Array(12)),
      'a.scales': f32([1, 96], ...wide.map((_, n) => n)),
    };
    const expected = wide.flatMap((row, n) => row.map((code) => n * (code - 1)));
    expect(await new Checkpoint(parts).values(1500)).toEqual(expected);
    await expect(new Checkpoint(parts).values(1000)).rejects.toThrow(/FORMAT_TOO_LARGE/);
  });

  test('parts that do not fit each other are not decoded, and neither is Marlin', async () => {
    expect(await new Checkpoint({ ...parts(4), 'a.scales': f32([1, 16], ...zeros.slice(16)) }).why()).toEqual([
      'gptq: layout',
    ]);
    expect(await new Checkpoint({ 'a.qweight': parts(4)['a.qweight']! }).why()).toEqual(['gptq: layout']);
    const config = { quantization_config: { quant_method: 'gptq', checkpoint_format: 'marlin' } };
    expect(await new Checkpoint(parts(4), config).why()).toEqual(['gptq: scheme']);
  });
});

describe('AWQ', () => {
  /** Nibble i of a word is column [0, 2, 4, 6, 1, 3, 5, 7][i]. */
  const word = (columns: readonly number[]): number =>
    [0, 2, 4, 6, 1, 3, 5, 7].reduce((sum, column, i) => sum + columns[column]! * 16 ** i, 0) | 0;
  const code = (k: number, n: number): number => (7 * k + n) % 16;
  const eight = [0, 1, 2, 3, 4, 5, 6, 7];
  const parts = {
    'a.qweight': i32([4, 1], ...[0, 1, 2, 3].map((k) => word(eight.map((n) => code(k, n))))),
    'a.qzeros': i32([2, 1], word(eight), word(eight.toReversed())),
    'a.scales': f32([2, 8], ...eight.map(() => 1), ...eight.map(() => 0.5)),
  };

  test('W[n, k] = scale (code - zero): no offset, columns interleaved in a word', async () => {
    expect(await new Checkpoint(parts).values()).toEqual(
      eight.flatMap((n) => [0, 1, 2, 3].map((k) => (k < 2 ? code(k, n) - n : 0.5 * (code(k, n) - (7 - n))))),
    );
  });

  test('the layout for the GEMV kernel is not decoded', async () => {
    const config = { quantization_config: { quant_method: 'awq', bits: 4, version: 'gemv' } };
    expect(await new Checkpoint(parts, config).why()).toEqual(['awq: config']);
  });
});

describe('bitsandbytes', () => {
  const map = Array.from({ length: 16 }, (_, i) => i - 8);
  const state = (fields: object): Stored => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({ quant_type: 'nf4', blocksize: 4, dtype: 'bfloat16', shape: [3, 3], ...fields }),
    );
    return tensor('U8', [bytes.length], bytes);
  };
  const parts = {
    w: tensor('U8', [5, 1], Uint8Array.of(0x01, 0x23, 0x45, 0x67, 0x80)),
    'w.absmax': f32([3], 1, 2, 4),
    'w.quant_map': f32([16], ...map),
    'w.quant_state.bitsandbytes__nf4': state({}),
  };

  test('the first of two codes is in the high nibble, blocks cross rows, an odd count leaves a nibble over', async () => {
    expect(await new Checkpoint(parts).values()).toEqual([-8, -7, -6, -5, -8, -6, -4, -2, 0]);
    const { tensors } = await new Checkpoint(parts).recognise();
    expect(tensors[0]).toMatchObject({ name: 'w', dtype: 'BF16', shape: [3, 3] });
  });

  test('with a second level the scale is map[code] times absmax plus offset, each step rounded to float32', async () => {
    const nested = {
      ...parts,
      'w.absmax': tensor('U8', [3], Uint8Array.of(0, 1, 255)),
      'w.nested_absmax': f32([2], 0.1, 0.3),
      'w.nested_quant_map': f32([256], ...Array.from({ length: 256 }, (_, i) => i / 255)),
      'w.quant_state.bitsandbytes__nf4': state({ nested_blocksize: 2, nested_offset: 0.7 }),
    };
    const at = (i: number, absmax: number): number =>
      Math.fround(Math.fround(Math.fround(i / 255) * Math.fround(absmax)) + Math.fround(0.7));
    const scales = [at(0, 0.1), at(1, 0.1), at(255, 0.3)];
    expect(await new Checkpoint(nested).values()).toEqual(
      [-8, -7, -6, -5, -4, -3, -2, -1, 0].map((code, i) => Math.fround(code * scales[Math.floor(i / 4)]!)),
    );
  });

  test.each([
    ['no JSON', tensor('U8', [3], Uint8Array.of(123, 34, 255))],
    ['a shape of another size', state({ shape: [4, 3] })],
    ['a shape beyond all memory', state({ shape: [2 ** 40, 2 ** 40] })],
    ['a negative dimension', state({ shape: [-3, -3] })],
    ['a block of nothing', state({ blocksize: 0 })],
  ])('a state with %s is not decoded', async (_, note) => {
    expect(await new Checkpoint({ ...parts, 'w.quant_state.bitsandbytes__nf4': note }).why()).toEqual([
      'bitsandbytes nf4: layout',
    ]);
  });

  test('LLM.int8 multiplies by row, then by the float32 nearest to 1/127; tiled layouts are not decoded', async () => {
    const int8 = { 'a.weight': tensor('I8', [2, 2], Int8Array.of(127, -127, 1, 0)), 'a.SCB': f32([2], 3, 0.5) };
    const unit = Math.fround(7.874015718698502e-3);
    expect(await new Checkpoint(int8).values()).toEqual([381, -381, 0.5, 0].map((x) => Math.fround(x * unit)));
    const tiled = { ...int8, 'a.weight_format': tensor('U8', [], Uint8Array.of(1)) };
    expect(await new Checkpoint(tiled).why()).toEqual(['bitsandbytes int8: layout']);
  });
});

describe('eight-bit weights beside their scales', () => {
  const ones = (rows: number, columns: number): Stored =>
    tensor('F8_E4M3', [rows, columns], new Uint8Array(rows * columns).fill(0x38));
  const config = { quantization_config: { quant_method: 'fp8', weight_block_size: [2, 3] } };

  test('blocks at the edges are cut', async () => {
    const parts = { 'a.weight': ones(3, 4), 'a.weight_scale_inv': f32([2, 2], 1, 2, 3, 4) };
    expect(await new Checkpoint(parts, config).values()).toEqual([1, 1, 1, 2, 1, 1, 1, 2, 3, 3, 3, 4]);
  });

  test.each([
    ['one scale', [], [5], [5, 5, 5, 5]],
    ['a scale for each row', [2], [5, 6], [5, 5, 6, 6]],
    ['a scale for each row, as a column', [2, 1], [5, 6], [5, 5, 6, 6]],
    ['a scale for each column', [1, 2], [5, 6], [5, 6, 5, 6]],
  ])('%s', async (_, shape, scales, expected) => {
    const parts = { 'a.weight': ones(2, 2), 'a.weight_scale': f32(shape, ...scales) };
    expect(await new Checkpoint(parts).values()).toEqual(expected);
  });

  test('a stack of matrices with a scale each', async () => {
    const stack = tensor('F8_E4M3', [3, 1, 2], new Uint8Array(6).fill(0x38));
    expect(await new Checkpoint({ experts: stack, experts_scale: f32([3, 1, 1], 1, 2, 3) }).values()).toEqual([
      1, 1, 2, 2, 3, 3,
    ]);
  });

  test('scales of another shape are not decoded, and a weight without scales is what it is', async () => {
    expect(await new Checkpoint({ 'a.weight': ones(4, 4), 'a.weight_scale': f32([3], 1, 2, 3) }).why()).toEqual([
      'fp8: layout',
    ]);
    expect(await new Checkpoint({ 'a.weight': ones(4, 4) }).recognise()).toEqual({ tensors: [], undecoded: [] });
  });

  test('INT8 with zero points', async () => {
    const parts = {
      'a.weight': tensor('I8', [2, 2], Int8Array.of(1, 2, 3, -4)),
      'a.weight_scale': f32([2, 1], 0.5, 2),
      'a.weight_zero_point': tensor('I8', [2, 1], Int8Array.of(1, -1)),
    };
    expect(await new Checkpoint(parts).values()).toEqual([0, 0.5, 8, -6]);
  });
});

describe('four-bit floats', () => {
  const codes = Uint8Array.from({ length: 16 }, (_, i) => i * 17);
  const e2m1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6];
  const pairs = e2m1.flatMap((x) => [x, x]);

  test('MXFP4: an exponent for every 32', async () => {
    const parts = { w_blocks: tensor('U8', [1, 1, 16], codes), w_scales: tensor('U8', [1, 1], Uint8Array.of(129)) };
    expect(await new Checkpoint(parts).values()).toEqual(pairs.map((x) => 4 * x));
  });

  test('NVFP4: a float8 for every 16, over one scalar or times another', async () => {
    const scale = tensor('F8_E4M3', [1, 2], Uint8Array.of(0x38, 0x40));
    const expected = (factor: number): number[] => pairs.map((x, i) => x * (i < 16 ? 1 : 2) * factor);
    const over = {
      'a.weight_packed': tensor('U8', [1, 16], codes),
      'a.weight_scale': scale,
      'a.weight_global_scale': f32([1], 4),
    };
    expect(await new Checkpoint(over).values()).toEqual(expected(0.25));
    const times = { 'a.weight': tensor('U8', [1, 16], codes), 'a.weight_scale': scale, 'a.weight_scale_2': f32([], 4) };
    expect(await new Checkpoint(times).values()).toEqual(expected(4));
  });
});

describe('MLX', () => {
  test.each([2, 3, 4, 5, 6, 8])('affine codes of %i bits: fround(scale * code) + bias', async (bits) => {
    const codes = Array.from({ length: 64 }, (_, i) => (11 * i + 3) % 2 ** bits);
    const parts = {
      'a.weight': tensor('U32', [1, 2 * bits], pack(codes, bits)),
      'a.scales': f32([1, 2], 0.1, -3),
      'a.biases': f32([1, 2], 0.01, 7),
    };
    const config = { quantization: { bits: 16, group_size: 64, a: { bits, group_size: 32 } } };
    const [s0, b0] = [Math.fround(0.1), Math.fround(0.01)];
    expect(await new Checkpoint(parts, config).values()).toEqual(
      codes.map((code, i) => (i < 32 ? Math.fround(Math.fround(code * s0) + b0) : -3 * code + 7)),
    );
  });

  test('sizes that the config does not state and the shapes leave open are not guessed', async () => {
    const parts = {
      'a.weight': tensor('U32', [1, 8], new Uint32Array(8)),
      'a.scales': f32([1, 1], 1),
      'a.biases': f32([1, 1], 1),
    };
    expect(await new Checkpoint(parts).why()).toEqual(['mlx affine: config']);
  });
});

describe('compressed-tensors', () => {
  const codes = Array.from({ length: 16 }, (_, n) => Array.from({ length: 32 }, (_, k) => (k * 3 + n) % 16));
  const shape = tensor('I64', [2], BigInt64Array.of(16n, 32n));
  const packed = tensor('I32', [16, 4], Int32Array.from(codes.flatMap((row) => [...pack(row, 4)])));

  test('zero points are packed down the columns of the scales', async () => {
    const zeros = Array.from({ length: 16 }, (_, n) => [n, 15 - n]);
    const down = columns([
      pack(
        zeros.map(([a]) => a!),
        4,
      ),
      pack(
        zeros.map(([, b]) => b!),
        4,
      ),
    ]);
    const parts = {
      'a.weight_packed': packed,
      'a.weight_shape': shape,
      'a.weight_scale': f32([16, 2], ...codes.flatMap((_, n) => [n + 1, 0.5])),
      'a.weight_zero_point': tensor('I32', [2, 2], down),
    };
    expect(await new Checkpoint(parts).values()).toEqual(
      codes.flatMap((row, n) => row.map((code, k) => (k < 16 ? (n + 1) * (code - n) : 0.5 * (code - 15 + n)))),
    );
  });

  test('columns may name their group', async () => {
    const index = Array.from({ length: 32 }, (_, k) => k % 2);
    const parts = {
      'a.weight_packed': packed,
      'a.weight_shape': shape,
      'a.weight_scale': f32([16, 2], ...codes.flatMap(() => [1, 100])),
      'a.weight_g_idx': i32([32], ...index),
    };
    expect(await new Checkpoint(parts).values()).toEqual(
      codes.flatMap((row) => row.map((code, k) => (k % 2 === 0 ? 1 : 100) * (code - 8))),
    );
  });
});

test('schemes that nobody here decodes are named', async () => {
  const one = i32([1], 0);
  const found = await new Checkpoint({
    'a.W_q': one,
    'b.q_weight': one,
    'c.codebooks': one,
    'd.weight': one,
  }).recognise();
  expect(found.tensors).toEqual([]);
  expect(found.undecoded.map(({ name, scheme }) => [name, scheme])).toEqual([
    ['a.weight', 'hqq'],
    ['b.weight', 'exl2'],
    ['c.weight', 'aqlm'],
  ]);
});

test('any JSON at all gives a config, and only well-formed members get into it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      for (const config of [
        a,
        { quantization_config: a },
        { quantization: { bits: a, l: b } },
        { bits: a, group_size: b },
      ]) {
        const { bits, groupSize } = quantConfig(config);
        for (const n of [bits, groupSize]) expect(n === undefined || (Number.isInteger(n) && n > 0)).toBe(true);
      }
    }),
  );
});

test('groups of any dtypes and shapes are made or refused, never an exception without a code', async () => {
  const families = [
    ['.qweight:I32', '.qzeros:I32', '.scales:F16', '.g_idx:I32'],
    ['.weight:U8', '.weight.absmax:F32', '.weight.quant_map:F32', '.weight.quant_state.bitsandbytes__nf4:U8'],
    ['.weight:I8', '.SCB:F32', '.bias:F16'],
    ['.weight:F8_E4M3', '.weight_scale_inv:F32', '.weight_scale:BF16'],
    ['.weight:U32', '.scales:F16', '.biases:F16'],
    ['_blocks:U8', '_scales:U8'],
    ['.weight_packed:I32', '.weight_scale:BF16', '.weight_zero_point:I32', '.weight_shape:I64', '.weight_g_idx:I32'],
    ['.weight_packed:U8', '.weight_scale:F8_E4M3', '.weight_global_scale:F32'],
  ];
  const dimension: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 3, 4, 8, 16, 32);
  const shapes = fc.array(fc.array(dimension, { maxLength: 3 }), { minLength: 5, maxLength: 5 });
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...families), shapes, fc.nat(255), async (family, shapes, fill) => {
      const entries = new Map<string, TensorEntry>();
      family.forEach((part, i) => {
        const [suffix, dtype] = part.split(':') as [string, string];
        const byteLength = shapes[i]!.reduce((n, d) => n * d, dtypeByName(dtype)!.bytes);
        const storage = { kind: 'range', start: 0 } as const;
        entries.set(`a${suffix}`, { name: `a${suffix}`, dtype, shape: shapes[i]!, byteLength, storage });
      });
      const bytes = (entry: TensorEntry): Uint8Array => new Uint8Array(entry.byteLength).fill(fill);
      const source = {
        async *stream(entry: TensorEntry) {
          yield bytes(entry);
        },
      };
      const config = quantConfig({});
      const found = await recognise({ entries, config, read: async (entry) => bytes(entry) });
      for (const tensor of found.tensors) {
        let count = 0;
        const done = dequantise(tensor, entries, source, (values) => (count += values.length));
        await done.then(
          () => {
            made++;
            expect(count).toBe(tensor.shape.reduce((n, d) => n * d, 1));
          },
          (error: unknown) => expect(error).toHaveProperty('code'),
        );
      }
    }),
    { numRuns: 5000 },
  );
  expect(made).toBeGreaterThan(50);
});
