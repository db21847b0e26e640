import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../errors.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { TILE_VALUES } from '../../kernels/tile.ts';
import { loadKernels } from '../../kernels/wasm.ts';
import references from '../../../../fixtures/decode/references.json' with { type: 'json' };
import { dtypeByName } from '../dtypes.ts';
import { storedBytes } from './codec.ts';
import { createDecoder, type StoredTensor } from './decoder.ts';
import { codecOf, DECODED_DTYPES, valuesPerElement } from './registry.ts';

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

/** Bits of all values of a tensor whose bytes arrive in these chunks. */
function bitsOf(tensor: StoredTensor, chunks: readonly Uint8Array[], using?: Kernels): Uint32Array {
  const parts: Uint32Array[] = [];
  const decoder = createDecoder(
    tensor,
    (values) => parts.push(new Uint32Array(values.buffer, values.byteOffset, values.length).slice()),
    using,
  );
  if ('notDecoded' in decoder) throw new Error(decoder.notDecoded);
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  const all = new Uint32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Typed arrays compared as bytes: `toEqual` takes seconds over a few tiles. */
function same(a: Uint32Array, b: Uint32Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}

/** Deterministic bytes that hit every code, with the scales of some blocks infinite or NaN. */
function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map((p) => p % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, i) => bytes.subarray(borders[i], end));
}

const byteLength = (dtype: string, elements: number): number =>
  storedBytes(codecOf(dtype)!, elements * valuesPerElement(dtype));

/** A number of elements that the dtype can have: ggml's blocks are never cut, packed bytes may be. */
const elementsOf = (dtype: string, wanted: number): number => {
  const { blockValues } = codecOf(dtype)!;
  return blockValues > 4 ? Math.ceil(wanted / blockValues) * blockValues : wanted;
};

/** Taken from files that the reference libraries wrote and read back (gguf-py, ggml, torch, onnx). */
test.each(references)(
  '$from: $dtype decodes to the values of its reference',
  ({ dtype, elements, order, bytes, f32_sha256 }) => {
    const tensor = { dtype, elements, sixBitStream: true, ...(order === 'big' ? ({ order } as const) : {}) };
    for (const using of [kernels, undefined]) {
      const bits = bitsOf(tensor, [Buffer.from(bytes, 'base64')], using);
      expect(createHash('sha256').update(bits).digest('hex')).toBe(f32_sha256);
    }
  },
);

test('every dtype that is decoded has such a reference', () => {
  expect(DECODED_DTYPES.filter((dtype) => !references.some((row) => row.dtype === dtype))).toEqual([]);
});

test('block sizes are those by which containers measure tensors', () => {
  for (const name of DECODED_DTYPES) {
    const dtype = dtypeByName(name);
    const codec = codecOf(name)!;
    if (dtype === undefined) continue;
    const values = dtype.elements * valuesPerElement(name);
    expect([name, storedBytes(codec, values)]).toEqual([name, dtype.bytes]);
    if (dtype.kind === 'block') expect([name, codec.blockValues]).toEqual([name, dtype.elements]);
  }
});

describe.each(DECODED_DTYPES)('%s', (dtype) => {
  const tensor = (elements: number): StoredTensor => ({ dtype, elements, sixBitStream: true });

  test('the WASM kernel and the TypeScript codec give the same bits for any bytes', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 900 }), (seed, wanted) => {
        const elements = elementsOf(dtype, wanted);
        const bytes = noise(byteLength(dtype, elements), seed);
        expect(same(bitsOf(tensor(elements), [bytes], kernels), bitsOf(tensor(elements), [bytes]))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('values do not depend on where chunks begin and end, in either byte order', () => {
    const elements = elementsOf(dtype, 2 * TILE_VALUES + 700);
    const bytes = noise(byteLength(dtype, elements), 7);
    for (const order of [{}, { order: 'big' } as const]) {
      const whole = bitsOf({ ...tensor(elements), ...order }, [bytes], kernels);
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (places) => {
          expect(same(bitsOf({ ...tensor(elements), ...order }, cut(bytes, places), kernels), whole)).toBe(true);
        }),
        { numRuns: 8 },
      );
    }
  });

  test('unaligned chunks decode like aligned ones', () => {
    const elements = elementsOf(dtype, 300);
    const bytes = noise(byteLength(dtype, elements), 11);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(same(bitsOf(tensor(elements), [shifted.subarray(1)]), bitsOf(tensor(elements), [bytes]))).toBe(true);
  });

  test('no NaN comes out with other bits than 0x7FC00000', () => {
    const elements = elementsOf(dtype, 4096);
    const bytes = noise(byteLength(dtype, elements), 3).fill(255, 0, byteLength(dtype, elements) / 2);
    for (const using of [kernels, undefined]) {
      const strange = bitsOf(tensor(elements), [bytes], using).filter((b) => (b & 0x7fffffff) > 0x7f800000);
      expect(new Set(strange).size).toBeLessThanOrEqual(1);
      expect([...new Set(strange)].every((b) => b === 0x7fc00000)).toBe(true);
    }
  });

  test('a payload that is too short or too long is FORMAT_SIZE_MISMATCH', () => {
    const elements = elementsOf(dtype, 40);
    const length = byteLength(dtype, elements);
    for (const wrong of [length - 1, length + 1]) {
      const attempt = (): unknown => bitsOf(tensor(elements), [new Uint8Array(wrong)], kernels);
      expect(attempt).toThrow(AppError);
      expect(attempt).toThrow(/FORMAT_SIZE_MISMATCH/);
    }
  });
});

test('a dtype nobody knows is not decoded, and that is no exception', () => {
  for (const dtype of ['Q9_9', '', 'toString', '__proto__', 'Q8_1', 'OTHER']) {
    expect(createDecoder({ dtype, elements: 1 }, () => {})).toEqual({ notDecoded: dtype });
  }
});

test('six-bit floats are decoded only where the container says how their bits lie', () => {
  expect(createDecoder({ dtype: 'F6_E2M3', elements: 4 }, () => {})).toEqual({ notDecoded: 'F6_E2M3' });
  expect(bitsOf({ dtype: 'F6_E2M3', elements: 4, sixBitStream: true }, [Uint8Array.of(0x08, 0, 0xfc)])[0]).toBe(
    0x3f800000,
  );
});

test('64-bit integers are rounded once: through a double, 2^62 + 2^38 + 1 would fall on the other side', () => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, (1n << 62n) + (1n << 38n) + 1n, true);
  for (const dtype of ['I64', 'U64']) {
    for (const using of [kernels, undefined]) {
      const [bits] = bitsOf({ dtype, elements: 1 }, [bytes], using);
      expect(bits).toBe(0x5e800001);
    }
  }
});
