import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import {
  expectTensors,
  expectVerdict,
  GOLDEN,
  goldenFiles,
  HAS_GOLDEN,
  hostileRows,
  openFile,
  verdictOf,
} from './expected.suite.ts';
import { expectSurvives } from './fuzz.suite.ts';
import { SparseSource } from './sparse.suite.ts';
import { tflite } from './tflite.ts';

describe.skipIf(!HAS_GOLDEN)('golden TensorFlow Lite files (skipped when ../shared is not there)', () => {
  const good = goldenFiles((row) => row.format === 'tflite');
  it.each(good.map((file) => [file.file, file] as const))('%s', async (file, expected) => {
    const path = join(GOLDEN, file);
    const artifact = await openFile([tflite], path);
    await expectTensors(artifact, expected.tensors, path);
    expect(artifact.findings).toEqual([]);
    for (const tensor of expected.tensors as readonly { name: string; quantisation?: unknown }[]) {
      const { quantisation } = artifact.tensors.find(({ name }) => name === tensor.name)!;
      const { scales, zeroPoints, axis } = quantisation ?? { scales: [], zeroPoints: [], axis: 0 };
      expect(quantisation === undefined ? null : { scales, zero_points: zeroPoints, axis }).toEqual(
        tensor.quantisation ?? null,
      );
    }
  });

  const hostile = hostileRows('tensorflow').filter((row) => row.file.endsWith('.tflite'));
  it.each(hostile.map((row) => [row.file, row] as const))('hostile %s', async (file, row) => {
    expectVerdict(row, await verdictOf(() => openFile([tflite], join(GOLDEN, 'hostile', file))));
  });
});

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/tflite');
const fixtures = readdirSync(FIXTURES).map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(join(FIXTURES, name))),
}));
const bytesOf = (name: string): Uint8Array => fixtures.find((fixture) => fixture.name === name)!.bytes;

describe('TensorFlow Lite fixtures', () => {
  it('a quantised model opens with its scales', async () => {
    const { tensors } = await tflite.open(new MemorySource('m.tflite', bytesOf('good-full-int8.tflite')));
    expect(tensors.map(({ name, dtype, quantisation }) => [name, dtype, quantisation?.scales.length])).toEqual([
      ['matmul_1', 'I8', 32],
      ['matmul', 'I8', 40],
    ]);
  });

  it('a vtable outside the file is refused', async () => {
    const source = new MemorySource('m.tflite', bytesOf('broken-vtable-offset.tflite'));
    await expect(tflite.open(source)).rejects.toMatchObject({ code: 'FORMAT_BOUNDS' });
  });

  it('a model followed by two gigabytes is described by reading less than 400 KB', async () => {
    const bytes = bytesOf('good-full-int8.tflite');
    const source = new SparseSource('m.tflite', 2 ** 31, [{ at: 0, bytes }]);
    expect((await tflite.open(source)).tensors).toHaveLength(2);
    expect(source.bytesRead).toBeLessThan(400_000);
  });

  it('damaged files give a model or a coded error, soon, and never a tensor outside the file', async () => {
    const { opened, refused } = await expectSurvives(tflite, fixtures, 1500);
    expect(opened).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });
});
