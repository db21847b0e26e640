import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readFacts } from '../../../scripts/db/read.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { buildDatabase, type DatabaseInput } from './build.ts';
import { openDatabase, type DatabaseFiles } from './lookup.ts';

const root = join(import.meta.dirname, '../../..');
const sha256 = async (bytes: Uint8Array): Promise<Uint8Array> => createHash('sha256').update(bytes).digest();

function inMemory(files: ReadonlyMap<string, Uint8Array>): DatabaseFiles & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async get(path) {
      asked.push(path);
      return files.get(path) ?? null;
    },
  };
}

async function codeOf(work: Promise<unknown>): Promise<{ code: ErrorCode; detail: AppError['detail'] }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return error.toData();
    throw error;
  }
  throw new Error('it did not fail');
}

/** The same pseudo-random rows every run (a linear congruential generator, Numerical Recipes' constants). */
function pick<T>(from: readonly T[], count: number): T[] {
  let state = 20261120;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return from[state % from.length]!;
  });
}

let facts: DatabaseInput;
let built: Map<string, Uint8Array>;
beforeAll(async () => {
  facts = readFacts(join(root, 'db'));
  built = await buildDatabase(facts, sha256);
});

const changed = (
  map: ReadonlyMap<string, Uint8Array>,
  path: string,
  edit: (b: Uint8Array) => Uint8Array | null,
): Map<string, Uint8Array> => {
  const copy = new Map(map);
  const value = edit(Uint8Array.from(copy.get(path)!));
  if (value === null) copy.delete(path);
  else copy.set(path, value);
  return copy;
};
const flipBit = (bytes: Uint8Array): Uint8Array => {
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  return bytes;
};
const editManifest =
  (edit: (m: Record<string, unknown>) => void) =>
  (bytes: Uint8Array): Uint8Array => {
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    edit(manifest);
    return new TextEncoder().encode(JSON.stringify(manifest));
  };

