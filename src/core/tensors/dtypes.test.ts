import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { byteLength, dtypeByName, elementCount, ggmlDtype, ggmlId, plainDtype } from './dtypes.ts';

const code = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};
const bytes = (name: string, shape: number[]): number => byteLength(dtypeByName(name)!, shape);

describe('byteLength', () => {
  it('is the exact number of stored bytes for plain, packed and block types', () => {
    expect(bytes('F32', [2, 3])).toBe(24);
    expect(bytes('BF16', [])).toBe(2);
    expect(bytes('C64', [5])).toBe(40);
    expect(bytes('F4', [4, 16])).toBe(32);
    expect(bytes('F6_E2M3', [4, 8])).toBe(24);
    expect(bytes('Q4_K', [3, 512])).toBe(3 * 2 * 144);
    expect(bytes('Q8_1', [32])).toBe(36);
    expect(bytes('I64', [0, 7])).toBe(0);
  });

  it('refuses rows that are not whole blocks, even when the total would fit', () => {
    expect(code(() => bytes('Q4_0', [33]))).toBe('FORMAT_SHAPE');
    expect(code(() => bytes('Q4_0', [2, 16]))).toBe('FORMAT_SHAPE');
    expect(code(() => bytes('Q4_0', []))).toBe('FORMAT_SHAPE');
    expect(bytes('Q4_0', [16, 32])).toBe(16 * 18);
  });

  it('refuses packed values that do not fill whole bytes', () => {
    expect(code(() => bytes('F4', [3]))).toBe('FORMAT_SIZE_MISMATCH');
    expect(code(() => bytes('F6_E3M2', [3]))).toBe('FORMAT_SIZE_MISMATCH');
  });

  it('never wraps and never rounds: products above 2^53 - 1 are refused, with a zero among them as well', () => {
    expect(code(() => bytes('U8', [2 ** 32, 2 ** 32]))).toBe('FORMAT_OVERFLOW');
    expect(code(() => bytes('F32', [2 ** 52]))).toBe('FORMAT_OVERFLOW');
    expect(code(() => elementCount([2 ** 40, 2 ** 40, 0]))).toBe('FORMAT_OVERFLOW');
    expect(code(() => elementCount([-1]))).toBe('FORMAT_SHAPE');
    expect(code(() => elementCount([1.5]))).toBe('FORMAT_SHAPE');
    expect(bytes('U8', [2 ** 53 - 1])).toBe(2 ** 53 - 1);
  });

  it('agrees with exact integer arithmetic for any shape', () => {
    const names = fc.constantFrom('BOOL', 'I16', 'F32', 'F64', 'F4', 'F6_E2M3', 'Q4_0', 'Q6_K', 'NVFP4');
    const shape = fc.array(fc.oneof(fc.nat(600), fc.integer({ min: 0, max: 2 ** 40 })), { maxLength: 5 });
    fc.assert(
      fc.property(names, shape, (name, dims) => {
        const dtype = dtypeByName(name)!;
        const exact = (dims.reduce((a, d) => a * BigInt(d), 1n) * BigInt(dtype.bytes)) / BigInt(dtype.elements);
        const outcome = code(() => expect(BigInt(byteLength(dtype, dims))).toBe(exact));
        expect(['none', 'FORMAT_SHAPE', 'FORMAT_SIZE_MISMATCH', 'FORMAT_OVERFLOW']).toContain(outcome);
        if (outcome === 'none') expect(exact <= BigInt(Number.MAX_SAFE_INTEGER)).toBe(true);
      }),
    );
  });
});

describe('names and numbers of types', () => {
  it('has no type for numbers that ggml removed or never gave, nor for names an object inherits', () => {
    for (const id of [4, 5, 31, 32, 33, 36, 37, 38, 43, 9999, -1]) expect(ggmlDtype(id)).toBeUndefined();
    for (const name of ['constructor', '__proto__', 'f32', '', 'Q4_K']) expect(plainDtype(name)).toBeUndefined();
  });

  it('gives back the number it was asked for', () => {
    for (let id = 0; id < 64; id++) {
      const dtype = ggmlDtype(id);
      if (dtype !== undefined) expect(ggmlId(dtype.name)).toBe(id);
    }
    expect(ggmlId('C64')).toBeUndefined();
  });
});
