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
  readJson,
  verdictOf,
  type ExpectedFile,
} from './expected.suite.ts';
import type { Format } from './format.ts';
import { expectSurvives } from './fuzz.suite.ts';
import { onnx } from './onnx.ts';
import { pickle } from './pickle.ts';
import { bytesField, intField, varint } from './protobuf.suite.ts';
import { tensorflowCheckpoint } from './tensorflow-checkpoint.ts';
import { tensorflowGraphdef } from './tensorflow-graphdef.ts';
import { tensorflowSavedmodel } from './tensorflow-savedmodel.ts';
import { nameOfKey } from './tensorflow/bundle.ts';
import { crc32c } from './tensorflow/crc32c.ts';
import { unpackSnappy } from './tensorflow/snappy.ts';

const formats = [onnx, tensorflowSavedmodel, tensorflowGraphdef, tensorflowCheckpoint];

describe.skipIf(!HAS_GOLDEN)('golden TensorFlow files (skipped when ../shared is not there)', () => {
  const good = goldenFiles((row) => row.format === 'tensorflow-graphdef');
  it.each(good.map((file) => [file.file, file] as const))('%s', async (file, expected) => {
    const path = join(GOLDEN, file);
    const artifact = await openFile(formats, path);
    await expectTensors(artifact, expected.tensors, path);
    const operators = (expected.facts['ops'] as string[]).join(', ');
    expect(artifact.facts).toMatchObject({ node_count: expected.facts['node_count'], ops: operators });
    expect(artifact.findings).toEqual([]);
  });

  it.each([
    ['saved-model', 'variables/variables.index'],
    ['checkpoint', 'model.ckpt-7.index'],
  ])('%s: the index describes every variable of the data file', async (set, index) => {
    const expected = readJson<ExpectedFile>(join(GOLDEN, `expected/tensorflow/${set}/__set__.json`));
    const path = join(GOLDEN, 'tensorflow', set, index);
    const artifact = await openFile(formats, path);
    await expectTensors(artifact, expected.tensors, path);
    expect(artifact.findings).toEqual([]);
  });

  it('a SavedModel that TensorFlow wrote raises nothing and holds no numbers of its own', async () => {
    const artifact = await openFile(formats, join(GOLDEN, 'tensorflow/saved-model/saved_model.pb'));
    expect(artifact.format).toBe('tensorflow-savedmodel');
    expect(artifact.tensors).toEqual([]);
    expect(artifact.findings).toEqual([]);
    expect(artifact.facts).toMatchObject({
      tags: 'serve',
      tensorflow_version: '2.21.0',
      signatures: '__saved_model_init_op, serving_default',
    });
  });

  const hostile = hostileRows('tensorflow').filter((row) => !row.file.endsWith('.tflite'));
  it.each(hostile.map((row) => [row.file, row] as const))('hostile %s', async (file, row) => {
    expectVerdict(row, await verdictOf(() => openFile([...formats, pickle], join(GOLDEN, 'hostile', file))));
  });
});

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/tensorflow');
const fixtures = readdirSync(FIXTURES).map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(join(FIXTURES, name))),
}));
const formatOf = (name: string): Format =>
  name.endsWith('.index')
    ? tensorflowCheckpoint
    : name.endsWith('saved_model.pb')
      ? tensorflowSavedmodel
      : tensorflowGraphdef;

describe('TensorFlow fixtures', () => {
  it.each([
    ['broken-truncated-saved_model.pb', 'FORMAT_TRUNCATED'],
    ['broken-cut.index', 'FORMAT_MAGIC'],
  ])('%s is refused with %s', async (name, code) => {
    const { bytes } = fixtures.find((fixture) => fixture.name === name)!;
    await expect(formatOf(name).open(new MemorySource(name, bytes))).rejects.toMatchObject({ code });
  });

  it('an index whose block was changed is refused by its checksum', async () => {
    const bytes = fixtures.find(({ name }) => name === 'good-checkpoint.index')!.bytes.slice();
    bytes[20]! ^= 1;
    await expect(tensorflowCheckpoint.open(new MemorySource('x.index', bytes))).rejects.toMatchObject({
      code: 'FORMAT_CHECKSUM',
    });
  });

  it.each([tensorflowGraphdef, tensorflowSavedmodel, tensorflowCheckpoint])(
    'damaged $id files give a model or a coded error, soon',
    async (format) => {
      const seeds = fixtures.filter(({ name }) => formatOf(name) === format);
      const { refused } = await expectSurvives(format, seeds, 700);
      expect(refused).toBeGreaterThan(50);
    },
  );
});

