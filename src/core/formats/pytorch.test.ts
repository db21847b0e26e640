import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { DANGEROUS, global, pickled, stream, text } from '../content/pickle/write.suite.ts';
import { summarise } from '../tensors/summary.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import { describeFile } from './describe.ts';
import {
  CORPORA,
  expectTensors,
  expectVerdict,
  GOLDEN,
  goldenFiles,
  HAS_GOLDEN,
  hostileRows,
  payloadOf,
  readJson,
  verdictOf,
  type ExpectedFile,
  type ExpectedTensor,
} from './expected.suite.ts';
import { expectSurvives } from './fuzz.suite.ts';
import type { OpenArtifact } from './format.ts';
import { rowMajor } from './npy/row-major.ts';
import { pickle } from './pickle.ts';
import { pytorchLegacy } from './pytorch-legacy.ts';
import { pytorchTar } from './pytorch-tar.ts';
import { pytorchZip } from './pytorch-zip.ts';
import { SparseSource } from './sparse.suite.ts';
import { crc32 } from './zip/crc32.ts';
import { bytesOf, makeZip } from './zip/write.suite.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/pytorch');
const FORMATS = ['pytorch-zip', 'pytorch-legacy', 'pytorch-tar', 'torchscript', 'torch-export'];

interface ExpectedTorch extends ExpectedTensor {
  readonly f32_sha256: string;
  readonly path?: readonly string[];
  readonly storage_key?: string;
  readonly storage_offset?: number;
  readonly stride?: readonly number[];
  readonly contiguous?: boolean;
  readonly rebuild?: string;
  readonly requires_grad?: boolean;
  readonly is_parameter?: boolean;
}

/** Opens as the product does: by what the bytes are. Errors come out as errors. */
async function open(path: string): Promise<OpenArtifact> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return openBytes(name, new Uint8Array(readFileSync(path)));
}

async function openBytes(name: string, bytes: Uint8Array): Promise<OpenArtifact> {
  const { opened, formatError, notAModel, findings } = await describeFile(new MemorySource(name, bytes));
  if (opened === undefined) throw new Error(JSON.stringify(formatError ?? notAModel));
  // Facts about the file beside those of the container: its name against its bytes.
  return { ...opened, findings: [...findings, ...opened.findings] };
}

/** Every stored byte of a tensor in row-major order, strides followed. */
async function rowMajorBytes(artifact: OpenArtifact, entry: TensorEntry, path: string): Promise<Uint8Array> {
  const { storage } = entry;
  if (storage.kind !== 'range' || storage.strides === undefined) return payloadOf(artifact, entry, path);
  const whole = new Uint8Array(readFileSync(path)).subarray(storage.start);
  const elements = entry.shape.reduce((product, length) => product * length, 1);
  return new Uint8Array(Buffer.concat([...rowMajor(whole, entry.shape, storage.strides, entry.byteLength / elements)]));
}

/** Numbers of every tensor, through strides, byte order, conjugate and negative bits and quantisers. */
async function expectValues(artifact: OpenArtifact, expected: readonly ExpectedTorch[], path: string): Promise<void> {
  for (const row of expected) {
    const entry = artifact.tensors.find((tensor) => tensor.name === row.name)!;
    const hash = createHash('sha256');
    const order = 'order' in entry.storage && entry.storage.order === 'big' ? ({ order: 'big' } as const) : {};
    const transforms = entry.transforms === undefined ? {} : { transforms: entry.transforms };
    const elements = entry.shape.reduce((product, length) => product * length, 1);
    const made = summarise(
      { dtype: entry.dtype, elements, shape: entry.shape, ...order, ...transforms },
      { float32: hash },
    );
    if ('notDecoded' in made) throw new Error(`${row.name}: ${made.notDecoded}`);
    made.decoder.push(await rowMajorBytes(artifact, entry, path));
    made.decoder.end();
    expect([row.name, hash.digest('hex')]).toEqual([row.name, row.f32_sha256]);
  }
}

