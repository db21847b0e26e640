import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadKernels } from '../../kernels/wasm.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { summarise } from '../summary.ts';
import { valuesPerElement } from './registry.ts';

/** What the golden files say of a tensor, as far as it concerns decoding. */
interface Row {
  readonly name: string;
  readonly dtype: string;
  readonly elements: number;
  readonly byte_length: number | null;
  readonly file_offset?: number;
  readonly f32_sha256: string | null;
  readonly first8: readonly (number | string)[] | null;
  readonly sum: number | string;
  readonly sumsq: number | string;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly nan_count?: number;
  readonly inf_count?: number;
}
interface Expected {
  readonly file: string;
  readonly format: string;
  readonly facts: { readonly endian?: string; readonly byteorder?: string };
  readonly tensors?: readonly Row[];
}

const root = join(import.meta.dirname, '../../../../../shared/golden/formats');
/** Containers whose tensors lie in the file as they are. */
const FORMATS = ['safetensors', 'gguf', 'quant-layouts', 'hf'];

function* expectations(folder: string): Generator<Expected> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* expectations(path);
    else if (!entry.name.startsWith('__set__')) yield JSON.parse(readFileSync(path, 'utf8')) as Expected;
  }
}

/** The golden files write what JSON cannot as strings; which of two equal zeros is the least is left open. */
const number = (value: number | string | undefined): number | null => (value === undefined ? null : Number(value) + 0);
const close = (actual: number, expected: number): boolean =>
  Object.is(actual, expected) || Math.abs(actual - expected) <= 1e-9 * Math.abs(expected);

describe.runIf(existsSync(root))('every tensor of the golden safetensors and GGUF files', () => {
  let kernels: Kernels;
  beforeAll(async () => {
    kernels = await loadKernels();
  });
  for (const format of FORMATS) {
    for (const expected of expectations(join(root, 'expected', format))) {
      const rows = (expected.tensors ?? []).filter((row) => row.file_offset !== undefined);
      if (rows.length === 0) continue;
      test.each(['WASM', 'TypeScript'])(`${expected.file} decodes to the reference's values in %s`, (how) => {
        const file = readFileSync(join(root, expected.file));
        for (const row of rows) {
          const hash = createHash('sha256');
          const order = expected.facts.endian === 'big' ? ({ order: 'big' } as const) : {};
          const made = summarise(
            { dtype: row.dtype, elements: row.elements, ...order },
            { float32: hash },
            how === 'WASM' ? kernels : undefined,
          );
          if ('notDecoded' in made) {
            expect([row.name, row.f32_sha256]).toEqual([row.name, null]);
            continue;
          }
          made.decoder.push(file.subarray(row.file_offset, row.file_offset! + row.byte_length!));
          made.decoder.end();
          expect([row.name, hash.digest('hex')]).toEqual([row.name, row.f32_sha256]);
          const stats = made.summary.result();
          expect(stats.count).toBe(row.elements * valuesPerElement(row.dtype));
          expect(stats.first).toEqual(row.first8!.map(Number));
          expect([row.name, stats.sum, row.sum, close(stats.sum, Number(row.sum))]).toEqual([
            row.name,
            stats.sum,
            row.sum,
            true,
          ]);
          expect(close(stats.squares, Number(row.sumsq))).toBe(true);
          expect([stats.nan, stats.infinite]).toEqual([row.nan_count ?? 0, row.inf_count ?? 0]);
          expect([stats.least, stats.most]).toEqual([number(row.min), number(row.max)]);
        }
      });
    }
  }
});
