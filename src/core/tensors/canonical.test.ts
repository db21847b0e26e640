import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalBytes, canonicalForm } from './canonical.ts';
import { summarise } from './summary.ts';
import type { StoredTensor } from './decode/decoder.ts';

function canonical(tensor: StoredTensor, bytes: Uint8Array): string {
  const hash = createHash('sha256');
  const made = summarise(tensor, { canonical: hash });
  if ('notDecoded' in made) throw new Error(made.notDecoded);
  made.decoder.push(bytes);
  made.decoder.end();
  return hash.digest('hex');
}

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer.slice(0));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('the same numbers as F32, F16, BF16, F8, I4-free blocks and big-endian F32 have one canonical payload', () => {
  const numbers = [1, -2, 0.5, -0, 0, 1.5, -0.25, 4];
  const expected = sha256(bytesOf(Float32Array.from(numbers)));
  const f32 = bytesOf(Float32Array.from(numbers));
  expect(canonical({ dtype: 'F32', elements: 8 }, f32)).toBe(expected);
  const big = f32.slice();
  for (let i = 0; i < big.length; i += 4) big.subarray(i, i + 4).reverse();
  expect(canonical({ dtype: 'F32', elements: 8, order: 'big' }, big)).toBe(expected);
  const half = Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x8000, 0, 0x3e00, 0xb400, 0x4400);
  expect(canonical({ dtype: 'F16', elements: 8 }, bytesOf(half))).toBe(expected);
  const brain = Uint16Array.of(0x3f80, 0xc000, 0x3f00, 0x8000, 0, 0x3fc0, 0xbe80, 0x4080);
  expect(canonical({ dtype: 'BF16', elements: 8 }, bytesOf(brain))).toBe(expected);
  const eight = Uint8Array.of(0x38, 0xc0, 0x30, 0x80, 0, 0x3c, 0xa8, 0x48);
  expect(canonical({ dtype: 'F8_E4M3', elements: 8 }, eight)).toBe(expected);
});

test('every NaN is one NaN, and minus zero is not zero', () => {
  const one = canonical({ dtype: 'F32', elements: 1 }, bytesOf(Uint32Array.of(0x7fc00000)));
  for (const bits of [0xffc00000, 0x7f800001, 0xffffffff]) {
    expect(canonical({ dtype: 'F32', elements: 1 }, bytesOf(Uint32Array.of(bits)))).toBe(one);
  }
  const wide = canonical({ dtype: 'F64', elements: 2 }, bytesOf(BigUint64Array.of(0x7ff8000000000000n, 1n)));
  expect(canonical({ dtype: 'F64', elements: 2 }, bytesOf(BigUint64Array.of(0xfff0000000000001n, 1n)))).toBe(wide);
  expect(canonical({ dtype: 'F32', elements: 1 }, bytesOf(Float32Array.of(-0)))).not.toBe(
    canonical({ dtype: 'F32', elements: 1 }, bytesOf(Float32Array.of(0))),
  );
});

test('infinity in float64 stays what it is', () => {
  const stored = bytesOf(Float64Array.of(Infinity, -Infinity, 2));
  expect(canonicalBytes('F64', new Float32Array(3), stored)).toBe(stored);
});

test('integers and float64 keep their own type, so a float32 cannot round them', () => {
  expect(canonicalForm('I64', [2, 3])).toEqual({ dtype: 'I64', shape: [2, 3], byteLength: 48 });
  expect(canonicalForm('F64', [2])).toEqual({ dtype: 'F64', shape: [2], byteLength: 16 });
  const stored = bytesOf(BigInt64Array.of(9007199254740993n, -1n));
  expect(canonical({ dtype: 'I64', elements: 2 }, stored)).toBe(sha256(stored));
  expect(canonical({ dtype: 'I64', elements: 2, order: 'big' }, stored.toReversed())).toBe(
    sha256(bytesOf(BigInt64Array.of(-1n, 9007199254740993n))),
  );
});

test('bool is 0 or 1, integers below a byte take one byte each, complex numbers get an axis of two', () => {
  expect(canonical({ dtype: 'BOOL', elements: 3 }, Uint8Array.of(0, 1, 255))).toBe(sha256(Uint8Array.of(0, 1, 1)));
  expect(canonical({ dtype: 'I4', elements: 3 }, Uint8Array.of(0xf1, 0x08))).toBe(sha256(Uint8Array.of(1, 255, 248)));
  expect(canonicalForm('I4', [3])).toEqual({ dtype: 'I4', shape: [3], byteLength: 3 });
  expect(canonicalForm('C64', [5])).toEqual({ dtype: 'F32', shape: [5, 2], byteLength: 40 });
  expect(canonicalForm('C128', [])).toEqual({ dtype: 'F64', shape: [2], byteLength: 16 });
  expect(canonicalForm('Q4_K', [2, 256])).toEqual({ dtype: 'F32', shape: [2, 256], byteLength: 2048 });
});
