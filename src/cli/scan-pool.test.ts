import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from 'vite';
import type { JobContext, Progress } from '../core/progress.ts';
import { silentContext } from '../core/progress.ts';
import type { ArtifactScan, Plan, PlannedArtifact } from '../core/scan/model.ts';
import * as source from './scan-pool.ts';

const MiB = 1024 * 1024;
const root = join(import.meta.dirname, '../..');
let folder: string;
/** The same module as it is shipped, with the file its threads run beside it. */
let built: typeof source;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-pool-'));
  const out = join(folder, 'built');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: out,
      rollupOptions: {
        input: { pool: join(root, 'src/cli/scan-pool.ts'), thread: join(root, 'src/cli/thread.ts') },
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  });
  // The shipped file is called thread.js and lies in a package of ES modules.
  writeFileSync(join(out, 'thread.js'), "import './thread.mjs';\n");
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  built = (await import(/* @vite-ignore */ pathToFileURL(join(out, 'pool.mjs')).href)) as typeof source;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A safetensors file of this size whose one tensor is zeros, with a mark near its end. */
function model(name: string, size: number): PlannedArtifact {
  const header = `{"w":{"dtype":"U8","shape":[${size - 128}],"data_offsets":[0,${size - 128}]}}`.padEnd(120, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(120n);
  const path = join(folder, name);
  const file = openSync(path, 'w');
  writeSync(file, length);
  writeSync(file, header);
  ftruncateSync(file, size);
  writeSync(file, name, size - 100);
  closeSync(file);
  return {
    path: name,
    size,
    spec: { kind: 'path', name, path },
    role: 'weights',
    algorithms: [],
    tensorAlgorithms: [],
  };
}

function planOf(...artifacts: PlannedArtifact[]): Plan {
  const bytes = artifacts.reduce((sum, a) => sum + a.size, 0);
  return { name: 'm', origin: { kind: 'local' }, depth: 'full', artifacts, bytes, checks: [] };
}

/** SHA-256 of the file and of its tensor, the long way. */
function expected({ path, size }: PlannedArtifact): { file: string; tensor: string } {
  const bytes = Buffer.alloc(size);
  bytes.writeBigUInt64LE(120n);
  bytes.write(`{"w":{"dtype":"U8","shape":[${size - 128}],"data_offsets":[0,${size - 128}]}}`.padEnd(120, ' '), 8);
  bytes.write(path, size - 100);
  const tree = createHash('sha256').update(`assay-tensor-v1\nU8\n[${size - 128}]\n4194304\n${size - 128}\n`);
  for (let at = 128; at < size; at += 4 * MiB) {
    tree.update(
      createHash('sha256')
        .update(bytes.subarray(at, at + 4 * MiB))
        .digest(),
    );
  }
  return { file: createHash('sha256').update(bytes).digest('hex'), tensor: tree.digest('hex') };
}

/** Threads that this thread started meanwhile. */
async function threadsOf(work: () => Promise<void>): Promise<number> {
  let started = 0;
  const count = (): void => void started++;
  process.on('worker', count);
  await work();
  process.off('worker', count);
  return started;
}

function check(scans: readonly ArtifactScan[], artifacts: readonly PlannedArtifact[]): void {
  expect(scans.map((s) => [s.path, s.status])).toEqual(artifacts.map((a) => [a.path, 'complete']));
  for (const [i, scan] of scans.entries()) {
    const wanted = expected(artifacts[i]!);
    expect(scan.digests.sha256).toBe(wanted.file);
    expect(scan.tensorDigests).toEqual([wanted.tensor]);
  }
}

describe('runScans', () => {
  it('digests on this thread when run from source', async () => {
    const artifacts = [model('a', 5 * MiB), model('b', 9 * MiB)];
    check(await source.runScans(planOf(...artifacts), silentContext()), artifacts);
  });

  it('digests one large file with its leaves on another thread', async () => {
    const artifacts = [model('c', 50 * MiB + 333)];
    const started = await threadsOf(async () => {
      check(await built.runScans(planOf(...artifacts), silentContext()), artifacts);
    });
    expect(started).toBe(1);
  });

  it('digests several large files on several threads, with progress that never goes back', async () => {
    const artifacts = [model('d', 2 * MiB), model('e', 65 * MiB + 1), model('f', 70 * MiB + 4095)];
    const seen: number[] = [];
    const ctx: JobContext = { ...silentContext(), progress: (p: Progress) => seen.push(p.done) };
    const started = await threadsOf(async () => check(await built.runScans(planOf(...artifacts), ctx), artifacts));
    // Two large files: as many scans at once as there are cores for them.
    expect(started).toBe(availableParallelism() > 1 ? 2 : 1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(artifacts.reduce((sum, a) => sum + a.size, 0));
  });

  it('keeps what is finished when stopped, and says so of the rest, within a second', async () => {
    const artifacts = [model('g', 3000 * MiB), model('h', 3000 * MiB), model('i', 3000 * MiB)];
    const controller = new AbortController();
    let stopped = 0;
    const ctx: JobContext = {
      ...silentContext(controller.signal),
      progress: ({ done }) => {
        if (done === 0 || stopped !== 0) return;
        stopped = performance.now();
        controller.abort();
      },
    };
    const scans = await built.runScans(planOf(...artifacts), ctx);
    expect(performance.now() - stopped).toBeLessThan(1500);
    expect(scans.map((s) => s.status)).toEqual(['aborted', 'aborted', 'aborted']);
    expect(scans.every((s) => Object.keys(s.digests).length === 0)).toBe(true);
  });

  it('fails the file that is not there and no other', async () => {
    const gone = { ...model('j', MiB), spec: { kind: 'path', name: 'j', path: join(folder, 'nowhere') } } as const;
    const scans = await source.runScans(planOf(gone, model('k', MiB)), silentContext());
    expect(scans[0]).toMatchObject({ status: 'failed', error: { code: 'SOURCE_NOT_FOUND' } });
    expect(scans[1]!.status).toBe('complete');
  });
});
