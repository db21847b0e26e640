import { mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ByteSource } from '../core/bytes/source.ts';
import type { PlannedArtifact } from '../core/scan/model.ts';
import { FolderStore } from './feature-cache.ts';
import { contentOfFile } from './file-digests.ts';
import { openFile } from './fs-source.ts';

let folder = '';
let path = '';
let reads = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-digests-'));
  path = join(folder, 'model.safetensors');
  await writeFile(path, 'weights');
  reads = 0;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const signal = new AbortController().signal;

async function content(of = path): Promise<string | null> {
  const source = await openFile({ name: 'm', path: of });
  const counted: ByteSource = {
    name: source.name,
    size: source.size,
    random: true,
    read: (start, end) => source.read(start, end),
    stream: (start, end) => {
      reads++;
      return source.stream(start, end);
    },
    settle: () => source.settle(),
  };
  const spec = { kind: 'path', name: 'm', path: of } as const;
  return contentOfFile(new FolderStore(join(folder, 'cache')), { spec } as PlannedArtifact, counted, signal);
}

/** As if the file had been left alone for ten seconds before it is read. */
function later(): void {
  const now = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => now + 10_000);
}

it('a file that was left alone is hashed once', async () => {
  later();
  const first = await content();
  expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await content()).toBe(first);
  expect(reads).toBe(1);
});

it('one that was just written is hashed each time: a write in the same tick of the clock would not show', async () => {
  await content();
  await content();
  expect(reads).toBe(2);
});

it('one that was edited is hashed again, though it has the size and the times it had', async () => {
  later();
  const before = await content();
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  bytes[3] = bytes[3]! ^ 1;
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
  expect(await content()).not.toBe(before);
  expect(reads).toBe(2);
});

it('one that was moved is hashed again, and has the same content', async () => {
  later();
  const before = await content();
  await rename(path, `${path}.moved`);
  expect(await content(`${path}.moved`)).toBe(before);
});

it('behind an address, only a commit names content', async () => {
  const at = (url: string): Promise<string | null> =>
    contentOfFile(
      new FolderStore(folder),
      { spec: { kind: 'http', name: 'm', url } } as PlannedArtifact,
      { size: 7 } as ByteSource,
      signal,
    );
  const commit = 'a'.repeat(40);
  expect(await at('https://huggingface.co/o/n/resolve/main/m')).toBeNull();
  expect(await at(`https://huggingface.co/o/n/resolve/${commit}/m`)).toContain(commit);
});