describe('constants of a graph', () => {
  const graph = (tensor: readonly number[]): Uint8Array => {
    const value = bytesField(5, [...bytesField(1, 'value'), ...bytesField(2, bytesField(8, tensor))]);
    return new Uint8Array(bytesField(1, [...bytesField(1, 'c'), ...bytesField(2, 'Const'), ...value]));
  };
  const shape = (...sizes: readonly number[]): number[] =>
    bytesField(
      2,
      sizes.flatMap((size) => bytesField(2, intField(1, size))),
    );

  async function payload(bytes: Uint8Array): Promise<number[]> {
    const artifact = await tensorflowGraphdef.open(new MemorySource('g.pb', bytes));
    const out: number[] = [];
    for await (const chunk of artifact.payload!(artifact.tensors[0]!)) out.push(...chunk);
    return out;
  }

  it('fewer values than elements: the last one is repeated', async () => {
    const ints = bytesField(7, [...varint(1), ...varint(-2)]);
    expect(await payload(graph([...intField(1, 5), ...shape(4), ...ints]))).toEqual([
      1, 0, 254, 255, 254, 255, 254, 255,
    ]);
  });

  it('no values at all are zeros', async () => {
    expect(await payload(graph([...intField(1, 9), ...shape(2)]))).toEqual(Array<number>(16).fill(0));
  });

  it('more values than elements are refused', async () => {
    const ints = bytesField(7, [1, 2, 3]);
    await expect(payload(graph([...intField(1, 6), ...shape(2), ...ints]))).rejects.toMatchObject({
      code: 'FORMAT_SIZE_MISMATCH',
    });
  });

  it('one value for 2^40 elements is no tensor to read', async () => {
    const artifact = await tensorflowGraphdef.open(
      new MemorySource('g.pb', graph([...intField(1, 1), ...shape(2 ** 20, 2 ** 20)])),
    );
    expect(artifact.tensors).toMatchObject([{ byteLength: 2 ** 42, storage: { kind: 'absent' } }]);
    expect(artifact.findings.map(({ code }) => code)).toEqual(['resource-shape']);
  });

  it('code that Keras keeps beside a SavedModel is found', async () => {
    const config = JSON.stringify({ class_name: 'Lambda', config: { name: 'twice', function: ['code', null, null] } });
    const bytes = new Uint8Array(bytesField(1, bytesField(5, config)));
    const artifact = await tensorflowSavedmodel.open(new MemorySource('keras_metadata.pb', bytes));
    expect(artifact.findings.map(({ code }) => code)).toEqual(['keras-lambda']);
  });
});

describe('tables', () => {
  it('CRC-32C of the published examples', () => {
    // RFC 3720 B.4: 32 bytes of zeros, and "123456789".
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  });

  it('Snappy: literals, near and far references, runs that overlap themselves', () => {
    // "abc", then seven bytes from three back (kind 1), then four from ten back (kind 2).
    const packed = [14, 0x08, 0x61, 0x62, 0x63, 0x0d, 3, 0x0e, 10, 0];
    expect(new TextDecoder().decode(unpackSnappy(Uint8Array.from(packed), 100))).toBe('abcabcabcaabca');
  });

  it.each([
    ['a reference before the start', [4, 0x01, 1]],
    ['an offset of zero', [5, 0x00, 0x61, 0x01, 0]],
    ['more than it states', [1, 0x04, 0x61, 0x62]],
    ['less than it states', [9, 0x00, 0x61]],
    ['a length without end', [0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ])('Snappy with %s is refused', (_what, bytes) => {
    expect(() => unpackSnappy(Uint8Array.from(bytes), 100)).toThrow(
      expect.objectContaining({ code: 'FORMAT_COMPRESSION' }),
    );
  });

  it('the key of a slice gives the name of its variable', () => {
    const key = Uint8Array.from([0, 0x77, 0, 0xff, 0x78, 0, 1, 1, 2, 0x80, 0x90]);
    expect(nameOfKey(key)).toEqual({ name: 'w\u0000x', slice: true });
    expect(nameOfKey(new TextEncoder().encode('layer/w'))).toEqual({ name: 'layer/w', slice: false });
  });
});
