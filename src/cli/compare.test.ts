import { cp, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseOptions } from './args.ts';
import { cache } from './cache.ts';
import { compare } from './compare.ts';
import { scan } from './scan.ts';

const LLAMA = fileURLToPath(new URL('../../fixtures/signals/llama/', import.meta.url));
const KIT = fileURLToPath(new URL('../../fixtures/signals/kit/', import.meta.url));
let folder = '';
let said = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-compare-'));
  said = '';
  vi.spyOn(console, 'log').mockImplementation((line: string) => void (said += `${line}\n`));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  await cp(LLAMA, join(folder, 'a'), { recursive: true });
  await cp(LLAMA, join(folder, 'b'), { recursive: true });
  // One number of the last tensor: the exponent of a float16.
  const weights = await readFile(join(folder, 'b/model.safetensors'));
  weights[weights.length - 1] = weights.at(-1)! ^ 0x10;
  await writeFile(join(folder, 'b/model.safetensors'), weights);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const signal = new AbortController().signal;
const options = (...argv: string[]) => parseOptions(argv);
const both = (...more: string[]) => options('compare', join(folder, 'a'), join(folder, 'b'), ...more);

describe('assay compare', () => {
  it('tells tensor by tensor what is identical and how far apart the rest is', async () => {
    expect(await compare(both('--tensors'), signal)).toBe(0);
    expect(said).toMatch(/^20 of 21 tensors are identical, 1 differs: /);
    expect(said).toMatch(/differs .* 1 of [\d,]+ numbers/);
    expect(said).toContain('Models with unrelated weights share a configuration.');
  });

  it('gives JSON with the Kit’s field names under mpk, and the whole comparison beside it', async () => {
    expect(await compare(both('--tensors', '--json'), signal)).toBe(0);
    const found = JSON.parse(said) as { comparison: { tensors: { relation: string }[] } };
    expect(found).toMatchObject({
      mpk: {
        model_a: join(folder, 'a'),
        scores: { mfi_tier: 1, provenance_decision: 'Confirmed Match' },
        timing: { cache_hit: 'False' },
      },
      missing: [],
      comparison: {
        format: 'assay-comparison',
        depth: 'tensors',
        stopped: false,
        sides: [{ name: 'a' }, { name: 'b' }],
      },
    });
    const { tensors } = found.comparison;
    expect(tensors.filter(({ relation }) => relation === 'differs')).toMatchObject([{ changed: 1 }]);
  });

  it('reads no tensor by itself unless it is asked to', async () => {
    await compare(both('--json'), signal);
    expect(JSON.parse(said)).toMatchObject({ comparison: { depth: 'signals', tensors: [] } });
  });

  it('that was stopped tells what it came to, with the status of a stopped program', async () => {
    const stop = new AbortController();
    const running = compare(both('--tensors', '--json'), stop.signal);
    // Planning is done; the comparison has begun.
    setTimeout(() => stop.abort(), 0);
    const status = await running.catch((error: unknown) => (error as { code?: string }).code);
    expect([130, 'SOURCE_ABORTED']).toContain(status);
    if (status === 130) expect(JSON.parse(said)).toMatchObject({ comparison: { stopped: true } });
  });
});