/** PyTorch's own account: path, storage, strides, flags. */
function expectOrigins(artifact: OpenArtifact, expected: readonly ExpectedTorch[]): void {
  const differ: unknown[] = [];
  for (const row of expected) {
    const origin = artifact.tensors.find((tensor) => tensor.name === row.name)?.origin;
    const pairs: [unknown, unknown][] = [
      [row.path, origin?.path],
      [row.storage_key, origin?.storageKey],
      [row.storage_offset, origin?.storageOffset],
      [row.stride, origin?.stride],
      [row.contiguous, origin?.contiguous],
      [row.rebuild, origin?.rebuild],
      [row.requires_grad, origin?.requiresGrad],
      [row.is_parameter, origin?.parameter],
    ];
    for (const [want, got] of pairs)
      if (want !== undefined && JSON.stringify(want) !== JSON.stringify(got)) differ.push([row.name, want, got]);
  }
  expect(differ).toEqual([]);
}

async function expectFile(path: string, expected: ExpectedFile): Promise<OpenArtifact> {
  const artifact = await open(path);
  const tensors = expected.tensors as readonly ExpectedTorch[];
  expect(artifact.format).toBe(expected.format);
  await expectTensors(artifact, tensors, path);
  expectOrigins(artifact, tensors);
  await expectValues(artifact, tensors, path);
  const {
    archive_root,
    byteorder,
    version,
    pickle_protocol,
    persistent_ids,
    protocol_version,
    bytes_after_last_storage,
    archive_format,
  } = expected.facts;
  const facts = {
    archive_root,
    byteorder,
    version,
    pickle_protocol,
    persistent_ids,
    protocol_version,
    bytes_after_last_storage,
    archive_format,
  };
  const stated = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined && value !== null));
  if (expected.format === 'pytorch-tar') delete stated['protocol_version'];
  expect(artifact.facts).toMatchObject(stated);
  const globals = expected.facts['pickle_globals'] as string[] | undefined;
  const imported = new Set((artifact.imports ?? []).map((found) => `${found.module} ${found.name}`));
  expect((globals ?? []).filter((name) => !imported.has(name))).toEqual([]);
  return artifact;
}

const dangers = (artifact: OpenArtifact): string[] =>
  artifact.findings
    .filter(({ severity, code }) => severity === 'danger' || code === 'unknown-global')
    .map(({ code, detail }) => `${code} ${String(detail['global'])}`);

describe('fixtures', () => {
  const rows = readJson<ExpectedFile[]>(join(FIXTURES, 'expected.json'));
  it.each(rows.map((row) => [row.file, row] as const))(
    '%s: tensors, places, payloads, values and origins',
    async (file, row) => {
      await expectFile(join(FIXTURES, file), row);
    },
  );

  it.each([
    ['broken-checksum.pt', 'FORMAT_CHECKSUM'],
    ['broken-count.pt', 'FORMAT_ARCHIVE'],
    ['broken-deflate-longer.pt', 'FORMAT_SIZE_MISMATCH'],
    ['broken-storage-missing.pt', 'FORMAT_MISSING_ENTRY'],
    ['broken-storage-missing.jit', 'FORMAT_MISSING_ENTRY'],
    ['broken-stride.pt', 'FORMAT_BOUNDS'],
    ['broken-legacy-count.bin', 'FORMAT_LENGTH'],
    ['broken-legacy-truncated.pth', 'FORMAT_TRUNCATED'],
    ['broken-size-lie.tar', 'FORMAT_CHECKSUM'],
    ['broken-truncated.pt2', 'FORMAT_TRUNCATED'],
  ])('%s is refused as %s', async (file, code) => {
    const { formatError } = await describeFile(
      new MemorySource(file, new Uint8Array(readFileSync(join(FIXTURES, file)))),
    );
    expect(formatError?.code).toBe(code);
  });

  it('ordinary checkpoints raise no danger; classes of their own are unknown and nothing worse', async () => {
    for (const file of readdirSync(FIXTURES).filter((name) => name.startsWith('good-'))) {
      const artifact = await open(join(FIXTURES, file));
      const own =
        file === 'good-full-module.pt' ? ['unknown-global tinynet TinyNet', 'unknown-global tinynet Block'] : [];
      expect([file, dangers(artifact)]).toEqual([file, own]);
    }
  });

  it('sparse and meta tensors are named in the metadata, not as dense ones', async () => {
    const { metadata, tensors } = await open(join(FIXTURES, 'good-sparse-and-meta.pt'));
    expect(tensors.map(({ name }) => name)).toEqual(['dense']);
    expect(metadata.filter(({ key }) => key.includes(' tensor ')).map(({ key, value }) => [key, value])).toEqual([
      ['sparse tensor coo', 'sparse_coo F32 [3, 4] indices + values'],
      ['sparse tensor csr', 'sparse_csr F32 [2, 2] crow_indices + col_indices + values'],
      ['meta tensor meta', 'F32 [2, 3]'],
    ]);
  });

  it('checksums of stored entries are offered for the full pass, and hold', async () => {
    const bytes = new Uint8Array(readFileSync(join(FIXTURES, 'good-dtypes.pt')));
    const { checksums } = await openBytes('x.pt', bytes);
    expect(checksums!.length).toBeGreaterThan(14);
    for (const { start, end, value } of checksums!) expect(crc32(bytes.subarray(start, end))).toBe(value);
  });
});

