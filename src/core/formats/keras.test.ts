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
import { hdf5 } from './hdf5.ts';
import { keras } from './keras.ts';

const formats = [keras, hdf5];

describe.skipIf(!HAS_GOLDEN)('golden Keras files (skipped when ../shared is not there)', () => {
  const good = goldenFiles((row) => row.format.startsWith('keras'));
  it.each(good.map((file) => [file.file, file] as const))('%s', async (file, expected) => {
    const path = join(GOLDEN, file);
    const artifact = await openFile(formats, path);
    await expectTensors(artifact, expected.tensors, path);
    const lambdas = (expected.facts['lambda_layers'] ?? []) as string[];
    expect(artifact.facts['lambda_layers'] ?? '').toBe(lambdas.join(', '));
    // Nothing but a Lambda layer is worth a finding in a file that Keras wrote.
    expect(artifact.findings.map(({ code }) => code)).toEqual(lambdas.map(() => 'keras-lambda'));
  });

  it.each(hostileRows('keras').map((row) => [row.file, row] as const))('hostile %s', async (file, row) => {
    expectVerdict(row, await verdictOf(() => openFile(formats, join(GOLDEN, 'hostile', file))));
  });
});

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/keras');
const fixtures = readdirSync(FIXTURES).map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(join(FIXTURES, name))),
}));
const open = (name: string) =>
  keras.open(new MemorySource(name, fixtures.find((fixture) => fixture.name === name)!.bytes));

describe('Keras fixtures', () => {
  it('an archive opens with its tensors where they lie', async () => {
    const artifact = await open('good-tiny.keras');
    expect(artifact.facts).toMatchObject({ keras_version: '3.15.1', model_class: 'Sequential', model_name: 'tiny' });
    expect(artifact.tensors).toHaveLength(22);
    expect(artifact.tensors.every(({ storage }) => storage.kind === 'range')).toBe(true);
    expect(artifact.findings).toEqual([]);
  });

  it.each([
    ['broken-config-not-json.keras', 'FORMAT_JSON'],
    ['broken-missing-config.keras', 'FORMAT_MISSING_ENTRY'],
  ])('%s is refused with %s', async (name, code) => {
    await expect(open(name)).rejects.toMatchObject({ code });
  });

  it('a second configuration cannot hide behind the first', async () => {
    const { findings } = await open('odd-duplicate-config.keras');
    expect(findings.map(({ code }) => code)).toEqual(['duplicate-entry', 'keras-lambda']);
  });

  it('damaged archives give a model or a coded error, soon', async () => {
    const { opened, refused } = await expectSurvives(keras, fixtures, 600);
    expect(opened).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(10);
  });
});
