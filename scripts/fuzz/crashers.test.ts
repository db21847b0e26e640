import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/core/formats/registry.ts';
import { Corpus } from './corpus.ts';
import { feedOf, inputAt } from './input.ts';
import { minimise } from './minimise.ts';
import { outcomeOf } from './target.ts';
import { TARGETS } from './targets.ts';

const ROOT = join(import.meta.dirname, '../..');
const CRASHERS = join(ROOT, 'fixtures/crashers');
/** The bound of the fuzzer, and half as much again for a busy machine. */
const SLOW_MS = 3_000;
const files = existsSync(CRASHERS) ? readdirSync(CRASHERS).filter((name) => name.endsWith('.bin')) : [];

describe.skipIf(files.length === 0)('inputs that once broke a parser', () => {
  it.each(files)('%s is described or refused with a code', async (name) => {
    const target = TARGETS.find(({ id }) => id === name.replace(/-[0-9a-f]+\.bin$/, ''));
    expect(target, 'the parser it is named after').toBeDefined();
    const bytes = new Uint8Array(readFileSync(join(CRASHERS, name)));
    // Once before it counts: what is loaded on first use takes longer than any parser.
    expect(await outcomeOf(target!, bytes)).toMatch(/^(?:described|refused)$/);
    const before = process.cpuUsage();
    await outcomeOf(target!, bytes);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000, 'milliseconds of processor time').toBeLessThan(SLOW_MS);
  });
});

describe('changed inputs', () => {
  it('come out the same for the same words, and differ for others', async () => {
    const corpus = await Corpus.load(ROOT);
    for (const target of TARGETS) {
      const feed = feedOf(target, target.seeds(corpus));
      const made = (session: string): string[] =>
        Array.from({ length: 6 }, (_, i) => Buffer.from(inputAt(feed, session, feed.seeds.length + i)).toString('hex'));
      expect(made('a'), target.id).toEqual(made('a'));
      expect(made('a'), target.id).not.toEqual(made('b'));
    }
  });

  it('every container of the registry is fed, and no two parsers have one name', () => {
    const ids = TARGETS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(FORMATS.map(({ id }) => id as string).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('a failing input is made as small as its failure', async () => {
    const input = Uint8Array.from({ length: 3_000 }, (_, i) => (i === 1_777 ? 66 : 1 + (i % 60)));
    const small = await minimise(input, async (bytes) => bytes.includes(66));
    expect([...small]).toEqual([66]);
  });
});
