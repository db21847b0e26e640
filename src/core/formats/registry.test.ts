import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { describeFile } from './describe.ts';
import { FORMATS, formatByName, identify } from './registry.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');
/** Folders that hold the fixtures of several formats. */
const SHARED: Readonly<Record<string, string>> = {
  npy: 'numpy',
  npz: 'numpy',
  'tensorflow-savedmodel': 'tensorflow',
  'tensorflow-graphdef': 'tensorflow',
  'tensorflow-checkpoint': 'tensorflow',
  'pytorch-zip': 'pytorch',
  'pytorch-legacy': 'pytorch',
  'pytorch-tar': 'pytorch',
  torchscript: 'pytorch',
  'torch-export': 'pytorch',
};

describe.each(FORMATS.map((entry) => [entry.id, entry] as const))('the registered format %s', (id, entry) => {
  const folder = join(FIXTURES, SHARED[id] ?? id);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const ours = files.filter((name) => entry.extensions.some((extension) => name.endsWith(extension)));

  it('has a fixture that is read and one that is refused', async () => {
    for (const [start, answer] of [
      ['good-', 'opened'],
      ['broken-', 'formatError'],
    ] as const) {
      const names = ours.filter((name) => name.startsWith(start));
      expect(names, `fixtures of ${id} that begin with ${start}`).not.toEqual([]);
      for (const name of names) {
        const found = await describeFile(new MemorySource(name, new Uint8Array(readFileSync(join(folder, name)))));
        expect(found[answer], name).toBeDefined();
      }
    }
  });

  it('is the one its reader says it is, and is found by its own names', async () => {
    const format = await entry.load();
    expect(format.id).toBe(id);
    expect(format.title).toBe(entry.title);
    expect(format.extensions).toEqual(entry.extensions);
    for (const extension of entry.extensions) expect(formatByName(`A/B${extension.toUpperCase()}`)).not.toBeNull();
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
