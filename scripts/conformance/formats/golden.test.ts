import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../../src/cli/fs-source.ts';
import type { CaseFiles, Engine } from '../kinds.ts';
import { CODES } from './codes.ts';
import { compareGood } from './compare-good.ts';
import { compute, type ComputedFile } from './compute.ts';
import { readExpectations, type ExpectedGood } from './expectations.ts';
import { formats } from './kind.ts';
import { isCovered } from './rows.ts';

const SHARED = join(import.meta.dirname, '../../../../shared');
const GOLDEN = join(SHARED, 'golden/formats');
const MODELS = join(SHARED, 'corpora');

const filesOf = (folder: string): CaseFiles => ({ open: (path) => openFile({ name: path, path: join(folder, path) }) });

/** Jobs on this thread. */
function sameThread(folder: string): Engine {
  const files = filesOf(folder);
  return {
    run: async (job) => ({ ok: true, value: await compute(job, files) }),
    close: async () => undefined,
  };
}

describe.skipIf(!existsSync(GOLDEN))('the golden model files', () => {
  it('agree in every row', { timeout: 120_000 }, async () => {
    const { agree, differ, remarks } = await formats.run({
      folder: GOLDEN,
      base: GOLDEN,
      engine: sameThread(GOLDEN),
      only: [],
    });
    expect(differ).toEqual([]);
    expect(remarks.filter((remark) => remark.startsWith('not covered'))).toEqual([]);
    expect(agree).toBeGreaterThanOrEqual(799);
  });

  it('have no code that our table lacks, where a reader covers the row', () => {
    const rows = readExpectations(GOLDEN).hostile.filter(({ format }) => isCovered(format));
    const codes = new Set(rows.flatMap((row) => row.codes));
    codes.delete('part-of-set');
    expect([...codes].filter((code) => !CODES.has(code))).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(585);
  });
});

describe.skipIf(!existsSync(MODELS))('model files of the world', () => {
  const listed = (name: string): readonly (ExpectedGood & { readonly codes?: readonly string[] })[] =>
    (JSON.parse(readFileSync(join(MODELS, name, 'expected.json'), 'utf8')) as { files: ExpectedGood[] }).files;
  const computed = async (name: string, path: string): Promise<ComputedFile> =>
    (await compute({ type: 'file', path, payloads: true }, filesOf(join(MODELS, name)))) as ComputedFile;

  it.each(['llama.cpp', 'silero-vad'])('in %s read as their own tools read them', async (name) => {
    const rows = listed(name).filter(({ format }) => format === 'gguf' || format === 'safetensors');
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const file = await computed(name, row.file);
      expect(compareGood(row, file), row.file).toEqual([]);
      expect(
        file.findings.filter(({ code }) => code !== 'missing-field'),
        row.file,
      ).toEqual([]);
    }
  });

  it('that went through a text conversion are named as that', async () => {
    const [row] = listed('llama-jni-bridge');
    const { notAModel, format } = await computed('llama-jni-bridge', row!.file);
    expect(notAModel?.kind).toBe('utf8-mangled');
    expect(format).toBeUndefined();
  });
});
