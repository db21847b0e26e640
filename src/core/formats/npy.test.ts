import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CORPORA,
  expectTensors,
  readJson,
  type ExpectedFile,
  expectVerdict,
  GOLDEN,
  goldenFiles,
  HAS_GOLDEN,
  hostileRows,
  openFile,
  verdictOf,
} from './expected.suite.ts';
import { MemorySource } from '../bytes/memory.ts';
import { AppError } from '../errors.ts';
import { expectSurvives } from './fuzz.suite.ts';
import { parseLiteral } from './npy/literal.ts';
import { rowMajor } from './npy/row-major.ts';
import { fortranStrides } from './npy/array.ts';
import { npy } from './npy.ts';
import { npz } from './npz.ts';
import { pickle } from './pickle.ts';

describe.skipIf(!HAS_GOLDEN)('golden .npy and .npz files (skipped when ../shared is not there)', () => {
  const good = goldenFiles((row) => ['npy', 'npz'].includes(row.format));
  it.each(good.map((file) => [file.file, file] as const))('%s', async (file, expected) => {
    const path = join(GOLDEN, file);
    const artifact = await openFile([npy, npz], path);
    await expectTensors(artifact, expected.tensors, path);
    if (expected.format === 'npz') return;
    expect(artifact.facts['data_start']).toBe(expected.facts['data_start']);
    if (`${expected.facts['header']}`.startsWith('{')) expect(artifact.facts['header']).toBe(expected.facts['header']);
  });

  const hostile = hostileRows('numpy');
  it.each(hostile.map((row) => [row.file, row] as const))('hostile %s', async (file, row) => {
    expectVerdict(row, await verdictOf(() => openFile([npy, npz, pickle], join(GOLDEN, 'hostile', file))));
  });
});

describe.skipIf(!HAS_GOLDEN)('facenet (skipped when ../shared is not there)', () => {
  const corpus = HAS_GOLDEN ? readJson<{ files: ExpectedFile[] }>(join(CORPORA, 'facenet/expected.json')).files : [];
  it.each(corpus.map((file) => [file.file, file] as const))('%s', async (file, expected) => {
    const path = join(CORPORA, 'facenet', file);
    const artifact = await openFile([npy], path);
    await expectTensors(artifact, expected.tensors, path);
    expect(artifact.facts['data_start']).toBe(expected.facts['data_start']);
    expect(artifact.findings).toEqual([]);
    expect(artifact.imports?.every((found) => found.class === 'allowed')).toBe(true);
  });
});

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/numpy');
const fixtures = readdirSync(FIXTURES).map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(join(FIXTURES, name))),
}));
const formatOf = (name: string) => (name.endsWith('.npz') ? npz : npy);

describe('NumPy fixtures', () => {
  it.each(fixtures.filter(({ name }) => name.startsWith('good-')))('$name opens', async ({ name, bytes }) => {
    const artifact = await formatOf(name).open(new MemorySource(name, bytes));
    expect(artifact.tensors.length).toBeGreaterThan(0);
  });

  it.each([
    ['broken-header-python-call.npy', 'FORMAT_HEADER'],
    ['broken-shape-overflow.npy', 'FORMAT_OVERFLOW'],
    ['broken-truncated-data.npy', 'FORMAT_TRUNCATED'],
    ['broken-descr-void-zero.npy', 'FORMAT_DTYPE'],
    ['broken-duplicate-member.npz', 'FORMAT_DUPLICATE_ENTRY'],
  ])('%s is refused with %s', async (name, code) => {
    const { bytes } = fixtures.find((fixture) => fixture.name === name)!;
    await expect(formatOf(name).open(new MemorySource(name, bytes))).rejects.toMatchObject({ code });
  });

  it('a column-major array in a deflated archive comes out row by row', async () => {
    const { name, bytes } = fixtures.find((fixture) => fixture.name === 'good-deflated.npz')!;
    const artifact = await npz.open(new MemorySource(name, bytes));
    const read = async (tensor: string): Promise<number[]> => {
      const chunks: number[] = [];
      for await (const chunk of artifact.payload!(artifact.tensors.find((entry) => entry.name === tensor)!))
        chunks.push(...chunk);
      return chunks;
    };
    // Both hold the same numbers; one was stored in Fortran order.
    expect(await read('fort')).toEqual(await read('w'));
  });

  it.each([npy, npz])('damaged $id files give arrays or a coded error, soon', async (format) => {
    const seeds = fixtures.filter(({ name }) => formatOf(name) === format);
    const { opened, refused } = await expectSurvives(format, seeds, 1000);
    expect(opened).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  });
});

describe('headers', () => {
  it('any text is a literal or FORMAT_HEADER or FORMAT_DEPTH', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]()\'",:\\ 0123.eL-<f4TrueNone') });
    fc.assert(
      fc.property(noise, (text) => {
        try {
          parseLiteral(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(['FORMAT_HEADER', 'FORMAT_DEPTH']).toContain((error as AppError).code);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    "__import__('os')",
    'print(1)',
    '[x for x in (1,)]',
    '1+1',
    '{**{}}',
    'f"a"',
    '(1,) * 2',
    "'a' 'b'",
    '1_000',
  ])('%s is no literal', (text) => {
    expect(() => parseLiteral(text)).toThrow(AppError);
  });

  it('row-major order of a column-major array is the index arithmetic', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), (shape) => {
        const strides = fortranStrides(shape);
        const count = shape.reduce((a, b) => a * b, 1);
        const stored = Uint8Array.from({ length: count }, (_, i) => i);
        const steps = strides ?? shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
        const expected: number[] = [];
        const visit = (d: number, at: number): void => {
          if (d === shape.length) expected.push(at);
          else for (let i = 0; i < shape[d]!; i += 1) visit(d + 1, at + i * steps[d]!);
        };
        visit(0, 0);
        expect([...rowMajor(stored, shape, steps, 1)].flatMap((chunk) => [...chunk])).toEqual(
          expected.map((i) => i % 256),
        );
      }),
    );
  });
});
