import { describe, expect, it } from 'vitest';
import { readEntries } from './dropped.ts';
import { readReference } from './reference.ts';

const file = (name: string): FileSystemEntry =>
  ({
    isFile: true,
    isDirectory: false,
    name,
    file: (done: (file: File) => void) => done(new File(['x'], name)),
  }) as unknown as FileSystemEntry;

/** A folder that hands out its children in batches, as Chromium does after a hundred. */
const folder = (name: string, children: FileSystemEntry[], batch = 100): FileSystemEntry =>
  ({
    isFile: false,
    isDirectory: true,
    name,
    createReader: () => {
      let at = 0;
      return { readEntries: (done: (list: FileSystemEntry[]) => void) => done(children.slice(at, (at += batch))) };
    },
  }) as unknown as FileSystemEntry;

describe('a drop', () => {
  it('of one folder has paths inside it, from every batch and every depth', async () => {
    const many = Array.from({ length: 250 }, (_, i) => file(`part-${String(i).padStart(3, '0')}.safetensors`));
    const { name, files } = await readEntries([folder('model', [...many, folder('vae', [file('config.json')])])]);
    expect(name).toBe('model');
    expect(files).toHaveLength(251);
    expect(files.at(-1)?.path).toBe('vae/config.json');
  });
  it('of several things keeps the names of their folders', async () => {
    const { name, files } = await readEntries([folder('b', [file('1')]), file('a.gguf')]);
    expect(files.map((f) => f.path)).toEqual(['a.gguf', 'b/1']);
    expect(name).toBe('a.gguf and 1 more');
  });
  it('leaves out what tools keep for themselves, and keeps the claims of a download cache', async () => {
    const inside = [folder('.git', [file('HEAD')]), folder('.cache', [file('metadata')]), file('m.safetensors')];
    const { files } = await readEntries([folder('model', inside)]);
    expect(files.map((f) => f.path)).toEqual(['.cache/metadata', 'm.safetensors']);
  });
  it('that cannot be read fails with SOURCE_UNREADABLE', async () => {
    const locked = {
      isFile: true,
      isDirectory: false,
      name: 'x',
      file: (_: unknown, fail: (e: Error) => void) => fail(new Error('no')),
    } as unknown as FileSystemEntry;
    await expect(readEntries([locked])).rejects.toThrow('SOURCE_UNREADABLE');
  });
});

describe('the field', () => {
  const digest = 'AB'.repeat(32);
  it('takes a digest, bare or with its algorithm, for a digest', () => {
    expect(readReference(` ${digest} `)).toEqual({ kind: 'digest', digest: digest.toLowerCase() });
    expect(readReference(`sha256:${digest}`)).toEqual({ kind: 'digest', digest: `sha256:${digest.toLowerCase()}` });
  });
  it('takes a name and an address of Hugging Face for a repository', () => {
    expect(readReference('org/name')).toEqual({ kind: 'hub', ref: { repo: 'org/name' } });
    expect(readReference('https://huggingface.co/org/name/tree/dev')).toEqual({
      kind: 'hub',
      ref: { repo: 'org/name', revision: 'dev' },
    });
  });
  it('does not ask other hosts, however like Hugging Face they are spelt', () => {
    for (const url of ['https://example.org/m.gguf', 'https://huggingface.co.evil.org/a/b', 'http://127.0.0.1/x']) {
      expect(() => readReference(url)).toThrow('SOURCE_FORBIDDEN_ORIGIN');
    }
  });
});
