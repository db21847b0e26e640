import { execFileSync } from 'node:child_process';
import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { code, collect, pattern, sha256, sourceSuite, type Change } from '../core/bytes/source.suite.ts';
import { AppError } from '../core/errors.ts';
import { openFile } from './fs-source.ts';

let folder = '';
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-fs-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `f${(count += 1)}`);
  await writeFile(path, bytes);
  return path;
}

async function alter(path: string, how: Change): Promise<void> {
  if (how === 'grow') return appendFile(path, 'x');
  if (how === 'shrink') return truncate(path, (await stat(path)).size - 1);
  const handle = await open(path, 'r+');
  await handle.write('changed', 20_000_000);
  await handle.close();
  // File systems count time in ticks; the test must not depend on how fast it is.
  const now = Date.now() / 1000 + 5;
  return utimes(path, now, now);
}

sourceSuite({
  title: 'a file of this machine',
  async open(bytes) {
    const path = await file(bytes);
    return {
      source: await openFile({ name: 'f', path }),
      change: (how) => alter(path, how),
      close: () => rm(path),
    };
  },
  async openSparse(size, at, mark) {
    const path = await file(new Uint8Array(0));
    await truncate(path, size);
    const handle = await open(path, 'r+');
    await handle.write(mark, 0, mark.length, at);
    await handle.close();
    return { source: await openFile({ name: 'f', path }), close: () => rm(path) };
  },
  notices: ['grow', 'shrink', 'rewrite'],
});

async function reason(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof AppError ? `${error.code} ${String(error.detail['reason'])}` : String(error)),
  );
}

describe('a file of this machine', () => {
  it('is SOURCE_NOT_FOUND when there is none', async () => {
    expect(await code(openFile({ name: 'f', path: join(folder, 'none') }))).toBe('SOURCE_NOT_FOUND');
    const path = await file(pattern(10));
    expect(await code(openFile({ name: 'f', path: join(path, 'below') }))).toBe('SOURCE_NOT_FOUND');
  });

  it.skipIf(process.platform === 'win32')(
    'is refused, without waiting, when it is a folder, a device, a FIFO or a socket',
    async () => {
      const fifo = join(folder, 'fifo');
      execFileSync('mkfifo', [fifo]);
      const socket = join(folder, 'socket');
      const server = createServer().listen(socket);
      await mkdir(join(folder, 'sub'));
      expect(await reason(openFile({ name: 'f', path: join(folder, 'sub') }))).toBe('SOURCE_UNREADABLE directory');
      expect(await reason(openFile({ name: 'f', path: '/dev/zero' }))).toBe('SOURCE_UNREADABLE device');
      expect(await reason(openFile({ name: 'f', path: fifo }))).toBe('SOURCE_UNREADABLE fifo');
      expect(await reason(openFile({ name: 'f', path: socket }))).toBe('SOURCE_UNREADABLE socket');
      server.close();
    },
  );

  it('is read through a symbolic link only when that was said', async () => {
    const path = await file(pattern(100));
    const link = join(folder, 'link');
    await symlink(path, link);
    expect(await reason(openFile({ name: 'f', path: link }))).toBe('SOURCE_UNREADABLE symbolic-link');
    const source = await openFile({ name: 'f', path: link, followLinks: true });
    expect(sha256(await source.read(0, 100))).toBe(sha256(pattern(100)));
  });

  it('is not read through a link put in its place after it was opened', async () => {
    const path = await file(pattern(100));
    const other = await file(pattern(100));
    const source = await openFile({ name: 'f', path });
    await rm(path);
    await symlink(other, path);
    expect(await reason(source.read(0, 100))).toBe('SOURCE_UNREADABLE symbolic-link');
  });

  it('is SOURCE_CHANGED when another file of the same size and date took its place, or none', async () => {
    const path = await file(pattern(100));
    const { atime, mtime } = await stat(path);
    const source = await openFile({ name: 'f', path });
    const other = await file(pattern(100));
    await utimes(other, atime, mtime);
    await rename(other, path);
    expect(await reason(source.read(0, 100))).toBe('SOURCE_CHANGED replaced');
    await rm(path);
    expect(await reason(collect(source.stream(0, 100)))).toBe('SOURCE_CHANGED gone');
    expect(await reason(source.settle())).toBe('SOURCE_CHANGED gone');
  });

  it('is SOURCE_CHANGED by its size alone, whatever its date was set to', async () => {
    const path = await file(pattern(100));
    await utimes(path, 1000, 1000);
    const source = await openFile({ name: 'f', path });
    await appendFile(path, 'x');
    await utimes(path, 1000, 1000);
    expect(await reason(source.read(0, 100))).toBe('SOURCE_CHANGED size');
  });
});
