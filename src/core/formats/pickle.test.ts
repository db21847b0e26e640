import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import {
  bytes,
  call,
  DANGEROUS,
  global,
  pickled,
  proto,
  REDUCE,
  STOP,
  stream,
  text,
  TUPLE1,
} from '../content/pickle/write.suite.ts';
import { describeFile } from './describe.ts';
import {
  CORPORA,
  expectVerdict,
  GOLDEN,
  goldenFiles,
  HAS_GOLDEN,
  hostileRows,
  readJson,
  verdictOf,
  type ExpectedFile,
} from './expected.suite.ts';
import { expectSurvives } from './fuzz.suite.ts';
import type { OpenArtifact } from './format.ts';
import { looksLikePickle } from './looks-like-pickle.ts';
import { rowMajor } from './npy/row-major.ts';
import { pickle } from './pickle.ts';
import { makeZip } from './zip/write.suite.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/pickle');

async function openBytes(name: string, data: Uint8Array): Promise<OpenArtifact> {
  const { opened, formatError, notAModel } = await describeFile(new MemorySource(name, data));
  if (opened === undefined) throw new Error(JSON.stringify(formatError ?? notAModel));
  return opened;
}
const codes = (artifact: OpenArtifact): string[] => [...new Set(artifact.findings.map(({ code }) => code))];
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

