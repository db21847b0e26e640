import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.ts';
import type { ArtifactScan } from '../../core/scan/model.ts';
import { aborted, done, fakeWorker, planned, type FakeScan, type FakeWorker } from './fake-worker.suite.ts';
import { Pool, type PoolOptions } from './pool.ts';

let started: FakeWorker[] = [];

function poolOf(scan: FakeScan, options: Partial<PoolOptions> = {}): Pool {
  started = [];
  const start = (): FakeWorker => {
    const worker = fakeWorker(scan);
    started.push(worker);
    return worker;
  };
  return new Pool({ start, size: 1, patience: 60, ...options });
}

function scanWith(pool: Pool, name: string, signal = new AbortController().signal): Promise<ArtifactScan> {
  return pool.run((api, port) => api.scan({ artifact: planned(name, 8), depth: 'full' }, port), { signal });
}

const never = new Promise<never>(() => undefined);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(() => {
  for (const worker of started) worker.end();
});

describe('a job', () => {
  it('gets the answer of its worker, and the next job the same worker', async () => {
    const pool = poolOf(async (artifact) => done(artifact));
    expect((await scanWith(pool, 'a')).path).toBe('a');
    expect((await scanWith(pool, 'b')).path).toBe('b');
    expect(started).toHaveLength(1);
  });

  it('keeps code and detail of an error across the boundary, and its worker', async () => {
    const pool = poolOf(async () => {
      throw new AppError('SOURCE_LENGTH', { wanted: 5, got: 3 });
    });
    await expect(scanWith(pool, 'a')).rejects.toMatchObject({ code: 'SOURCE_LENGTH', detail: { wanted: 5, got: 3 } });
    await expect(scanWith(pool, 'a')).rejects.toMatchObject({ code: 'SOURCE_LENGTH' });
    expect(started).toHaveLength(1);
  });

  it('that cannot be sent fails and leaves a pool that works', async () => {
    const pool = poolOf(async (artifact) => done(artifact));
    const unsendable = { ...planned('a', 1), note: () => undefined };
    const sent = pool.run((api, port) => api.scan({ artifact: unsendable, depth: 'full' }, port), {
      signal: new AbortController().signal,
    });
    await expect(sent).rejects.toMatchObject({ code: 'ENGINE_INTERNAL' });
    expect((await scanWith(pool, 'b')).path).toBe('b');
  });

  it('hears progress, requests and early finds of its own port only', async () => {
    const pool = poolOf(
      async (artifact, ctx) => {
        ctx.progress({ phase: 'reading', path: artifact.path, done: 1 });
        ctx.described({ path: artifact.path, findings: [] });
        ctx.network({ method: 'GET', url: `https://host/${artifact.path}`, status: 206, bytes: 1, at: 0 });
        await pause(10);
        return done(artifact);
      },
      { size: 2 },
    );
    const heard = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const told: unknown[] = [];
        await pool.run((api, port) => api.scan({ artifact: planned(name, 8), depth: 'full' }, port), {
          signal: new AbortController().signal,
          progress: (p) => told.push(p.path),
          described: (found) => told.push(found.path),
          network: (event) => told.push(event.url),
        });
        return told;
      }),
    );
    expect(heard).toEqual([
      ['a', 'a', 'https://host/a'],
      ['b', 'b', 'https://host/b'],
    ]);
  });
});

