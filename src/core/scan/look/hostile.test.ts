/** Closer looks over anything: coded errors only, and maps that cover the file. Golden files when they lie beside the repository. */
import * as fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../errors.ts';
import { MemorySource } from '../../bytes/memory.ts';
import { describeFile } from '../../formats/describe.ts';
import type { FileMap } from '../../report/file-map.ts';
import { silentContext } from '../../progress.ts';
import { look } from './look.ts';
import type { LookFile, LookRequest, TensorValues } from './model.ts';

const GOLDEN = resolve(import.meta.dirname, '../../../../../shared/golden/formats');
const HAS = existsSync(GOLDEN);

const given = (path: string, bytes: Uint8Array): LookFile => ({ path, spec: { kind: 'bytes', name: path, bytes } });
const questions = (file: LookFile): LookRequest[] => [
  { kind: 'map', file },
  { kind: 'document', file },
  { kind: 'vocabulary', file, query: 'a' },
  { kind: 'bytes', file, start: 0, end: 64 },
  { kind: 'values', file, tensor: 0, name: 'w', beside: [file] },
];

function covers({ size, parts, totals }: FileMap): void {
  let at = 0;
  for (const { start, end } of parts) {
    expect(start).toBe(at);
    expect(end).toBeGreaterThan(start);
    at = end;
  }
  expect(at).toBe(size);
  expect(Object.values(totals).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(size);
}

/** The answers that there are; whatever fails has a code that is no defect of ours. */
async function askAll(file: LookFile): Promise<void> {
  for (const question of questions(file)) {
    try {
      const answer = await look(question, {}, silentContext());
      if (question.kind === 'map') covers(answer as FileMap);
    } catch (error) {
      if (!(error instanceof AppError) || error.code.startsWith('ENGINE_')) throw error;
    }
  }
}

test('any bytes under any name give answers or coded errors', async () => {
  const text = (start: string): Uint8Array => new TextEncoder().encode(start);
  const heads = [
    '',
    'GGUF\u0003\0\0\0',
    '{"model":',
    'PK\u0003\u0004',
    '\u0080\u0002',
    '\n\u0005\n\u0003',
    '{{ x.__class__ ',
  ].map(text);
  const names = [
    'm.gguf',
    'tokenizer.json',
    'vocab.txt',
    'tokenizer.model',
    'x.jinja',
    'config.json',
    'm.npz',
    'm.pkl',
    'x',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...heads),
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...names),
      async (head, tail, name) => askAll(given(name, Uint8Array.from([...head, ...tail]))),
    ),
    { numRuns: 300 },
  );
});

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

describe.skipIf(!HAS)('golden files (skipped where they are not beside the repository)', () => {
  const KINDS = /\.(?:gguf|safetensors|pkl|pt|onnx|npy|npz|h5|keras|bin|tflite|pb|model|jinja)$/;
  const all = HAS ? [...files(GOLDEN)].filter((path) => KINDS.test(path)) : [];

  test('every one, good or hostile, gives answers or coded errors, and its map covers it', async () => {
    expect(all.length).toBeGreaterThan(500);
    for (const path of all) {
      const name = relative(GOLDEN, path);
      await askAll(given(name, new Uint8Array(readFileSync(path)))).catch((error: unknown) => {
        throw new Error(name, { cause: error });
      });
    }
  }, 300_000);

  test('values of the first tensors of every one are numbers or a coded error', async () => {
    let read = 0;
    for (const path of all) {
      const name = relative(GOLDEN, path);
      const bytes = new Uint8Array(readFileSync(path));
      const { opened } = await describeFile(new MemorySource(name, bytes)).catch(() => ({ opened: undefined }));
      for (const [tensor, { name: of }] of (opened?.tensors ?? []).slice(0, 3).entries()) {
        try {
          const request = { kind: 'values', file: given(name, bytes), tensor, name: of, beside: [] } as const;
          const { stats, histogram } = (await look(request, {}, silentContext())) as TensorValues;
          const finite = stats.count - stats.nan - stats.infinite;
          // Every finite value falls into a bin.
          if (histogram !== null) expect(histogram.counts.reduce((a, b) => a + b, 0)).toBe(finite);
          read += 1;
        } catch (error) {
          if (!(error instanceof AppError) || error.code.startsWith('ENGINE_')) throw new Error(name, { cause: error });
        }
      }
    }
    expect(read).toBeGreaterThan(300);
  }, 300_000);

  test('in good safetensors and GGUF files no byte belongs to nothing', async () => {
    const good = all.filter((path) => /\.(?:gguf|safetensors)$/.test(path) && !/hostile|bad|broken/.test(path));
    for (const path of good) {
      const file = given(relative(GOLDEN, path), new Uint8Array(readFileSync(path)));
      const map = (await look({ kind: 'map', file }, {}, silentContext()).catch(() => null)) as FileMap | null;
      if (map === null) continue;
      expect([file.path, map.totals.unclaimed.bytes]).toEqual([file.path, 0]);
    }
  });
});