describe('the known-file database', () => {
  it('finds 400 known files by digest, with every sighting, and none of 400 changed digests', async () => {
    const db = await openDatabase({ files: inMemory(built), sha256 });
    for (const file of pick(facts.files, 400)) {
      const found = await db.find(file.sha256);
      expect(
        found.map(({ repo, file: name, revision, license, trust }) => ({ repo, name, revision, license, trust })),
      ).toEqual(
        file.sightings.map(({ repo, file: name, revision, license, trust }) => ({
          repo,
          name,
          revision,
          license,
          trust,
        })),
      );
      const last = file.sha256.at(-1) === '0' ? '1' : '0';
      expect(await db.find(file.sha256.slice(0, -1) + last)).toEqual([]);
    }
  });

  it.skipIf(!existsSync(join(root, '../shared/facts/known-files.jsonl')))(
    'holds every published fact, unchanged',
    async () => {
      const rows = readFileSync(join(root, '../shared/facts/known-files.jsonl'), 'utf8').trim().split('\n');
      expect(facts.files.length).toBe(rows.length);
      const db = await openDatabase({ files: inMemory(built), sha256 });
      for (const row of rows) {
        const fact = JSON.parse(row) as { sha256: string; size?: number; sightings: Record<string, unknown>[] };
        const found = await db.find(fact.sha256);
        const back = found.map((s) => ({
          repo: s.repo,
          file: s.file,
          ...(s.revision === null ? {} : { revision: s.revision }),
          ...(s.license === null ? {} : { license: s.license }),
          source: db.manifest.sources.indexOf(s.source),
          trust: s.trust,
          ...(s.moved ? { moved: true } : {}),
          ...(s.old ? { old: true } : {}),
          ...(s.disputed ? { disputed: true } : {}),
        }));
        expect(back).toEqual(fact.sightings);
        expect(found[0]?.size ?? undefined).toBe(fact.size);
      }
    },
  );

  it('is the same bytes for the same facts, in any order of files', async () => {
    const again = await buildDatabase({ ...facts, files: [...facts.files].reverse() }, sha256);
    expect([...again.keys()]).toEqual([...built.keys()]);
    // Buffers compared as bytes: a deep comparison of seven million elements takes ten seconds.
    for (const [path, bytes] of again) expect(Buffer.compare(bytes, built.get(path)!), path).toBe(0);
  });

  it('keeps every shard at or below 64 KiB', () => {
    for (const [path, bytes] of built) expect(bytes.length, path).toBeLessThanOrEqual(64 * 1024);
  });

  it('asks for one shard a look-up and never sends the digest', async () => {
    const files = inMemory(built);
    const db = await openDatabase({ files, sha256 });
    const file = facts.files[1000]!;
    await Promise.all([db.find(file.sha256), db.find(file.sha256)]);
    expect(files.asked).toEqual(['manifest.json', `files/${file.sha256.slice(0, 2)}.json`]);
  });

  it('refuses a shard with one flipped bit, by name, and says neither known nor unknown', async () => {
    const file = facts.files[0]!;
    const path = `files/${file.sha256.slice(0, 2)}.json`;
    const db = await openDatabase({ files: inMemory(changed(built, path, flipBit)), sha256 });
    expect(await codeOf(db.find(file.sha256))).toMatchObject({ code: 'DB_SHARD_DIGEST', detail: { file: path } });
  });

  it('says that a shard is missing, by name', async () => {
    const db = await openDatabase({ files: inMemory(changed(built, 'files/00.json', () => null)), sha256 });
    expect(await codeOf(db.find('00'.repeat(32)))).toMatchObject({
      code: 'DB_SHARD_MISSING',
      detail: { file: 'files/00.json' },
    });
  });

  it('tries a shard again after a failure', async () => {
    const files = new Map(built);
    const good = files.get('files/00.json')!;
    files.delete('files/00.json');
    const db = await openDatabase({ files: inMemory(files), sha256 });
    await expect(db.find('00'.repeat(32))).rejects.toThrow('DB_SHARD_MISSING');
    files.set('files/00.json', good);
    expect(await db.find('00'.repeat(32))).toEqual([]);
  });

  it('refuses a manifest that is missing, newer, rolled back, altered or no manifest', async () => {
    const open = (edit: (b: Uint8Array) => Uint8Array | null, seen = 0) =>
      codeOf(openDatabase({ files: inMemory(changed(built, 'manifest.json', edit)), sha256, seen }));
    expect((await open(() => null)).code).toBe('DB_MANIFEST_MISSING');
    expect(await open(editManifest((m) => (m['version'] = 2)))).toMatchObject({
      code: 'DB_TOO_NEW',
      detail: { version: 2 },
    });
    expect((await open((b) => b, 2)).code).toBe('DB_ROLLED_BACK');
    expect(await open(editManifest((m) => (m['sequence'] = 9)))).toMatchObject({
      code: 'DB_FORMAT',
      detail: { where: 'id' },
    });
    expect((await open(editManifest((m) => delete m['sections']))).code).toBe('DB_FORMAT');
    expect((await open(() => new TextEncoder().encode('<!doctype html>'))).code).toBe('DB_FORMAT');
  });

  describe('that outgrew two digits', () => {
    const some = (count: number): DatabaseInput => ({ ...facts, files: facts.files.slice(0, count) });
    it('is cut by as many digits as keep shards small, and is found all the same', async () => {
      const files = await buildDatabase(facts, sha256, 16_000);
      const db = await openDatabase({ files: inMemory(files), sha256 });
      expect(db.manifest.sections.files).toMatchObject({ prefix: 3, shards: 4096 });
      for (const file of pick(facts.files, 50)) expect(await db.find(file.sha256)).toHaveLength(file.sightings.length);
    });
    it('above 4,096 shards keeps their digests in 256 section files, each held against the manifest', async () => {
      const { files } = some(3000);
      const large = await buildDatabase(some(3000), sha256, 400);
      const asked = inMemory(large);
      const db = await openDatabase({ files: asked, sha256 });
      expect(db.manifest.sections.files).toMatchObject({ prefix: 4, shards: 65_536 });
      expect(db.manifest.sections.files.digests).toBeUndefined();
      const digest = files[1234]!.sha256;
      expect(await db.find(digest)).toHaveLength(files[1234]!.sightings.length);
      const section = `sections/files/${digest.slice(0, 2)}.json`;
      expect(asked.asked).toEqual(['manifest.json', section, `files/${digest.slice(0, 4)}.json`]);
      for (const file of pick(files, 50)) expect(await db.find(file.sha256)).toHaveLength(file.sightings.length);

      const spoilt = await openDatabase({ files: inMemory(changed(large, section, flipBit)), sha256 });
      expect(await codeOf(spoilt.find(digest))).toMatchObject({ code: 'DB_SHARD_DIGEST', detail: { file: section } });
      const lacking = await openDatabase({ files: inMemory(changed(large, section, () => null)), sha256 });
      expect(await codeOf(lacking.find(digest))).toMatchObject({ code: 'DB_SHARD_MISSING', detail: { file: section } });
      const inside = `files/${digest.slice(0, 4)}.json`;
      const flipped = await openDatabase({ files: inMemory(changed(large, inside, flipBit)), sha256 });
      expect(await codeOf(flipped.find(digest))).toMatchObject({ code: 'DB_SHARD_DIGEST', detail: { file: inside } });
    });
  });

  it('refuses a manifest that states fewer digests than it has shards', async () => {
    for (const edit of [
      (m: Record<string, { files: Record<string, unknown> }>) => (m['sections']!.files['digests'] = 'AAAA'),
      (m: Record<string, { files: Record<string, unknown> }>) => (m['sections']!.files['shards'] = 16),
      (m: Record<string, { files: Record<string, unknown> }>) => delete m['sections']!.files['digests'],
      (m: Record<string, { files: Record<string, unknown> }>) =>
        Object.assign(m['sections']!.files, { prefix: 4, shards: 65_536 }),
      (m: Record<string, { files: Record<string, unknown> }>) => (m['sections']!.files['digests'] = '!'.repeat(10_924)),
    ]) {
      const files = inMemory(
        changed(
          built,
          'manifest.json',
          editManifest((m) => edit(m as never)),
        ),
      );
      expect((await codeOf(openDatabase({ files, sha256 }))).code).toBe('DB_FORMAT');
    }
  });

  it('refuses a digest that is no SHA-256', async () => {
    const db = await openDatabase({ files: inMemory(built), sha256 });
    expect((await codeOf(db.find('../manifest'))).code).toBe('CLAIM_DIGEST');
  });
});