describe('an abort', () => {
  it('reaches the worker, whose answer stands, and the worker is used again', async () => {
    const pool = poolOf(async (artifact, ctx) => {
      if (artifact.path === 'next') return done(artifact);
      await aborted(ctx.signal);
      return { ...done(artifact), status: 'aborted' };
    });
    const controller = new AbortController();
    const scan = scanWith(pool, 'a', controller.signal);
    await pause(5);
    controller.abort();
    expect((await scan).status).toBe('aborted');
    expect((await scanWith(pool, 'next')).status).toBe('complete');
    expect(started).toHaveLength(1);
  });

  it('without an answer ends the worker after the patience, and the next job gets a new one', async () => {
    const pool = poolOf((artifact) => (artifact.path === 'stuck' ? never : Promise.resolve(done(artifact))));
    const controller = new AbortController();
    const scan = scanWith(pool, 'stuck', controller.signal);
    await pause(5);
    controller.abort();
    const before = performance.now();
    await expect(scan).rejects.toMatchObject({ code: 'SOURCE_ABORTED' });
    expect(performance.now() - before).toBeLessThan(500);
    expect(started[0]!.ended).toBe(true);
    expect((await scanWith(pool, 'b')).path).toBe('b');
    expect(started).toHaveLength(2);
  });

  it('that comes after the answer does not kill a worker that already does something else', async () => {
    const pool = poolOf(async (artifact, ctx) => {
      if (artifact.path === 'long') await Promise.race([pause(150), aborted(ctx.signal)]);
      return { ...done(artifact), status: ctx.signal.aborted ? 'aborted' : 'complete' };
    });
    const controller = new AbortController();
    await scanWith(pool, 'short', controller.signal);
    const long = scanWith(pool, 'long');
    controller.abort();
    expect((await long).status).toBe('complete');
    expect(started).toHaveLength(1);
    expect(started[0]!.ended).toBe(false);
  });

  it('before its turn takes a job out of the queue and starts nothing', async () => {
    const pool = poolOf(async (artifact) => {
      await pause(30);
      return done(artifact);
    });
    const controller = new AbortController();
    const first = scanWith(pool, 'a');
    const waiting = scanWith(pool, 'b', controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'SOURCE_ABORTED' });
    await expect(scanWith(pool, 'c', controller.signal)).rejects.toMatchObject({ code: 'SOURCE_ABORTED' });
    await first;
    expect((await scanWith(pool, 'd')).path).toBe('d');
  });
});

describe('a worker that dies', () => {
  it('fails its own job only, and is replaced', async () => {
    const pool = poolOf(
      async (artifact) => {
        await (artifact.path === 'doomed' ? never : pause(40));
        return done(artifact);
      },
      { size: 2 },
    );
    const doomed = scanWith(pool, 'doomed');
    const other = scanWith(pool, 'other');
    await pause(5);
    started[0]!.crash();
    await expect(doomed).rejects.toMatchObject({ code: 'ENGINE_WORKER_DIED' });
    expect((await other).path).toBe('other');
    expect(started[0]!.ended).toBe(true);
    expect(started[1]!.ended).toBe(false);
    await Promise.all([scanWith(pool, 'c'), scanWith(pool, 'd')]);
    expect(started).toHaveLength(3);
  });

  it('that cannot even be started fails the job and not the pool', async () => {
    let refuse = true;
    const pool = new Pool({
      size: 1,
      start: () => {
        if (refuse) throw new Error('no workers here');
        const worker = fakeWorker(async (artifact) => done(artifact));
        started = [worker];
        return worker;
      },
    });
    await expect(scanWith(pool, 'a')).rejects.toMatchObject({ code: 'ENGINE_WORKER_DIED' });
    refuse = false;
    expect((await scanWith(pool, 'b')).path).toBe('b');
  });
});

describe('the pool', () => {
  it('never runs more jobs at once than it has places', async () => {
    let running = 0;
    let most = 0;
    const pool = poolOf(
      async (artifact) => {
        most = Math.max(most, ++running);
        await pause(5);
        running--;
        return done(artifact);
      },
      { size: 3 },
    );
    await Promise.all(Array.from({ length: 20 }, (_, i) => scanWith(pool, String(i))));
    expect(most).toBe(3);
    expect(started).toHaveLength(3);
  });

  it('ends workers that have nothing to do', async () => {
    const pool = poolOf(async (artifact) => done(artifact), { idle: 30 });
    await scanWith(pool, 'a');
    expect(pool.workers).toBe(1);
    await pause(60);
    expect(pool.workers).toBe(0);
    expect(started[0]!.ended).toBe(true);
    expect((await scanWith(pool, 'b')).path).toBe('b');
  });
});