/** Arrays in pickles: names, types, shapes and values. */
async function expectArrays(path: string, expected: ExpectedFile): Promise<void> {
  const data = read(path);
  const artifact = await openBytes(path.slice(path.lastIndexOf('/') + 1), data);
  expect(artifact.format).toBe('pickle');
  expect(artifact.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
  const rows = expected.tensors as readonly { name: string; dtype: string; shape: number[]; f32_sha256: string }[];
  expect(artifact.tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual(
    rows.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
  );
  for (const [i, tensor] of artifact.tensors.entries()) {
    const { storage } = tensor;
    const chunks: Uint8Array[] = [];
    if (storage.kind === 'assembled') for await (const chunk of artifact.payload!(tensor)) chunks.push(chunk);
    else if (storage.kind === 'range') {
      const elements = tensor.shape.reduce((product, length) => product * length, 1);
      const rest = data.subarray(storage.start);
      chunks.push(
        ...(storage.strides === undefined
          ? [rest.subarray(0, tensor.byteLength)]
          : rowMajor(rest, tensor.shape, storage.strides, tensor.byteLength / elements)),
      );
    }
    const raw = new Uint8Array(Buffer.concat(chunks));
    expect(raw.length).toBe(tensor.byteLength);
    const view = new DataView(raw.buffer);
    const big = 'order' in storage && storage.order === 'big';
    const values = Array.from(
      { length: raw.length / (tensor.byteLength / tensor.shape.reduce((p, n) => p * n, 1)) },
      (_, k) =>
        tensor.dtype === 'F32'
          ? view.getFloat32(k * 4, !big)
          : tensor.dtype === 'F64'
            ? view.getFloat64(k * 8, !big)
            : view.getInt16(k * 2, !big),
    );
    expect(
      createHash('sha256')
        .update(new Uint8Array(Float32Array.from(values).buffer))
        .digest('hex'),
    ).toBe(rows[i]!.f32_sha256);
  }
}

describe('fixtures', () => {
  const rows = readJson<ExpectedFile[]>(join(FIXTURES, 'expected.json'));
  it.each(rows.map((row) => [row.file, row] as const))('%s: arrays and their values', async (file, row) => {
    await expectArrays(join(FIXTURES, file), row);
  });

  it('plain data have nothing to tell', async () => {
    for (const protocol of [0, 2, 5]) {
      const artifact = await openBytes('x.pkl', read(join(FIXTURES, `good-protocol${protocol}.pkl`)));
      expect([artifact.findings, artifact.imports, artifact.tensors]).toEqual([[], [], []]);
    }
  });

  it.each([
    ['broken-memo.pkl', 'FORMAT_PICKLE'],
    ['broken-beyond.pkl', 'FORMAT_TRUNCATED'],
    ['broken-setitem.pkl', 'FORMAT_PICKLE'],
  ])('%s is refused as %s', async (file, code) => {
    expect((await describeFile(new MemorySource(file, read(join(FIXTURES, file))))).formatError?.code).toBe(code);
  });
});

describe.skipIf(!HAS_GOLDEN)('golden pickles (skipped when ../shared is not there)', () => {
  it.each(goldenFiles(({ format }) => format === 'pickle').map((row) => [row.file, row] as const))(
    '%s',
    async (file, row) => {
      if (row.tensors.length > 0) await expectArrays(join(GOLDEN, file), row);
      const artifact = await openBytes(file, read(join(GOLDEN, file)));
      const { protocol, opcodes, streams, first_length, globals } = row.facts;
      const stated = Object.fromEntries(
        Object.entries({ protocol, opcodes, streams, first_length }).filter(
          ([key, value]) =>
            value !== undefined && !(key === 'protocol' && value === 1) && !(key === 'protocol' && value === 0),
        ),
      );
      expect(artifact.facts).toMatchObject(stated);
      expect((artifact.imports ?? []).map((found) => `${found.module} ${found.name}`).sort()).toEqual(
        [...(globals as string[])].sort(),
      );
      expect((artifact.imports ?? []).every((found) => found.class === 'allowed')).toBe(true);
    },
  );

  it.each(hostileRows('pickle').map((row) => [row.file, row] as const))('hostile %s', async (file, row) => {
    const { opened, formatError } = await describeFile(
      new MemorySource(file.slice(file.lastIndexOf('/') + 1), read(join(GOLDEN, 'hostile', file))),
    );
    const verdict = opened === undefined ? [formatError!.code] : await verdictOf(async () => opened);
    expectVerdict(row, verdict);
    if (row.verdict === 'flag') expect(row.codes.filter((code) => !verdict.includes(code))).toEqual([]);
    const named = (row as unknown as { dangerous_globals?: string[] }).dangerous_globals ?? [];
    const bad = (opened?.imports ?? [])
      .filter((found) => found.class !== 'allowed')
      .map((found) => `${found.module} ${found.name}`);
    // What only its argument makes dangerous, and what has no name, is told by a finding of its own.
    const expected = named.filter((name) => !/^builtins bytearray$|^<extension|^<computed>/.test(name));
    expect(expected.filter((name) => !bad.includes(name))).toEqual([]);
  });
});

describe.skipIf(!existsSync(CORPORA))('the picklescan corpus (skipped when ../shared is not there)', () => {
  const folders = ['data', 'data2'].map((name) => join(CORPORA, 'picklescan/tests', name));
  const files = existsSync(CORPORA)
    ? folders.flatMap((folder) => readdirSync(folder).map((name) => [name, join(folder, name)] as const))
    : [];
  const BENIGN = /^benign|^int_array|^object_array|pytorch_model\.bin$|^bad_pytorch|^not_a_pickle/;
  const hostile = files.filter(([name]) => !BENIGN.test(name) && !name.endsWith('.7z') && !/\.np[yz]$/.test(name));

  it.each(hostile)('%s is dangerous or unknown', async (name, path) => {
    const artifact = await openBytes(name, read(path));
    const told = artifact.findings.map(({ code, severity }) => `${code} ${severity}`);
    expect(told.some((said) => said === 'dangerous-global danger' || said === 'unknown-global caution')).toBe(true);
    expect(artifact.imports!.some((found) => found.class !== 'allowed')).toBe(true);
  });

  it('there are 93 of them', () => {
    expect(hostile.length).toBe(93);
  });

  it.each(files.filter(([name]) => /^benign|pytorch_model\.bin$/.test(name)))(
    '%s raises nothing',
    async (name, path) => {
      const { opened, formatError } = await describeFile(new MemorySource(name, read(path)));
      if (name === 'benign_password_protected.zip') expect(formatError?.code).toBe('FORMAT_ENCRYPTED');
      else expect([opened!.findings, opened!.imports!.filter((found) => found.class !== 'allowed')]).toEqual([[], []]);
    },
  );

  it('a 7z archive, which nobody here unpacks, is said to be one', async () => {
    const { notAModel } = await describeFile(
      new MemorySource('malicious1.7z', read(join(folders[0]!, 'malicious1.7z'))),
    );
    expect(notAModel?.kind).toBe('7z');
  });
});

describe('files made here', () => {
  it('what acts before the break is told, and the break with it', async () => {
    const artifact = await openBytes('x.pkl', stream(DANGEROUS.subarray(0, -1), 0xff));
    expect(codes(artifact)).toEqual(['dangerous-global', 'broken-stream']);
    expect(artifact.incomplete).toMatchObject({ code: 'FORMAT_PICKLE' });
  });

  it('a break after harmless imports is a refusal', async () => {
    const { formatError } = await describeFile(
      new MemorySource('x.pkl', stream(proto(2), call('collections', 'OrderedDict', ')'), 0xff)),
    );
    expect(formatError?.code).toBe('FORMAT_PICKLE');
  });

  it('an unknown class that is called is told although the stream breaks', async () => {
    const artifact = await openBytes('x.pkl', stream(proto(2), call('nobody', 'Knows'), 0xff));
    expect(codes(artifact)).toEqual(['unknown-global', 'broken-stream']);
    expect(artifact.incomplete).toBeDefined();
  });

  it('a zip behind a pickle is looked into', async () => {
    const archive = makeZip([{ name: 'm/data.pkl', data: DANGEROUS }], { prefix: pickled('}') });
    const artifact = await openBytes('x.pt', archive);
    expect(codes(artifact)).toEqual(expect.arrayContaining(['trailing-bytes', 'polyglot', 'dangerous-global']));
  });

  it('an archive inside the bytes of a pickle is looked into', async () => {
    const inner = makeZip([{ name: 'm/data.pkl', data: DANGEROUS }]);
    const artifact = await openBytes(
      'x.pkl',
      stream(proto(3), global('torch.storage', '_load_from_bytes'), bytes(inner), TUPLE1, REDUCE, STOP),
    );
    expect(artifact.imports!.map((found) => `${found.module} ${found.name}`)).toEqual([
      'torch.storage _load_from_bytes',
      'os system',
    ]);
  });

  it('a persistent id without its archive is told; one that PyTorch never writes is a refusal', async () => {
    const id = ['(', text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), 'K\x02tQ'];
    expect(codes(await openBytes('data.pkl', pickled(id)))).toEqual(['bad-persistent-id']);
    const { formatError } = await describeFile(new MemorySource('data.pkl', pickled(text('x'), 'Q')));
    expect(formatError?.code).toBe('FORMAT_PERSISTENT_ID');
  });

  it('is found by its opcodes where it has no magic, and text is not taken for one', () => {
    const looks = (data: Uint8Array, name = 'model'): boolean => looksLikePickle(data, name, data.length);
    expect(looks(stream('cos\nsystem\n(S"x"\ntR.'))).toBe(true);
    expect(looks(DANGEROUS)).toBe(true);
    for (const words of [
      'I am a text.\nWith two lines.',
      'Nothing.',
      '(c) 2024 somebody. All rights reserved.',
      'city,country\nParis,France\n',
      'import os\nos.system("x")\n',
      '0.5 0.25\n',
      'VERSION 1\nBUILD 2\n.',
      '}',
      '',
    ]) {
      expect([words, looks(new TextEncoder().encode(words))]).toEqual([words, false]);
    }
  });

  it('damaged files give a description or a coded error, in time', async () => {
    const seeds = readdirSync(FIXTURES)
      .filter((name) => name.startsWith('good-') && name.endsWith('.pkl'))
      .map((name) => ({ name, bytes: read(join(FIXTURES, name)) }));
    const { opened, refused } = await expectSurvives(pickle, seeds, 1_000);
    expect(opened + refused).toBe(1_000);
  }, 60_000);
});
