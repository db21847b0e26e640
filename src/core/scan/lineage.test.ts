import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { makeZip } from '../formats/zip/write.suite.ts';
import { deepZip, kitFiles, PARQUET } from '../db/kit.suite.ts';
import { silentContext } from '../progress.ts';
import type { LineageResult } from '../report/lineage.ts';
import { compareTools, modelOf } from './compare.suite.ts';
import type { DeepPlace, ModelInput } from './compare-request.ts';
import { scanLineage, type LineageTools } from './lineage.ts';

const root = new URL('../../../fixtures/signals/llama/', import.meta.url);

function llama(): ModelInput {
  const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, root)));
  return modelOf('llama', Object.fromEntries(readdirSync(root).map((name) => [name, read(name)])));
}

/** A folder of the Kit, with these files in place of its own; null takes one away. */
function kit(changes: Readonly<Record<string, Uint8Array | null>> = {}): DeepPlace {
  const files = [...kitFiles()].flatMap(([path, bytes]) => {
    const now = Object.hasOwn(changes, path) ? changes[path]! : bytes;
    if (now === null) return [];
    return [{ path, size: now.length, spec: { kind: 'bytes', name: path, bytes: now } } as const];
  });
  return { kind: 'folder', files };
}

function run(deep: DeepPlace, ctx = silentContext(), more: Partial<LineageTools> = {}): Promise<LineageResult> {
  const request = { model: llama(), database: './db/', deep, threshold: 0, now: '2026-11-21T00:00:00Z' };
  return scanLineage(request, { ...compareTools(), ...more }, ctx);
}

const gaps = ({ matches }: LineageResult) =>
  Object.fromEntries(matches[0]!.signals.flatMap(({ signal, gap }) => (gap === undefined ? [] : [[signal, gap]])));

describe('a model against a folder of the Kit', () => {
  it('is scored with its weights; what the catalogue does not keep is a gap with its reason', async () => {
    const found = await run(kit());
    expect(found).toMatchObject({
      database: { kind: 'mpk-folder', deep: 'folder', id: null },
      counts: { entries: 1, scored: 1, leftOut: 0, withWeights: 1, notReached: 0, below: 0 },
      stopped: false,
    });
    expect(gaps(found)).toEqual({ voa: 'not-kept' });
    expect(found.matches[0]).toMatchObject({
      weightsCompared: true,
      score: found.matches[0]!.mpk.scores.pipeline_score,
    });
  });

  it('an equal configuration is tagged as that, though weights were compared as well', async () => {
    const [match] = (await run(kit())).matches;
    expect(match).toMatchObject({ configurationOnly: true, mpk: { scores: { mfi_tier: 1 } } });
  });

  it('whose weight signals are not there says that they are not at hand', async () => {
    const found = await run(kit({ [PARQUET]: null }));
    expect(gaps(found)).toMatchObject({ eas: 'not-at-hand', wvc: 'not-at-hand' });
    expect(found.counts.withWeights).toBe(0);
    expect(found.matches[0]?.weightsCompared).toBe(false);
  });

  it('whose weight signals were changed says that they could not be used, and goes on', async () => {
    const bytes = kitFiles().get(PARQUET)!.slice().fill(7, 100, 200);
    const found = await run(kit({ [PARQUET]: bytes }));
    expect(gaps(found)).toMatchObject({ eas: 'unreadable' });
    expect(found.matches[0]?.signals.find(({ signal }) => signal === 'eas')?.error?.code).toBe('DB_SHARD_DIGEST');
  });

  it('out of a zip that holds all of it is the same', async () => {
    const zip = makeZip([...kitFiles()].map(([name, data]) => ({ name, data })));
    const found = await run({ kind: 'zip', spec: { kind: 'bytes', name: 'kit.zip', bytes: zip } });
    expect(found.database).toMatchObject({ kind: 'mpk-folder', deep: 'zip' });
    expect(found.matches.map(({ mpk }) => mpk)).toEqual((await run(kit())).matches.map(({ mpk }) => mpk));
  });

  it('that is stopped while weights are looked up keeps what needed none, and marks the rest', async () => {
    const stop = new AbortController();
    const files = [...kitFiles()].map(([path, bytes]) => ({
      path,
      size: bytes.length,
      spec: { kind: 'path', name: path, path } as const,
    }));
    const found = await run({ kind: 'folder', files }, silentContext(stop.signal), {
      openPath: async (name, path) => {
        if (path === PARQUET) stop.abort();
        return new MemorySource(name, kitFiles().get(path)!);
      },
    });
    expect(found).toMatchObject({ stopped: true, counts: { scored: 1, withWeights: 0, notReached: 1 } });
    expect(gaps(found)).toMatchObject({ eas: 'stopped' });
  });

  it('that was stopped before it began is a result with nothing in it', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await run(kit(), silentContext(stop.signal))).toMatchObject({ stopped: true, info: null, matches: [] });
  });
});

describe('a model against a catalogue that cannot be read', () => {
  it('is a result that says why, and counts nothing', async () => {
    const found = await run({ kind: 'none' }, silentContext(), {
      databaseFiles: () => ({ get: async () => null }),
    });
    expect(found).toMatchObject({
      database: null,
      databaseError: { code: 'DB_MANIFEST_MISSING' },
      counts: { entries: 0, scored: 0 },
      matches: [],
    });
  });

  it('a zip of weight signals without a catalogue needs one of its own', async () => {
    const found = await run(
      { kind: 'zip', spec: { kind: 'bytes', name: 'deep.zip', bytes: deepZip() } },
      silentContext(),
      {
        databaseFiles: () => null,
      },
    );
    expect(found.databaseError).toMatchObject({ code: 'ENGINE_UNSUPPORTED' });
  });
});
