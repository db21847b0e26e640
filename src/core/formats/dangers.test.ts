/** What would run when a file is loaded, through the look at a whole file: flagged where it is there, silent where not. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import type { Finding } from '../content/finding.ts';
import { describeFile, type FileDescription } from './describe.ts';
import { CORPORA, GOLDEN, goldenFiles, HAS_GOLDEN, hostileRows, readJson, type HostileRow } from './expected.suite.ts';

const HAS_CORPORA = existsSync(CORPORA);

const look = (path: string): Promise<FileDescription> =>
  describeFile(new MemorySource(path.slice(path.lastIndexOf('/') + 1), new Uint8Array(readFileSync(path))));
const all = ({ findings, opened }: FileDescription): readonly Finding[] => [...findings, ...(opened?.findings ?? [])];

/** Names that are imported or made up on the way to a call, ways to call that have no name, and calls that fill memory. */
const RUNS = /^(?:dangerous|unknown)-global$|^computed-(?:global|call)$|^extension-code$|^resource-call$/;
const flagged = (found: FileDescription): Finding[] =>
  all(found).filter(({ code, severity }) => severity !== 'note' && RUNS.test(code));

type PickleRow = HostileRow & { readonly dangerous_globals?: readonly string[] };
const FOLDERS = ['pickle', 'pytorch', 'numpy', 'keras', 'disguised', 'safetensors', 'gguf'];
const malicious = FOLDERS.flatMap((folder) => hostileRows(folder) as PickleRow[]).filter(
  ({ codes, dangerous_globals: named = [] }) => named.length > 0 || codes.some((code) => RUNS.test(code)),
);

describe.skipIf(!HAS_GOLDEN)('every malicious pickle of the golden set (skipped when ../shared is not there)', () => {
  it.each(malicious.map((row) => [row.file, row] as const))('%s is flagged', async (file, row) => {
    const found = await look(join(GOLDEN, 'hostile', file));
    const kinds = all(found).map(({ code }) => code);
    // A refused file opens as an archive of pickles too, which is said with the refusal.
    if (row.verdict === 'reject') expect(found.formatError?.detail['polyglot']).toBeDefined();
    else expect(flagged(found).length, JSON.stringify(all(found))).toBeGreaterThan(0);
    if (row.verdict === 'identify') expect(kinds).toContain('extension-mismatch');
  });

  it('there are 118 of them', () => {
    expect(malicious.length).toBe(118);
  });
});

/** Files of the picklescan corpus that hold nothing, or are no pickle. */
const BENIGN = /^benign|^int_array|^object_array|pytorch_model\.bin$|^bad_pytorch|^not_a_pickle|\.7z$/;
const scanned = ['data', 'data2'].flatMap((folder) => {
  const path = join(CORPORA, 'picklescan/tests', folder);
  return HAS_CORPORA ? readdirSync(path).map((name) => [name, join(path, name)] as const) : [];
});

describe.skipIf(!HAS_CORPORA)('the picklescan corpus (skipped when ../shared is not there)', () => {
  const bad = scanned.filter(([name]) => !BENIGN.test(name));
  it.each(bad)('%s is flagged', async (_name, path) => {
    expect(flagged(await look(path)).length).toBeGreaterThan(0);
  });

  it.each(scanned.filter(([name]) => BENIGN.test(name)))('%s is not', async (_name, path) => {
    expect(flagged(await look(path))).toEqual([]);
  });

  it('94 and 15 files', () => {
    expect([bad.length, scanned.length - bad.length]).toEqual([94, 15]);
  });
});

/** Whole modules import the classes of the program that wrote them: unknown to everybody else, and said so. */
const OWN_CLASSES = /full-module|custom-class|lambda/i;
const CONTAINERS = /^pytorch|^torchscript|^torch-export|^pickle|^npy|^npz|^hdf5|^keras/;

describe.skipIf(!HAS_GOLDEN)('ordinary files of the golden set (skipped when ../shared is not there)', () => {
  const ordinary = goldenFiles(({ format, file }) => CONTAINERS.test(format) && !OWN_CLASSES.test(file));
  it.each(ordinary.map(({ file }) => file))('%s raises nothing', async (file) => {
    const found = await look(join(GOLDEN, file));
    expect(all(found).filter(({ severity }) => severity === 'danger')).toEqual([]);
    expect((found.opened?.imports ?? []).filter((used) => used.class !== 'allowed')).toEqual([]);
  });

  it('there are dozens of them', () => {
    expect(ordinary.length).toBeGreaterThan(50);
  });
});

const CORPUS_FOLDERS = ['textgenrnn', 'facenet', 'facenet-pytorch', 'silero-vad'];
const published = CORPUS_FOLDERS.flatMap((folder) => {
  const list = join(CORPORA, folder, 'expected.json');
  if (!existsSync(list)) return [];
  return readJson<{ files: { file: string }[] }>(list).files.map(({ file }) => `${folder}/${file}`);
});

describe.skipIf(!HAS_CORPORA)('published models (skipped when ../shared is not there)', () => {
  it.each(published)('%s raises nothing, and every import is allowed', async (file) => {
    const found = await look(join(CORPORA, file));
    expect(found.opened).toBeDefined();
    expect(all(found)).toEqual([]);
    expect((found.opened?.imports ?? []).filter((used) => used.class !== 'allowed')).toEqual([]);
  });

  it('of all four projects', () => {
    expect(CORPUS_FOLDERS.filter((folder) => !published.some((file) => file.startsWith(`${folder}/`)))).toEqual([]);
  });
});
