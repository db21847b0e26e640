import { expect, test } from 'vitest';
import { pack, unpack } from './cache-pack.ts';

const value = {
  eas: Float32Array.of(1, -0.5, NaN),
  lep: Float64Array.of(0.25, 1),
  layers: new Map([[0, Float32Array.of(7)]]),
};

test('what was kept comes back, also out of a Buffer of Node, which shares its memory with others', () => {
  expect(unpack(pack(value))).toEqual(value);
  expect(unpack(Buffer.concat([pack(value)]))).toEqual(value);
  const pool = Buffer.alloc(4096, 0xff);
  pool.set(pack(value), 100);
  expect(unpack(pool.subarray(100, 100 + pack(value).length))).toEqual(value);
});
