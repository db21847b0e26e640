import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemorySource } from '../../bytes/memory.ts';
import { stridedBytes } from './strided.ts';

async function gathered(
  bytes: Uint8Array,
  start: number,
  shape: readonly number[],
  strides: readonly number[],
  size: number,
  held: number,
): Promise<number[]> {
  const out: number[] = [];
  for await (const chunk of stridedBytes(new MemorySource('x', bytes), start, shape, strides, size, undefined, held)) {
    out.push(...chunk);
  }
  return out;
}

/** Element by element, as the definition of a stride says. */
function byDefinition(
  bytes: Uint8Array,
  start: number,
  shape: readonly number[],
  strides: readonly number[],
  size: number,
): number[] {
  const out: number[] = [];
  const visit = (d: number, at: number): void => {
    if (d === shape.length) out.push(...bytes.subarray(start + at * size, start + (at + 1) * size));
    else for (let i = 0; i < shape[d]!; i++) visit(d + 1, at + i * strides[d]!);
  };
  visit(0, 0);
  return out;
}

test('a view is what its strides say, whatever the element size and however little may be held', async () => {
  const axis = fc.record({ length: fc.integer({ min: 0, max: 5 }), step: fc.integer({ min: 0, max: 7 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(axis, { maxLength: 4 }),
      fc.constantFrom(1, 2, 4, 8, 16),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 1, max: 200 }),
      async (axes, size, start, held) => {
        const shape = axes.map(({ length }) => length);
        const strides = axes.map(({ step }) => step);
        const last = axes.reduce((sum, { length, step }) => sum + Math.max(0, length - 1) * step, 0);
        const bytes = new Uint8Array(start + (last + 1) * size).map((_, i) => (i * 7919) >> 4);
        expect(await gathered(bytes, start, shape, strides, size, held)).toEqual(
          byDefinition(bytes, start, shape, strides, size),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('a transposed matrix over several pieces of the file comes out row-major', async () => {
  const rows = 700;
  const columns = 900;
  const stored = Float32Array.from({ length: rows * columns }, (_, i) => i);
  const bytes: Uint8Array[] = [];
  const source = new MemorySource('x', new Uint8Array(stored.buffer));
  // Column-major: element [r, c] lies at c * rows + r.
  for await (const chunk of stridedBytes(source, 0, [rows, columns], [1, rows], 4, undefined, 1 << 20))
    bytes.push(chunk);
  expect(bytes.length).toBe(3);
  const values = new Float32Array(await new Blob(bytes as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  expect(values.length).toBe(rows * columns);
  for (const [r, c] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [699, 899],
    [291, 17],
  ] as const) {
    expect(values[r * columns + c]).toBe(c * rows + r);
  }
});

test('negative strides are ENGINE_UNSUPPORTED, not a wrong answer', async () => {
  await expect(gathered(new Uint8Array(8), 4, [2], [-1], 1, 10)).rejects.toThrow(/ENGINE_UNSUPPORTED/);
});
