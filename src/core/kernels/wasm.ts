import { expandGrid, expandSigns, type GridName } from './grids.ts';
import { COLUMN_PACKINGS, RUNS_MAX, type Census, type DecoderName, type Kernels } from './kernels.ts';
import {
  GRIDS,
  INPUT,
  INPUT_BYTES,
  LEFT,
  OUTPUT,
  RESULT,
  RIGHT,
  SCRATCH,
  SIGNS,
  TABLE,
  TABLE_BYTES,
} from './layout.ts';
import { MODULE_BASE64 } from './module.gen.ts';
import { TILE_VALUES } from './tile.ts';

type Decode = (src: number, dst: number, n: number, a?: number, b?: number) => void;

interface Exports extends Readonly<Record<DecoderName, Decode>> {
  readonly memory: WebAssembly.Memory;
  squares(x: number, n: number): number;
  dot(x: number, y: number, n: number): number;
  row_squares(x: number, n: number, columns: number, phase: number, out: number): number;
  census(x: number, n: number, out: number, scratch: number): void;
  sample(x: number, n: number, start: number, step: number, dst: number): number;
  histogram(x: number, n: number, low: number, scale: number, bins: number, counts: number): void;
  rescale(x: number, runs: number, count: number, room: number, mode: number): void;
  regroup(x: number, rows: number, columns: number, groups: number, count: number, scales: number, zeros: number): void;
  gptq2: Columns;
  gptq3: Columns;
  gptq4: Columns;
  gptq8: Columns;
  awq: Columns;
}

type Columns = (
  src: number,
  dst: number,
  rows: number,
  runs: number,
  count: number,
  scales: number,
  zeros: number,
) => void;

/** Where a decoder finds its tables. */
const TABLES: Partial<Record<DecoderName, readonly number[]>> = {
  lut8: [TABLE],
  lut4: [TABLE],
  lut2: [TABLE],
  lut6: [TABLE],
  q3_k: [SCRATCH],
  iq1_s: [GRIDS.IQ1],
  iq1_m: [GRIDS.IQ1],
  iq2_xxs: [GRIDS.IQ2_XXS, SIGNS],
  iq2_xs: [GRIDS.IQ2_XS, SIGNS],
  iq2_s: [GRIDS.IQ2_S, SIGNS],
  iq3_xxs: [GRIDS.IQ3_XXS, SIGNS],
  iq3_s: [GRIDS.IQ3_S, SIGNS],
};

/**
 * Compiles the module (34 kB, 10 kB gzipped as it is embedded, so that it needs no address) and gives an instance of its
 * own: 576 KiB of memory.
 * Needs `wasm-unsafe-eval` where a Content-Security-Policy is in force. Not to be shared between threads.
 *
 * @throws WebAssembly.CompileError where SIMD is missing (browsers before 2021-2023)
 */