describe('the cache of signals', () => {
  const hit = async (name: string, ...more: string[]): Promise<readonly (boolean | undefined)[]> => {
    said = '';
    await compare(options('compare', join(folder, name), join(folder, name), '--json', ...more), signal);
    const { comparison } = JSON.parse(said) as { comparison: { sides: { cached?: boolean }[] } };
    return comparison.sides.map(({ cached }) => cached);
  };
  /** Long enough ago that a digest of the file may be remembered. */
  const aged = async (name: string): Promise<void> => {
    const before = new Date(Date.now() - 60_000);
    for (const file of await readdir(join(folder, name))) await utimes(join(folder, name, file), before, before);
  };

  it('hits for a model that was renamed, and for one that was copied', async () => {
    await hit('a');
    expect(await hit('a')).toEqual([true, true]);
    await rename(join(folder, 'a'), join(folder, 'c'));
    expect(await hit('c')).toEqual([true, true]);
    await cp(join(folder, 'c'), join(folder, 'd'), { recursive: true });
    expect(await hit('d')).toEqual([true, true]);
  });

  it('misses for one of which a byte was changed, though size, name and date are as before', async () => {
    await aged('a');
    await hit('a');
    const path = join(folder, 'a/model.safetensors');
    const { atime, mtime } = await stat(path);
    const bytes = await readFile(path);
    bytes[bytes.length - 2] = bytes.at(-2)! ^ 1;
    await writeFile(path, bytes);
    await utimes(path, atime, mtime);
    expect((await stat(path)).mtimeMs).toBeCloseTo(mtime.getTime(), 1);
    expect((await hit('a'))[0]).toBeUndefined();
  });

  it('is neither looked into nor filled with --no-cache', async () => {
    await hit('a', '--no-cache');
    expect(await readdir(folder)).not.toContain('cache');
    await hit('a');
    expect(await hit('a', '--no-cache')).toEqual([undefined, undefined]);
  });

  it('drops an entry that was tampered with, and extracts anew', async () => {
    await hit('a');
    const kept = join(folder, 'cache/assay/features');
    for (const name of await readdir(kept)) {
      const bytes = await readFile(join(kept, name));
      bytes[bytes.length - 1] = bytes.at(-1)! ^ 1;
      await writeFile(join(kept, name), bytes);
    }
    expect((await hit('a'))[0]).toBeUndefined();
    expect(await hit('a')).toEqual([true, true]);
  });

  it('is shown and cleared, and nothing else in its folder is', async () => {
    await hit('a');
    const kept = join(folder, 'cache/assay/features');
    await writeFile(join(kept, 'thesis.txt'), 'x');
    said = '';
    expect(await cache(options('cache', 'show', '--json'))).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ models: 1, cleared: false });
    said = '';
    expect(await cache(options('cache', 'clear'))).toBe(0);
    expect(said).toMatch(/^Removed signals of 1 model/);
    expect(await readdir(kept)).toEqual(['thesis.txt']);
  });
});

describe('assay scan', () => {
  it('of a model that the Kit’s database holds finds it, with its weights compared', async () => {
    expect(await scan(options('scan', join(folder, 'a'), '--db', KIT, '--json'), signal)).toBe(0);
    const found = JSON.parse(said) as { mpk: { matches: unknown[] }; lineage: { matches: { signals: unknown }[] } };
    expect(found).toMatchObject({
      scored: 1,
      withWeights: 1,
      mpk: { match_count: 1, model_info: { model_path: join(folder, 'a'), model_type: 'llama' } },
      lineage: {
        format: 'assay-lineage',
        database: { kind: 'mpk-folder', deep: 'folder' },
        matches: [{ configurationOnly: true, weightsCompared: true }],
      },
    });
    expect(found.lineage.matches[0]!.signals).toContainEqual({ signal: 'voa', value: null, gap: 'not-kept' });
  });

  it('says of every signal of weights that none was at hand, where there is only the catalogue', async () => {
    await scan(options('scan', join(folder, 'a'), '--threshold', '0', '--top-k', '1', '--json'), signal);
    const { lineage } = JSON.parse(said) as {
      lineage: { counts: { entries: number }; matches: { configurationOnly: boolean; signals: unknown[] }[] };
    };
    expect(lineage.counts.entries).toBeGreaterThan(100);
    expect(lineage.matches[0]!.configurationOnly).toBe(true);
    expect(lineage.matches[0]!.signals).toContainEqual({ signal: 'eas', value: null, gap: 'not-at-hand' });
  });

  it('with no database to search is a question that makes no sense', async () => {
    await expect(scan(options('scan', join(folder, 'a'), '--db', 'none'), signal)).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});
