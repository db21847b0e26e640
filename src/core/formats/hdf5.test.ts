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
  payloadOf,
  readJson,
  sha256,
  verdictOf,
  type ExpectedFile,
} from './expected.suite.ts';
import { MemorySource } from '../bytes/memory.ts';
import { expectSurvives } from './fuzz.suite.ts';
import { fletcher32, undoFilters } from './hdf5/filters.ts';
import { lookup3 } from './hdf5/lookup3.ts';
import { hdf5 } from './hdf5.ts';

describe.skipIf(!HAS_GOLDEN)('golden HDF5 files (skipped when ../shared is not there)', () => {
  const good = goldenFiles((row) => ['hdf5', 'keras-h5', 'keras-weights-h5'].includes(row.format));
  it.each(good.map((file) => [file.file, file] as const))('%s', async (file, expected) => {
    const path = join(GOLDEN, file);
    const artifact = await openFile([hdf5], path);
    await expectTensors(artifact, expected.tensors, path);
    const { superblock_offset, superblock_version } = expected.facts;
    expect(artifact.facts).toMatchObject({
      superblock_offset,
      superblock_version,
      groups: (expected.facts['groups'] as unknown[]).length,
    });
  });

  const hostile = hostileRows('hdf5');
  it.each(hostile.map((row) => [row.file, row] as const))('hostile %s', async (file, row) => {
    expectVerdict(row, await verdictOf(() => openFile([hdf5], join(GOLDEN, 'hostile', file))));
  });

  const list = join(CORPORA, 'textgenrnn/expected.json');
  const corpus = HAS_GOLDEN ? readJson<{ files: ExpectedFile[] }>(list).files : [];
  it.each(corpus.map((file) => [file.file, file] as const))('%s of textgenrnn', async (file, expected) => {
    const path = join(CORPORA, 'textgenrnn', file);
    const artifact = await openFile([hdf5], path);
    await expectTensors(artifact, expected.tensors, path);
    expect(artifact.findings).toEqual([]);
  });
});

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/hdf5');
const fixtures = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.h5'))
  .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(FIXTURES, name))) }));
const open = (name: string) =>
  hdf5.open(new MemorySource(name, fixtures.find((fixture) => fixture.name === name)!.bytes));

describe('HDF5 fixtures', () => {
  it('every chunk index gives the array that the library reads', async () => {
    const { datasets } = readJson<{ datasets: Record<string, { shape: number[]; sha256: string }> }>(
      join(FIXTURES, 'chunk-indexes.json'),
    );
    const path = join(FIXTURES, 'good-chunk-indexes.h5');
    const artifact = await open('good-chunk-indexes.h5');
    const read: Record<string, { shape: readonly number[]; sha256: string }> = {};
    for (const tensor of artifact.tensors) {
      read[tensor.name] = { shape: tensor.shape, sha256: sha256(await payloadOf(artifact, tensor, path)) };
    }
    expect(read).toEqual(datasets);
  });

  it('attributes in a heap are read, also those too large for it, in order of their names', async () => {
    const { metadata } = await open('good-chunk-indexes.h5');
    expect(metadata.map(({ key }) => key)).toEqual([
      ...Array.from({ length: 12 }, (_, i) => `a${String(i).padStart(2, '0')}`),
      'huge',
    ]);
    expect(metadata.at(-1)?.value).toBe('z'.repeat(65_536));
  });

  it.each([
    ['broken-object-header-checksum.h5', 'FORMAT_CHECKSUM'],
    ['broken-root-address-beyond.h5', 'FORMAT_BOUNDS'],
    ['broken-superblock-version-9.h5', 'FORMAT_VERSION'],
    ['broken-truncated-half.h5', 'FORMAT_TRUNCATED'],
  ])('%s is refused with %s', async (name, code) => {
    await expect(open(name)).rejects.toMatchObject({ code });
  });

  it('links and storage in other files are told, and nothing is read there', async () => {
    const links = await open('odd-external-links.h5');
    expect(links.findings.map(({ code, severity, detail }) => [code, severity, detail['file']])).toEqual([
      ['external-link', 'danger', '/etc/hosts'],
      ['external-link', 'danger', '../../outside.h5'],
      ['path-traversal', 'danger', '/etc/hosts'],
      ['path-traversal', 'danger', '../../outside.h5'],
    ]);
    const virtual = await open('odd-virtual-dataset.h5');
    expect(virtual.tensors).toMatchObject([{ name: 'v', storage: { kind: 'absent', why: 'another file' } }]);
  });

  it('a group inside itself is listed once, and said to be one', async () => {
    const artifact = await open('odd-link-cycles.h5');
    expect(artifact.findings.map(({ code }) => code)).toEqual(['cyclic-structure']);
    expect(artifact.facts['groups']).toBe(1);
  });

  it('2^50 elements of which none is stored are no tensor to read', async () => {
    const artifact = await open('odd-huge-unallocated.h5');
    expect(artifact.tensors).toMatchObject([{ byteLength: 2 ** 52, storage: { kind: 'absent' } }]);
  });

  it('damaged files give a model or a coded error, soon, and never a tensor outside the file', async () => {
    const { opened, refused } = await expectSurvives(hdf5, fixtures, 1500);
    expect(opened).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });
});

describe('checksums and filters', () => {
  it('lookup3 is that of its author', () => {
    // hashlittle("", 0, 0) and hashlittle("Four score and seven years ago", 30, 0), from the comments of lookup3.c.
    expect(lookup3(new Uint8Array(0))).toBe(0xdeadbeef);
    expect(lookup3(new TextEncoder().encode('Four score and seven years ago'))).toBe(0x17770551);
  });

  it('Fletcher-32 of the published examples, over big-endian words', () => {
    expect(fletcher32(Uint8Array.from([0x62, 0x61, 0x64, 0x63, 0x66, 0x65]))).toBe(0x5650_2d2a);
  });

  it('a shuffled chunk that does not divide into elements keeps its tail', () => {
    const shuffled = Uint8Array.from([1, 4, 2, 5, 3, 6, 9]);
    const filters = [{ id: 2, name: 'shuffle', values: [3] }];
    expect([...undoFilters(shuffled, filters, 0, 7, 'w')]).toEqual([1, 2, 3, 4, 5, 6, 9]);
    expect([...undoFilters(shuffled, filters, 1, 7, 'w')]).toEqual([...shuffled]);
  });
});
