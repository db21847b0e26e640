import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deepZip, PARQUET } from '../core/db/kit.suite.ts';
import { parseOptions } from './args.ts';
import { db } from './db.ts';

const KIT = fileURLToPath(new URL('../../fixtures/signals/kit/', import.meta.url));
let folder = '';
const said: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-import-'));
  said.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const run = (...argv: string[]): Promise<number> =>
  db(parseOptions(['db', 'import-mpk', ...argv]), new AbortController().signal);

test('a folder of the Kit becomes a database; again it is the same', async () => {
  const out = join(folder, 'db');
  expect(await run(KIT, '--out', out)).toBe(0);
  const before = await readFile(join(out, 'manifest.json'));
  expect(await readFile(join(out, PARQUET))).toEqual(await readFile(join(KIT, PARQUET)));
  expect(await run(KIT, '--out', out, '--json')).toBe(0);
  expect(JSON.parse(said.at(-1)!)).toMatchObject({ models: 1, withSignals: 1, unchanged: true });
  expect(await readFile(join(out, 'manifest.json'))).toEqual(before);
  expect(await readdir(folder)).toEqual(['db']);
});

test('the Kit’s zip beside its catalogue does instead of the unpacked files', async () => {
  const kit = join(folder, 'kit');
  await cp(KIT, kit, { recursive: true });
  await rm(join(kit, 'features/deep-signals'), { recursive: true });
  await writeFile(join(kit, 'deep-signals.zip'), deepZip());
  expect(await run(kit, '--out', join(folder, 'db'), '--json')).toBe(0);
  expect(JSON.parse(said.at(-1)!)).toMatchObject({ withSignals: 1, without: [] });
});

test('a run that fails leaves what was there, and nothing of its own', async () => {
  const out = join(folder, 'db');
  await run(KIT, '--out', out);
  const kit = join(folder, 'kit');
  await cp(KIT, kit, { recursive: true });
  const bytes = await readFile(join(kit, PARQUET));
  await writeFile(join(kit, PARQUET), bytes.fill(7, 100, 200));
  await expect(run(kit, '--out', out)).rejects.toMatchObject({ code: 'DB_SHARD_DIGEST', detail: { file: PARQUET } });
  expect((await readdir(folder)).sort()).toEqual(['db', 'kit']);
  expect(await readFile(join(out, PARQUET))).toEqual(await readFile(join(KIT, PARQUET)));
});

test('a folder with something else in it is not replaced', async () => {
  await writeFile(join(folder, 'thesis.txt'), 'x');
  await expect(run(KIT, '--out', folder)).rejects.toMatchObject({ code: 'USAGE' });
  expect(await readdir(folder)).toEqual(['thesis.txt']);
});
