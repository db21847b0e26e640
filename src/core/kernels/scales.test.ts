import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { COLUMN_PACKINGS, RUNS_MAX, type ColumnPacking, type Kernels, type Runs } from './kernels.ts';
import { TILE_VALUES } from './tile.ts';
import { loadKernels } from './wasm.ts';

let wasm: Kernels;
beforeAll(async () => {
  wasm = await loadKernels();
});

const bits = (values: Float32Array): number[] => [...new Uint32Array(values.slice().buffer)];
const any = fc.float({ noDefaultInfinity: true, noNaN: true });

const runsOf = (list: readonly { length: number; scale: number; zero: number; extra: number }[]): Runs => {
  let end = 0;
  return {
    ends: Int32Array.from(list, ({ length }) => (end += length)),
    scales: Float32Array.from(list, ({ scale }) => scale),
    zeros: Float32Array.from(list, ({ zero }) => zero),
    extras: Float32Array.from(list, ({ extra }) => extra),
  };
};

describe('scales by the kernels module', () => {
  test('run by run give the bits of the same steps in JavaScript, each rounded', () => {
    const run = fc.record({ length: fc.integer({ min: 1, max: 21 }), scale: any, zero: any, extra: any });
    fc.assert(
      fc.property(
        fc.array(run, { minLength: 1, maxLength: 30 }),
        fc.constantFrom('nothing', 'add', 'multiply'),
        fc.infiniteStream(any),
        (list, then, source) => {
          const runs = runsOf(list);
          const values = Float32Array.from({ length: runs.ends.at(-1)! }, () => source.next().value!);
          const expected = values.slice();
          let i = 0;
          for (const [k, { scale, zero, extra }] of list.entries()) {
            for (; i < runs.ends[k]!; i++) {
              const scaled = Math.fround(Math.fround(expected[i]! - Math.fround(zero)) * Math.fround(scale));
              expected[i] = then === 'add' ? scaled + extra : then === 'multiply' ? scaled * extra : scaled;
            }
          }
          wasm.rescale(values, runs, list.length, then);
          // Which NaN comes out is the caller's to make one.
          for (const list of [values, expected]) list.forEach((x, i) => Number.isNaN(x) && (list[i] = NaN));
          expect(bits(values)).toEqual(bits(expected));
        },
      ),
    );
  });

  const code: Readonly<Record<ColumnPacking, (word: number, row: number, column: number) => number>> = {
    gptq4: (word, row) => (word >>> (4 * (row % 8))) & 15,
    gptq8: (word, row) => (word >>> (8 * (row % 4))) & 255,
    awq: (word, _, column) => (word >>> (4 * [0, 4, 1, 5, 2, 6, 3, 7][column]!)) & 15,
  };
  const wordAt: Readonly<Record<ColumnPacking, (row: number, column: number) => number>> = {
    gptq4: (row, column) => Math.floor(row / 8) * 4 + column,
    gptq8: (row, column) => Math.floor(row / 4) * 4 + column,
    awq: (row) => row,
  };

  test.each(Object.keys(COLUMN_PACKINGS) as ColumnPacking[])(
    '%s columns are unpacked as their definition says',
    (packing) => {
      const { columns, perWord } = COLUMN_PACKINGS[packing];
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 9 }),
          fc.infiniteStream(fc.integer()),
          fc.infiniteStream(fc.integer({ min: -40, max: 40 })),
          (lengths, words, numbers) => {
            const list = lengths.map((length) => ({ length: length * perWord, scale: 0, zero: 0, extra: 0 }));
            const { ends } = runsOf(list);
            const rows = ends.at(-1)!;
            const stored = Int32Array.from(
              { length: wordAt[packing](rows - 1, columns - 1) + 1 },
              () => words.next().value!,
            );
            const next = (): Float32Array =>
              Float32Array.from({ length: lengths.length * columns }, () => numbers.next().value! / 8);
            const runs: Runs = { ends, scales: next(), zeros: next().map(Math.trunc), extras: new Float32Array(0) };
            const values = wasm.columns(packing, stored, rows, runs, lengths.length);
            const expected = Float32Array.from({ length: rows * columns }, (_, i) => {
              const [column, row] = [Math.floor(i / rows), i % rows];
              const run = ends.findIndex((end) => row < end);
              const value = code[packing](stored[wordAt[packing](row, column)]!, row, column);
              return (value - runs.zeros[run * columns + column]!) * runs.scales[run * columns + column]!;
            });
            expect(bits(values)).toEqual(bits(expected));
          },
        ),
      );
    },
  );

  test('what does not fit is refused, not written elsewhere', () => {
    const many = runsOf(Array.from({ length: RUNS_MAX + 1 }, () => ({ length: 1, scale: 1, zero: 0, extra: 0 })));
    expect(() => wasm.rescale(new Float32Array(RUNS_MAX + 1), many, RUNS_MAX + 1, 'nothing')).toThrow(RangeError);
    const one = runsOf([{ length: 8, scale: 1, zero: 0, extra: 0 }]);
    expect(() => wasm.rescale(new Float32Array(9), one, 1, 'nothing')).toThrow(RangeError);
    expect(() => wasm.rescale(new Float32Array(TILE_VALUES + 1), one, 1, 'nothing')).toThrow(RangeError);
    expect(() => wasm.columns('gptq4', new Int32Array(3), 8, one, 1)).toThrow(RangeError);
    expect(() => wasm.columns('awq', new Int32Array(TILE_VALUES), TILE_VALUES, one, 1)).toThrow(RangeError);
  });
});