describe.skipIf(!HAS_GOLDEN)('golden files (skipped when ../shared is not there)', () => {
  const good = goldenFiles(({ format }) => FORMATS.includes(format));
  it.each(good.map((row) => [row.file, row] as const))('%s', async (file, row) => {
    await expectFile(join(GOLDEN, file), row);
  });

  it.each(hostileRows('pytorch').map((row) => [row.file, row] as const))('hostile %s', async (file, row) => {
    const { opened, formatError } = await describeFile(
      new MemorySource(
        file.slice(file.lastIndexOf('/') + 1),
        new Uint8Array(readFileSync(join(GOLDEN, 'hostile', file))),
      ),
    );
    const verdict = opened === undefined ? [formatError!.code] : await verdictOf(async () => opened);
    expectVerdict(row, verdict);
    // A flag has every code of its row, not one of them.
    if (row.verdict === 'flag') expect(row.codes.filter((code) => !verdict.includes(code))).toEqual([]);
  });

  it('every global of a hostile archive is listed, with where it stands', async () => {
    const rows = readJson<{ files: { file: string; dangerous_globals?: string[] }[] }>(
      join(GOLDEN, 'hostile/expected.json'),
    ).files;
    for (const { file, dangerous_globals: named } of rows) {
      if (!file.startsWith('pytorch/') || named === undefined || named.length === 0) continue;
      const artifact = await open(join(GOLDEN, 'hostile', file));
      const bad = (artifact.imports ?? []).filter((found) => found.class !== 'allowed');
      expect([file, named.filter((name) => !bad.some((found) => `${found.module} ${found.name}` === name))]).toEqual([
        file,
        [],
      ]);
      if (!file.endsWith('.nemo')) for (const { offset } of bad) expect(offset).toBeGreaterThan(-1);
    }
  });

  it.each(['facenet-pytorch', 'silero-vad'])('%s of the corpora', async (corpus) => {
    const { files } = readJson<{ files: ExpectedFile[] }>(join(CORPORA, corpus, 'expected.json'));
    for (const row of files.filter(({ file }) => /\.(?:pt|jit)$/.test(file))) {
      const path = join(CORPORA, corpus, row.file);
      const artifact = await open(path);
      await expectTensors(artifact, row.tensors, path);
      await expectValues(artifact, row.tensors as readonly ExpectedTorch[], path);
      expect(artifact.findings).toEqual([]);
    }
  });
});

