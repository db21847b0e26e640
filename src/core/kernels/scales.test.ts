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

  const stream =
    (bits: number) =>
    (words: Int32Array, row: number, column: number): number => {
      let code = 0;
      for (let b = 0; b < bits; b++) {
        const bit = row * bits + b;
        code |= ((words[(bit >> 5) * 4 + column]! >>> (bit & 31)) & 1) << b;
      }
      return code;
    };
  const code: Readonly<Record<ColumnPacking, (words: Int32Array, row: number, column: number) => number>> = {
    gptq2: stream(2),
    gptq3: stream(3),
    gptq4: stream(4),
    gptq8: stream(8),
    awq: (words, row, column) => (words[row]! >>> (4 * [0, 4, 1, 5, 2, 6, 3, 7][column]!)) & 15,
  };

  test.each(Object.keys(COLUMN_PACKINGS) as ColumnPacking[])(
    '%s columns are unpacked as their definition says',
    (packing) => {
      const { columns, unit, bits: width } = COLUMN_PACKINGS[packing];
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 9 }),
          fc.infiniteStream(fc.integer()),
          fc.infiniteStream(fc.integer({ min: -40, max: 40 })),
          (lengths, words, numbers) => {
            const list = lengths.map((length) => ({ length: length * unit, scale: 0, zero: 0, extra: 0 }));
            const { ends } = runsOf(list);
            const rows = ends.at(-1)!;
            const stored = Int32Array.from(
              { length: packing === 'awq' ? rows : ((rows * width) / 32) * columns },
              () => words.next().value!,
            );
            const next = (): Float32Array =>
              Float32Array.from({ length: lengths.length * columns }, () => numbers.next().value! / 8);
            const runs: Runs = { ends, scales: next(), zeros: next().map(Math.trunc), extras: new Float32Array(0) };
            const values = wasm.columns(packing, stored, rows, runs, lengths.length);
            const expected = Float32Array.from({ length: rows * columns }, (_, i) => {
              const [column, row] = [Math.floor(i / rows), i % rows];
              const run = ends.findIndex((end) => row < end);
              const value = code[packing](stored, row, column);
              return (value - runs.zeros[run * columns + column]!) * runs.scales[run * columns + column]!;
            });
            expect(bits(values)).toEqual(bits(expected));
          },
        ),
      );
    },
  );

  test('columns whose rows have groups in any order are scaled by them', () => {
    const { columns } = COLUMN_PACKINGS.gptq4;
    fc.assert(
      fc.property(
        fc
          .array(fc.nat(6), { minLength: 1, maxLength: 40 })
          .map((g) => [...g, ...g, ...g, ...g, ...g, ...g, ...g, ...g]),
        fc.infiniteStream(any),
        (groups, numbers) => {
          const rows = groups.length;
          const next = (): Float32Array => Float32Array.from({ length: 7 * columns }, () => numbers.next().value!);
          const [scales, zeros] = [next(), next()];
          const plain = runsOf([{ length: rows, scale: 1, zero: 0, extra: 0 }]);
          const ones: Runs = { ...plain, scales: new Float32Array(columns).fill(1), zeros: new Float32Array(columns) };
          const words = Int32Array.from({ length: (rows / 8) * columns }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
          const values = wasm.columns('gptq4', words, rows, ones, 1);
          const expected = values.map((value, i) => {
            const at = Math.floor(i / rows) * 7 + groups[i % rows]!;
            return Math.fround(value - zeros[at]!) * scales[at]!;
          });
          wasm.regroup(values, Int32Array.from(groups), scales, zeros, 7);
          for (const list of [values, expected]) list.forEach((x, i) => Number.isNaN(x) && (list[i] = NaN));
          expect(bits(values)).toEqual(bits(expected));
        },
      ),
    );
  });

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
