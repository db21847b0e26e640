import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../app/text/errors.ts';
import { describeFinding } from '../../app/text/findings.ts';
import { MemorySource } from '../bytes/memory.ts';
import { describeFile, type FileDescription } from './describe.ts';
import { FORMATS, formatByName, identify } from './registry.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FIXTURES = join(ROOT, 'fixtures');
const DOCS = readFileSync(join(ROOT, 'docs/formats.md'), 'utf8');
/** What a reviewer is told of every format, in this order. */
const PARTS = ['Read:', 'Decoded:', 'Only recognised:', 'Caps:', 'Told apart:', 'Quirks reported:'];

interface Fixture {
  readonly name: string;
  readonly path: string;
  /** The format its first bytes ask for. */
  readonly taken: string | undefined;
  readonly found: FileDescription;
}

/** Every committed file that is named after what should become of it. */
const fixtures: Fixture[] = [];
beforeAll(async () => {
  for (const path of readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })) {
    const name = path.replace(/^.*[/\\]/, '');
    if (!/^(?:good|broken|odd)-.*\.(?!json$)[a-z\d]+$/.test(name)) continue;
    const bytes = new Uint8Array(readFileSync(join(FIXTURES, path)));
    const taken = identify(bytes.subarray(0, 4096), name, bytes.length)?.entry.id;
    fixtures.push({ name, path, taken, found: await describeFile(new MemorySource(name, bytes)) });
  }
});

describe.each(FORMATS.map((entry) => [entry.id, entry] as const))('the registered format %s', (id, entry) => {
  it('has a fixture that is read and one that is refused', () => {
    const good = fixtures.filter(({ name, found }) => name.startsWith('good-') && found.opened?.format === id);
    expect(good.length, `fixtures of ${id} that begin with good-`).toBeGreaterThan(0);
    const broken = fixtures.filter(({ name, taken }) => name.startsWith('broken-') && taken === id);
    expect(broken.length, `fixtures of ${id} that begin with broken-`).toBeGreaterThan(0);
  });

  it('is explained in docs/formats.md: a row, and a section that leaves nothing out', () => {
    expect(DOCS).toContain(`\n| \`${id}\` |`);
    const section = DOCS.split(/^## /m).find((text) => text.split('\n', 1)[0]!.endsWith(`(\`${id}\`)`)) ?? '';
    const labels = [...section.matchAll(/^\*\*([^*]+)\*\* (.+)$/gm)];
    expect(labels.map(([, label]) => label)).toEqual(PARTS);
    for (const [, label, text] of labels) expect(text!.length, `${id}, ${label}`).toBeGreaterThan(8);
    const row = DOCS.split('\n').find((line) => line.startsWith(`| \`${id}\` |`))!;
    expect(
      entry.extensions.filter((extension) => !row.includes(`\`${extension}\``) && extension !== '.tar.gz'),
    ).toEqual([]);
  });

  it('is the one its reader says it is, and is found by its own names', async () => {
    const format = await entry.load();
    expect(format.id).toBe(id);
    expect(format.title).toBe(entry.title);
    expect(format.extensions).toEqual(entry.extensions);
    for (const extension of entry.extensions) expect(formatByName(`A/B${extension.toUpperCase()}`)).not.toBeNull();
  });
});

describe('the fixtures', () => {
  it('become what their names say, and nothing is said about them without words', () => {
    expect(fixtures.length).toBeGreaterThan(80);
    for (const { name, path, found } of fixtures) {
      const { opened, formatError } = found;
      const outcome = opened !== undefined ? 'read' : formatError !== undefined ? 'refused' : 'something else';
      expect([path, outcome]).toEqual([path, name.startsWith('broken-') ? 'refused' : 'read']);
      if (formatError !== undefined) {
        const { title, why } = explain(formatError);
        expect([formatError.code, title.length > 5, why.length > 10]).toEqual([formatError.code, true, true]);
      }
      for (const finding of [...found.findings, ...(opened?.findings ?? [])]) {
        const { title, why } = describeFinding(finding);
        expect([finding.code, title.length > 5, why.length > 10]).toEqual([finding.code, true, true]);
      }
    }
  });
});

describe('identify', () => {
  const head = new TextEncoder().encode('GGUF');

  it('goes by content first and by name only where content says nothing', () => {
    expect(identify(head, 'model.safetensors', 100)).toMatchObject({ by: 'content', entry: { id: 'gguf' } });
    expect(identify(new Uint8Array(64), 'model.safetensors', 64)).toMatchObject({
      by: 'name',
      entry: { id: 'safetensors' },
    });
    expect(identify(new Uint8Array(64), 'model.unheard-of', 64)).toBeNull();
  });
});
