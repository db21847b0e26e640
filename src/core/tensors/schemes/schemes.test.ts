import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Kernels } from '../../kernels/kernels.ts';
import { loadKernels } from '../../kernels/wasm.ts';
import type { TensorEntry } from '../entry.ts';
import { Summary } from '../summary.ts';
import { quantConfig } from './config.ts';
import { dequantise } from './dequantise.ts';
import { recognise } from './registry.ts';

interface Row {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byte_length: number;
  readonly file_offset: number;
}
interface Made {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly first8: readonly number[];
  readonly sum: number;
  readonly sumsq: number;
  readonly f32_sha256: string;
  readonly made_from: readonly string[];
  readonly method: string;
  readonly bits?: number;
  readonly group_size?: number;
  readonly block?: readonly [number, number];
}

const root = join(import.meta.dirname, '../../../../../shared/golden/formats');

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

describe.runIf(existsSync(root))('the golden quantised checkpoints', () => {
  const folders = existsSync(root) ? readdirSync(join(root, 'quant-layouts')) : [];
  test.each(folders)('%s: every group is recognised and gives the values of its rule', async (folder) => {
    const expected = JSON.parse(
      readFileSync(join(root, 'expected/quant-layouts', folder, 'model.safetensors.json'), 'utf8'),
    ) as { readonly tensors: readonly Row[]; readonly dequantised: readonly Made[] };
    const file = readFileSync(join(root, 'quant-layouts', folder, 'model.safetensors'));
    const entries = new Map<string, TensorEntry>(
      expected.tensors.map((row) => [
        row.name,
        {
          name: row.name,
          dtype: row.dtype,
          shape: row.shape,
          byteLength: row.byte_length,
          storage: { kind: 'range', start: row.file_offset },
        },
      ]),
    );
    const bytesOf = (entry: TensorEntry): Uint8Array => {
      const start = entry.storage.kind === 'range' ? entry.storage.start : 0;
      return new Uint8Array(file.subarray(start, start + entry.byteLength));
    };
    const config = quantConfig(JSON.parse(readFileSync(join(root, 'quant-layouts', folder, 'config.json'), 'utf8')));
    const found = await recognise({ entries, config, read: async (entry) => bytesOf(entry) });
    expect(found.undecoded).toEqual([]);
    expect(found.tensors.map((tensor) => tensor.name).toSorted()).toEqual(
      expected.dequantised.map((made) => made.name).toSorted(),
    );
    for (const made of expected.dequantised) {
      const tensor = found.tensors.find((tensor) => tensor.name === made.name)!;
      expect({ shape: tensor.shape, parts: tensor.parts, method: tensor.scheme }).toEqual({
        shape: made.shape,
        parts: made.made_from,
        method: made.method,
      });
      if (made.bits !== undefined) expect(tensor.bits).toBe(made.bits);
      if (made.group_size !== undefined) expect(tensor.groupSize).toBe(made.group_size);
      if (made.block !== undefined) expect(tensor.block).toEqual(made.block);
      expect([made.name, tensor.dtype]).toEqual([made.name, made.dtype]);
      // Chunks that cut words, rows and blocks; and the whole in one.
      for (const size of [7, 1000, 1 << 20]) {
        for (const using of [kernels, undefined]) {
          const hash = createHash('sha256');
          const summary = new Summary('F32', { float32: hash });
          const source = {
            async *stream(entry: TensorEntry) {
              const bytes = bytesOf(entry);
              for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
            },
          };
          await dequantise(
            tensor,
            entries,
            source,
            (values) => summary.add(values),
            using === undefined ? {} : { kernels: using },
          );
          expect([made.name, size, hash.digest('hex')]).toEqual([made.name, size, made.f32_sha256]);
          const stats = summary.result();
          expect(stats.first).toEqual(made.first8);
          expect(Math.abs(stats.sum - made.sum)).toBeLessThanOrEqual(1e-9 * Math.abs(made.sum));
          expect(Math.abs(stats.squares - made.sumsq)).toBeLessThanOrEqual(1e-9 * Math.abs(made.sumsq));
        }
      }
    }
  });
});
