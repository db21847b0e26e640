import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildDatabase } from './build.ts';
import { catalogueRow, readCatalogue } from './catalogue.ts';
import { openDatabase, type DatabaseFiles } from './lookup.ts';

const rows = readFileSync(new URL('../../../db/models.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { family: string; asset_id: string });
const sha256 = async (bytes: Uint8Array): Promise<Uint8Array> => createHash('sha256').update(bytes).digest();

async function built(): Promise<Map<string, Uint8Array>> {
  const families = [...new Set(rows.map(({ family }) => family))];
  const models = families.map((family) => ({ family, rows: rows.filter((row) => row.family === family) }));
  return buildDatabase({ files: [], sources: [], models, sequence: 1, created: '2026-01-01', tool: 'test' }, sha256);
}

const from = (files: ReadonlyMap<string, Uint8Array>): DatabaseFiles => ({
  get: async (path) => files.get(path) ?? null,
});

test('the catalogue is read back whole and in its order', async () => {
  const files = await built();
  const { manifest } = await openDatabase({ files: from(files), sha256 });
  const found = await readCatalogue(manifest, from(files), sha256);
  expect(found).toHaveLength(152);
  expect(found.map(({ asset_id }) => asset_id)).toEqual(rows.map(({ asset_id }) => asset_id));
  expect(found.every(({ deep }) => deep?.sha256?.length === 64)).toBe(true);
});

test('a shard that is another one is refused by name, a missing one is not an empty one', async () => {
  const files = await built();
  const { manifest } = await openDatabase({ files: from(files), sha256 });
  const [family] = manifest.sections.models!.families[0]!;
  const path = `models/${family}.json`;
  const changed = new Map(files).set(path, new TextEncoder().encode('{}'));
  await expect(readCatalogue(manifest, from(changed), sha256)).rejects.toMatchObject({ code: 'DB_SHARD_DIGEST' });
  const without = new Map([...files].filter(([name]) => name !== path));
  await expect(readCatalogue(manifest, from(without), sha256)).rejects.toMatchObject({ code: 'DB_SHARD_MISSING' });
});

test('a database without a catalogue says so', async () => {
  const files = await buildDatabase(
    { files: [], sources: [], sequence: 1, created: '2026-01-01', tool: 'test' },
    sha256,
  );
  const { manifest } = await openDatabase({ files: from(files), sha256 });
  await expect(readCatalogue(manifest, from(files), sha256)).rejects.toMatchObject({ code: 'DB_SHARD_MISSING' });
});

test('a row without a fingerprint is refused', () => {
  expect(() => catalogueRow({ ...rows[0], mfi: {} })).toThrow(/DB_FORMAT/);
});
