import { expect, test } from 'vitest';
import { createDecoder, type StoredTensor } from './decoder.ts';
import { summarise } from '../summary.ts';

function decode(tensor: StoredTensor, stored: ArrayBufferView): number[] {
  const out: number[] = [];
  const decoder = createDecoder(tensor, (values) => out.push(...values));
  if ('notDecoded' in decoder) throw new Error(decoder.notDecoded);
  decoder.push(new Uint8Array(stored.buffer));
  decoder.end();
  return out;
}

test('a conjugated view has negated imaginary parts, a negative view negated values', () => {
  const stored = Float32Array.of(1, 2, 3, -4);
  const conjugate = { dtype: 'C64', elements: 2, transforms: [{ kind: 'conjugate' }] } as const;
  expect(decode(conjugate, stored)).toEqual([1, -2, 3, 4]);
  const both = { ...conjugate, transforms: [{ kind: 'conjugate' }, { kind: 'negate' }] } as const;
  expect(decode(both, stored)).toEqual([-1, 2, -3, -4]);
});

test('negated float64 stays float64, and a negated NaN is still the one NaN', () => {
  const seen: Uint8Array[] = [];
  const made = summarise(
    { dtype: 'F64', elements: 2, transforms: [{ kind: 'negate' }] },
    { canonical: { update: (bytes) => void seen.push(bytes.slice()) } },
  );
  if ('notDecoded' in made) throw new Error(made.notDecoded);
  made.decoder.push(new Uint8Array(Float64Array.of(0.1, NaN).buffer));
  made.decoder.end();
  expect(made.decoder.dtype).toBe('F64');
  expect([...new BigUint64Array(seen[0]!.buffer)]).toEqual([
    new BigUint64Array(Float64Array.of(-0.1).buffer)[0],
    0x7ff8000000000000n,
  ]);
  expect(made.summary.result().first[0]).toBe(-0.1);
});

test('a quantised tensor is fround((code - zero) * scale), the scale a double along an axis and a float alone', () => {
  const tensor = {
    dtype: 'I8',
    elements: 6,
    shape: [3, 2],
    transforms: [{ kind: 'affine', scales: [0.1, 0.02, 0.5], zeroPoints: [0, 3, -2], axis: 0 }],
  } as const;
  const codes = Int8Array.of(1, -1, 4, 3, 0, 127);
  const scale = [0.1, 0.02, 0.5];
  expect(decode(tensor, codes)).toEqual(
    [1 * scale[0]!, -1 * scale[0]!, 1 * scale[1]!, 0, 2 * scale[2]!, 129 * scale[2]!].map(Math.fround),
  );
  const one = { ...tensor, transforms: [{ kind: 'affine', scales: [0.1], zeroPoints: [1] }] } as const;
  expect(decode(one, codes)).toEqual([...codes].map((code) => Math.fround((code - 1) * Math.fround(0.1))));
});

test('32-bit codes are not rounded to float32 before their zero point is taken away', () => {
  const tensor = {
    dtype: 'I32',
    elements: 1,
    transforms: [{ kind: 'affine', scales: [1], zeroPoints: [2 ** 30] }],
  } as const;
  expect(decode(tensor, Int32Array.of(2 ** 30 + 3))).toEqual([3]);
});
