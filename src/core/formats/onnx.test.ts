import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CORPORA,
  expectTensors,
  expectVerdict,
  GOLDEN,
  goldenFiles,
  HAS_GOLDEN,
  hostileRows,
  openFile,
  readJson,
  verdictOf,
  type ExpectedFile,
} from './expected.suite.ts';
import { MemorySource } from '../bytes/memory.ts';
import { AppError } from '../errors.ts';
import { expectSurvives } from './fuzz.suite.ts';
import { onnx } from './onnx.ts';

const good = goldenFiles((row) => row.format === 'onnx');

describe.skipIf(!HAS_GOLDEN)('golden ONNX files (skipped when ../shared is not there)', () => {
  it.each(good.map((file) => [file.file, file] as const))(
    '%s: tensors, places and payloads are as expected',
    async (file, expected) => {
      const path = join(GOLDEN, file);
      const artifact = await openFile([onnx], path);
      await expectTensors(artifact, expected.tensors, path);
      const { ir_version, producer_name, producer_version, graph_name, node_count } = expected.facts;
      expect(artifact.facts).toMatchObject({ ir_version, producer_name, producer_version, graph_name, node_count });
      const texts = Object.fromEntries(artifact.metadata.map(({ key, value }) => [key, value]));
      expect(texts).toMatchObject(expected.metadata?.['metadata_props'] ?? {});
      expect(artifact.findings.filter(({ severity }) => severity === 'danger')).toEqual([]);
    },
  );

  it.each(
    hostileRows('onnx')
      .filter((row) => row.verdict !== 'part-of-set' && row.file !== 'onnx/zip-as-onnx.onnx')
      .map((row) => [row.file, row] as const),
  )('hostile %s', async (file, row) => {
    expectVerdict(row, await verdictOf(() => openFile([onnx], join(GOLDEN, 'hostile', file))));
  });

  it('a zip named .onnx is left to the formats that know zip', async () => {
    expect(await verdictOf(() => openFile([onnx], join(GOLDEN, 'hostile/onnx/zip-as-onnx.onnx')))).toEqual([
      'FORMAT_UNKNOWN',
    ]);
  });

  const corpus = readJson<{ files: ExpectedFile[] }>(join(CORPORA, 'silero-vad/expected.json')).files;
  it.each(corpus.filter((file) => file.format === 'onnx').map((file) => [file.file, file] as const))(
    '%s of silero-vad',
    async (file, expected) => {
      const path = join(CORPORA, 'silero-vad', file);
      const artifact = await openFile([onnx], path);
      await expectTensors(artifact, expected.tensors, path);
      expect(artifact.findings).toEqual([]);
    },
  );
});

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/onnx');
const fixtures = readdirSync(FIXTURES).map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(join(FIXTURES, name))),
}));

describe('ONNX fixtures', () => {
  it.each(fixtures.filter(({ name }) => name.startsWith('good-')))('$name opens', async ({ name, bytes }) => {
    const artifact = await onnx.open(new MemorySource(name, bytes));
    expect(artifact.tensors.length).toBeGreaterThan(0);
  });

  it.each([
    ['broken-cycle.onnx', 'FORMAT_CYCLE'],
    ['broken-truncated.onnx', 'FORMAT_TRUNCATED'],
    ['broken-dims-overflow-wraps.onnx', 'FORMAT_OVERFLOW'],
    ['broken-external-middle-parent.onnx', 'FORMAT_PATH'],
    ['broken-recursion-type-5000.onnx', 'FORMAT_DEPTH'],
  ])('%s is refused with %s', async (name, code) => {
    const { bytes } = fixtures.find((fixture) => fixture.name === name)!;
    await expect(onnx.open(new MemorySource(name, bytes))).rejects.toMatchObject({ code });
  });

  it('values in typed fields become the bytes that raw_data would hold', async () => {
    const { bytes } = fixtures.find(({ name }) => name === 'good-encoding-unpacked-and-unordered.onnx')!;
    const artifact = await onnx.open(new MemorySource('m.onnx', bytes));
    const k = artifact.tensors.find(({ name }) => name === 'k')!;
    const chunks: number[] = [];
    for await (const chunk of artifact.payload!(k)) chunks.push(...chunk);
    expect([...new BigInt64Array(new Uint8Array(chunks).buffer)]).toEqual([1n, -1n, 2n ** 40n]);
  });

  it('damaged files give a model or a coded error, soon, and never a tensor outside the file', async () => {
    const { opened, refused } = await expectSurvives(onnx, fixtures, 1500);
    // Damage that never mattered, or always broke everything, would prove nothing.
    expect(opened).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });

  it('an error is the house’s own kind', async () => {
    await expect(onnx.open(new MemorySource('x.onnx', new Uint8Array([8])))).rejects.toBeInstanceOf(AppError);
  });
});