export async function loadKernels(): Promise<Kernels> {
  const code = Uint8Array.from(atob(MODULE_BASE64), (c) => c.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(code, {});
  const wasm = instance.exports as unknown as Exports;
  const buffer = wasm.memory.buffer;
  const bytes = new Uint8Array(buffer);
  const floats = new Float32Array(buffer);
  const integers = new Int32Array(buffer);
  for (const name of Object.keys(GRIDS) as GridName[]) bytes.set(new Uint8Array(expandGrid(name).buffer), GRIDS[name]);
  bytes.set(new Uint8Array(expandSigns().buffer), SIGNS);
  let loaded: Float32Array | undefined;

  /** Address of values, copying them in unless they are here already. */
  const place = (values: Float32Array, region: number): number => {
    if (values.length > TILE_VALUES) throw new RangeError('more values than a tile');
    if (values.buffer === buffer) return values.byteOffset;
    floats.set(values, region / 4);
    return region;
  };

  return {
    decode(name, stored, count, table) {
      if (count > TILE_VALUES || stored.length > INPUT_BYTES) throw new RangeError('more values than a tile');
      if (table !== undefined && table !== loaded) {
        if (table.byteLength > TABLE_BYTES) throw new RangeError('table too large');
        floats.set(table, TABLE / 4);
        loaded = table;
      }
      bytes.set(stored, INPUT);
      const [a = 0, b = 0] = TABLES[name] ?? [];
      wasm[name](INPUT, OUTPUT, count, a, b);
      return new Float32Array(buffer, OUTPUT, count);
    },
    rescale(values, { ends, scales, zeros, extras }, count, then) {
      if (count > RUNS_MAX || count < 1 || ends[count - 1] !== values.length) throw new RangeError('runs do not fit');
      const x = place(values, LEFT);
      integers.set(ends.subarray(0, count), RESULT / 4);
      for (const [i, list] of [scales, zeros, extras].entries()) {
        floats.set(list.subarray(0, count), RESULT / 4 + (i + 1) * RUNS_MAX);
      }
      wasm.rescale(x, RESULT, count, RUNS_MAX, { nothing: 0, add: 1, multiply: 2 }[then]);
      if (values.buffer !== buffer) values.set(floats.subarray(x / 4, x / 4 + values.length));
    },
    columns(packing, words, rows, { ends, scales, zeros }, count) {
      const { columns, unit, bits } = COLUMN_PACKINGS[packing];
      const fits = rows * columns <= TILE_VALUES && rows % unit === 0 && count * columns <= 2 * RUNS_MAX;
      const size = packing === 'awq' ? rows : ((rows * bits) / 32) * columns;
      if (!fits || count < 1 || ends[count - 1] !== rows || words.length !== size)
        throw new RangeError('columns do not fit');
      integers.set(words, INPUT / 4);
      integers.set(ends.subarray(0, count), RESULT / 4);
      floats.set(scales.subarray(0, count * columns), LEFT / 4);
      floats.set(zeros.subarray(0, count * columns), RIGHT / 4);
      wasm[packing](INPUT, OUTPUT, rows, RESULT, count, LEFT, RIGHT);
      return new Float32Array(buffer, OUTPUT, rows * columns);
    },
    regroup(values, groups, scales, zeros, count) {
      const columns = values.length / groups.length;
      const fits =
        values.length <= TILE_VALUES &&
        groups.length % 4 === 0 &&
        Number.isInteger(columns) &&
        columns * count <= TILE_VALUES;
      if (!fits || values.buffer !== buffer || values.byteOffset !== OUTPUT) throw new RangeError('columns do not fit');
      integers.set(groups, RESULT / 4);
      floats.set(scales.subarray(0, columns * count), LEFT / 4);
      floats.set(zeros.subarray(0, columns * count), RIGHT / 4);
      wasm.regroup(OUTPUT, groups.length, columns, RESULT, count, LEFT, RIGHT);
    },
    squares: (values) => wasm.squares(place(values, LEFT), values.length),
    dot(x, y) {
      if (x.length !== y.length) throw new RangeError('lengths differ');
      return wasm.dot(place(x, LEFT), place(y, RIGHT), x.length);
    },
    rowSquares(values, columns, phase) {
      const rows = wasm.row_squares(place(values, LEFT), values.length, columns, phase, RESULT);
      return new Float64Array(buffer, RESULT, rows);
    },
    census(values): Census {
      wasm.census(place(values, LEFT), values.length, RESULT, RIGHT);
      const [squares = 0, least = 0, most = 0] = new Float64Array(buffer, RESULT + 128, 3);
      const [finite = 0, nan = 0, zeros = 0] = new Int32Array(buffer, RESULT + 152, 3);
      const sum = new Float64Array(buffer, RESULT, 16).slice();
      // Adding zero makes -0 plain: which zero comes first is not part of the contract.
      return { sum, squares, least: least + 0, most: most + 0, finite, nan, zeros };
    },
    sample(values, start, step) {
      const taken = wasm.sample(place(values, LEFT), values.length, start, step, RESULT);
      return new Float32Array(buffer, RESULT, taken);
    },
    histogram(values, low, high, counts) {
      if (counts.length > TILE_VALUES) throw new RangeError('more bins than a tile');
      const here = new Uint32Array(buffer, RESULT, counts.length);
      here.fill(0);
      const scale = counts.length / (high - low);
      wasm.histogram(place(values, LEFT), values.length, low, scale, counts.length, RESULT);
      for (let i = 0; i < counts.length; i++) counts[i]! += here[i]!;
    },
  };
}