describe('archives made here', () => {
  const DATA = pickled('}');
  const entry = (name: string, data: Uint8Array): { name: string; data: Uint8Array } => ({ name, data });

  it('a pickle anywhere in the archive is read, whatever it is called', async () => {
    for (const name of ['m/extra.pkl', 'm/data/weights', 'm/README.txt', 'readme', 'm/data/0']) {
      const artifact = await openBytes('m.pt', makeZip([entry('m/data.pkl', DATA), entry(name, DANGEROUS)]));
      expect(dangers(artifact)).toEqual(['dangerous-global os system']);
      expect(artifact.imports).toMatchObject([{ module: 'os', member: name, position: 2 }]);
    }
  });

  it('a danger is kept although the archive is broken elsewhere, and the break is told', async () => {
    const broken = makeZip([
      entry('m/data.pkl', DANGEROUS),
      { ...entry('m/data/0', new Uint8Array(4)), central: { method: 99 } },
    ]);
    const artifact = await openBytes('m.pt', broken);
    expect(dangers(artifact)).toEqual(['dangerous-global os system']);
    expect(artifact.incomplete).toMatchObject({ code: 'FORMAT_COMPRESSION' });
  });

  it('a class nobody knows does not turn a broken archive into a readable one', async () => {
    const unknown = pickled(global('torch', 'QuantumStorage'));
    const { formatError } = await describeFile(
      new MemorySource('m.pt', makeZip([{ ...entry('m/data.pkl', unknown), central: { crc: 1 } }])),
    );
    expect(formatError?.code).toBe('FORMAT_CHECKSUM');
  });

  it('an archive inside an archive is looked into, to a depth', async () => {
    let zip = makeZip([entry('data.pkl', DANGEROUS)]);
    for (let i = 0; i < 3; i += 1) zip = makeZip([entry('m/data.pkl', DATA), entry('m/inner.zip', zip)]);
    const artifact = await openBytes('m.pt', zip);
    expect(dangers(artifact)).toContain('dangerous-global os system');
    expect(artifact.imports?.[0]?.member).toBe('m/inner.zip!m/inner.zip!m/inner.zip!data.pkl');
    for (let i = 0; i < 10; i += 1) zip = makeZip([entry('m/data.pkl', DATA), entry('m/inner.zip', zip)]);
    expect((await openBytes('m.pt', zip)).findings).toContainEqual(
      expect.objectContaining({ code: 'nested-archive', severity: 'caution' }),
    );
  });

  it('a table that repeats a key keeps the last value under one name', async () => {
    const storage = [stream('(', text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), 'K\x02tQ')];
    const tensor = [
      global('torch._utils', '_rebuild_tensor_v2'),
      '(',
      storage,
      'K\x00(K\x02t(K\x01t',
      0x89,
      global('collections', 'OrderedDict'),
      ')RtR',
    ];
    const bytes = makeZip([
      entry('m/data.pkl', pickled('}', text('w'), tensor, 's', text('w'), 'Ns')),
      entry('m/data/0', new Uint8Array(8)),
    ]);
    expect((await openBytes('m.pt', bytes)).tensors).toEqual([]);
    const other = makeZip([
      entry('m/data.pkl', pickled('}', text('w'), 'Ns', text('w'), tensor, 's')),
      entry('m/data/0', new Uint8Array(8)),
    ]);
    expect((await openBytes('m.pt', other)).tensors.map(({ name }) => name)).toEqual(['w']);
  });

  it('a model of 6 GB is described by reading its tables and pickle only', async () => {
    const GB = 1024 * 1024 * 1024;
    const tensors = 3;
    const bytesEach = 2 * GB;
    const tensor = (key: number): unknown => [
      text(`w${key}`),
      global('torch._utils', '_rebuild_tensor_v2'),
      '((',
      text('storage'),
      global('torch', 'HalfStorage'),
      text(String(key)),
      text('cpu'),
      0x8b,
      [4, 0, 0, 0, 0, 0, 0, 0x40],
      'tQK\x00(',
      0x8b,
      [4, 0, 0, 0, 0, 0, 0, 0x40],
      't(K\x01t',
      0x89,
      global('collections', 'OrderedDict'),
      ')RtRs',
    ];
    const data = pickled('}', Array.from({ length: tensors }, (_, key) => tensor(key)) as never);
    const pieces: { at: number; bytes: Uint8Array }[] = [];
    const directory: Uint8Array[] = [];
    let at = 0;
    const add = (name: string, size: number, content: Uint8Array | null): void => {
      const encoded = new TextEncoder().encode(name);
      const crc = content === null ? 0 : crc32(content);
      const fields = [
        [20, 2],
        [0, 2],
        [0, 2],
        [0, 4],
        [crc, 4],
        [0xffffffff, 4],
        [0xffffffff, 4],
        [encoded.length, 2],
      ] as const;
      pieces.push({
        at,
        bytes: bytesOf([0x04034b50, 4], ...fields, [20, 2], encoded, [1, 2], [16, 2], [size, 8], [size, 8]),
      });
      directory.push(
        bytesOf(
          [0x02014b50, 4],
          [45, 2],
          ...fields,
          [28, 2],
          [0, 2],
          [0, 2],
          [0, 2],
          [0, 4],
          [0xffffffff, 4],
          encoded,
          [1, 2],
          [24, 2],
          [size, 8],
          [size, 8],
          [at, 8],
        ),
      );
      const start = at + 30 + encoded.length + 20;
      if (content !== null) pieces.push({ at: start, bytes: content });
      at = start + size;
    };
    add('big/data.pkl', data.length, data);
    for (let key = 0; key < tensors; key += 1) add(`big/data/${key}`, bytesEach, null);
    const table = new Uint8Array(Buffer.concat(directory));
    const end64 = bytesOf(
      [0x06064b50, 4],
      [44, 8],
      [45, 2],
      [45, 2],
      [0, 4],
      [0, 4],
      [4, 8],
      [4, 8],
      [table.length, 8],
      [at, 8],
    );
    const locator = bytesOf([0x07064b50, 4], [0, 4], [at + table.length, 8], [1, 4]);
    const end = bytesOf(
      [0x06054b50, 4],
      [0, 2],
      [0, 2],
      [0xffff, 2],
      [0xffff, 2],
      [0xffffffff, 4],
      [0xffffffff, 4],
      [0, 2],
    );
    pieces.push({ at, bytes: new Uint8Array(Buffer.concat([table, end64, locator, end])) });
    const source = new SparseSource('big.pt', at + table.length + 56 + 20 + 22, pieces);
    const { opened, formatError } = await describeFile(source);
    expect(formatError).toBeUndefined();
    expect(opened?.tensors.map(({ name, byteLength }) => [name, byteLength])).toEqual([
      ['w0', bytesEach],
      ['w1', bytesEach],
      ['w2', bytesEach],
    ]);
    expect(source.bytesRead).toBeLessThan(1024 * 1024);
  });

  it('so are a legacy stream and a bare pickle of gigabytes', async () => {
    const GB = 1024 * 1024 * 1024;
    const storage = [
      '(',
      text('storage'),
      global('torch', 'ByteStorage'),
      text('k'),
      text('cpu'),
      'J',
      [0, 0, 0, 0x40],
      'tQ',
    ];
    const object = pickled(
      '}',
      text('w'),
      global('torch._utils', '_rebuild_tensor_v2'),
      '(',
      storage,
      'K\x00(J',
      [0, 0, 0, 0x40],
      't(K\x01t',
      0x89,
      global('collections', 'OrderedDict'),
      ')RtRs',
    );
    const magic = stream(0x80, 2, 0x8a, 10, [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19], '.');
    const head = stream(
      magic,
      pickled('M\xe9\x03'),
      pickled('}', text('protocol_version'), 'M\xe9\x03s'),
      object,
      pickled('](', text('k'), 'e'),
      [0, 0, 0, 0x40, 0, 0, 0, 0],
    );
    const legacy = new SparseSource('big.pth', head.length + GB, [{ at: 0, bytes: head }]);
    const { opened } = await describeFile(legacy);
    expect(opened?.tensors).toMatchObject([
      { name: 'w', byteLength: GB, storage: { kind: 'range', start: head.length } },
    ]);
    expect(opened?.findings).toEqual([]);
    expect(legacy.bytesRead).toBeLessThan(1024 * 1024);

    const before = stream(0x80, 4, ']', 0x8e, [0, 0, 0, 0x80, 0, 0, 0, 0]);
    const after = stream('a', DANGEROUS.subarray(2));
    const bare = new SparseSource('big.pkl', before.length + 2 * GB + after.length, [
      { at: 0, bytes: before },
      { at: before.length + 2 * GB, bytes: after },
    ]);
    const described = await describeFile(bare);
    expect(described.opened?.imports).toMatchObject([
      { module: 'os', name: 'system', offset: before.length + 2 * GB + 1 },
    ]);
    expect(bare.bytesRead).toBeLessThan(1024 * 1024);
  });
});

describe('damaged files', () => {
  const seeds = (...names: string[]): { name: string; bytes: Uint8Array }[] =>
    names.map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(FIXTURES, name))) }));
  it.each([
    [
      'zip',
      pytorchZip,
      seeds(
        'good-deflated.pt',
        'good-views.pt',
        'good-quantised.pt',
        'good-mlp.pt2',
        'good-frozen.jit',
        'good-zip64.pt',
      ),
    ],
    ['legacy', pytorchLegacy, seeds('good-legacy-views.pth', 'good-legacy-dtypes.pth', 'good-legacy-protocol4.bin')],
    ['tar', pytorchTar, seeds('good-first-layout.tar')],
    ['bare', pickle, seeds('good-legacy-protocol4.bin')],
  ] as const)(
    '%s: a model or a coded error, in time',
    async (_, format, files) => {
      const { opened, refused } = await expectSurvives(format, files, 400);
      expect(opened + refused).toBe(400);
    },
    120_000,
  );
});
