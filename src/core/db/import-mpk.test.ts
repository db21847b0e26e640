import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { makeZip } from '../formats/zip/write.suite.ts';
import { readCatalogue, readKitFolder } from './catalogue.ts';
import { deepFromFolder, parquetIn, zipFiles } from './deep-files.ts';
import { importKit, type Imported } from './import-mpk.ts';
import { databaseOf, deepZip, kitFiles, PARQUET } from './kit.suite.ts';
import { openDatabase, type DatabaseFiles } from './lookup.ts';

const sha256 = async (bytes: Uint8Array): Promise<Uint8Array> => createHash('sha256').update(bytes).digest();

async function imported(kit: DatabaseFiles, parquet?: DatabaseFiles) {
  const out = new Map<string, Uint8Array>();
  const put = async (path: string, bytes: Uint8Array): Promise<void> => void out.set(path, bytes);
  const from = parquet ?? kit;
  const result: Imported = await importKit(
    { name: 'kit', catalogue: await readKitFolder(kit, undefined, true), parquet: (path) => parquetIn(from, path) },
    { sha256, put },
  );
  return { out, result };
}

test('what was imported is found again, catalogue and weight signals', async () => {
  const { out, result } = await imported(databaseOf(kitFiles()));
  expect(result).toEqual({ models: 1, withSignals: 1, without: [] });
  const files = databaseOf(out);
  const { manifest } = await openDatabase({ files, sha256 });
  expect(manifest.sections.models).toMatchObject({ rows: 1, deep: 1 });
  const [candidate] = await readCatalogue(manifest, files, sha256);
  const [original] = await readKitFolder(databaseOf(kitFiles()));
  expect(candidate).toEqual(original);
  expect((await deepFromFolder(files)(candidate!))?.eas?.size).toBe(64);
});

test('a second time it gives the same files; from a zip as from the folder', async () => {
  const first = await imported(databaseOf(kitFiles()));
  expect((await imported(databaseOf(kitFiles()))).out).toEqual(first.out);
  const zip = await zipFiles(new MemorySource('deep-signals.zip', deepZip()));
  expect((await imported(databaseOf(kitFiles()), zip)).out).toEqual(first.out);
  const whole = makeZip([...kitFiles()].map(([name, data]) => ({ name: `mpk-db/${name}`, data, deflate: true })));
  expect((await imported(await zipFiles(new MemorySource('kit.zip', whole)))).out).toEqual(first.out);
});

test('a Parquet file that is not the catalogue’s is refused by name', async () => {
  const files = kitFiles();
  files.set(
    PARQUET,
    files.get(PARQUET)!.map((byte, i) => (i === 2000 ? byte ^ 1 : byte)),
  );
  await expect(imported(databaseOf(files))).rejects.toMatchObject({
    code: 'DB_SHARD_DIGEST',
    detail: { file: PARQUET },
  });
});

const BUNDLE = 'features/base/by-family/own--llama/small-llama_features.json';
const SHARD = 'catalog/by-family/own--llama.json';

/** The kit with one piece of text in one file replaced. */
function edited(path: string, from: string, to: string): DatabaseFiles {
  const files = kitFiles();
  const before = new TextDecoder().decode(files.get(path));
  expect(before).toContain(from);
  files.set(path, new TextEncoder().encode(before.replaceAll(from, to)));
  return databaseOf(files);
}

test.each([
  ['no SHA-256', edited.bind(null, BUNDLE, '"checksum": "sha256:', '"other": "'), 'DB_FORMAT', PARQUET],
  ['a path that leads out', edited.bind(null, BUNDLE, PARQUET, '../../x.parquet'), 'DB_FORMAT', '../../x.parquet'],
  ['a path onto the manifest', edited.bind(null, BUNDLE, PARQUET, 'manifest.json'), 'DB_FORMAT', 'manifest.json'],
  ['a family that is a path', edited.bind(null, SHARD, '"own--llama"', '"../x"'), 'DB_FORMAT', '../x'],
  [
    'a bundle that is missing',
    edited.bind(null, SHARD, BUNDLE, 'features/none.json'),
    'DB_SHARD_MISSING',
    'features/none.json',
  ],
  [
    'a shard that is missing',
    edited.bind(null, 'catalog/manifest.json', SHARD, 'catalog/none.json'),
    'DB_SHARD_MISSING',
    'catalog/none.json',
  ],
] as const)('%s is refused, the file named', async (_, kit, code, file) => {
  await expect(imported(kit())).rejects.toMatchObject({ code, detail: { file } });
});

test('a zip without one of the catalogue’s files is refused: nothing of it was meant', async () => {
  const zip = await zipFiles(new MemorySource('z.zip', makeZip([{ name: 'a.parquet', data: new Uint8Array(3) }])));
  await expect(imported(databaseOf(kitFiles()), zip)).rejects.toMatchObject({ code: 'DB_SHARD_MISSING' });
});
