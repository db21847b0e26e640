import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../core/scan/model.ts';
import { aborted, done, fakeWorker, planned, type FakeScan, type FakeWorker } from './fake-worker.suite.ts';
import { Pool } from './pool.ts';
import { Rate } from './rate.ts';
import { runPlan, type RunProgress } from './run.ts';

let workers: FakeWorker[] = [];
afterEach(() => {
  for (const worker of workers) worker.end();
  workers = [];
});

function poolOf(scan: FakeScan, size: number): Pool {
  return new Pool({
    size,
    patience: 50,
    start: () => {
      const worker = fakeWorker(scan);
      workers.push(worker);
      return worker;
    },
  });
}

function planOf(...sizes: number[]): Plan {
  const artifacts = sizes.map((size, i) => planned(`file-${i}`, size));
  const bytes = sizes.reduce((a, b) => a + b, 0);
  return { name: 'm', origin: { kind: 'local' }, depth: 'full', artifacts, bytes, checks: [] };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('runPlan', () => {
  it('takes the largest files first and answers in the order of the plan', async () => {
    const order: number[] = [];
    const pool = poolOf(async (artifact) => {
      order.push(artifact.size);
      return done(artifact);
    }, 1);
    const scans = await runPlan(pool, planOf(10, 30, 20), { signal: new AbortController().signal });
    expect(order).toEqual([30, 20, 10]);
    expect(scans.map((s) => s.path)).toEqual(['file-0', 'file-1', 'file-2']);
  });

  it('shows progress that never goes back, at most ten times a second, and ends at the whole', async () => {
    const pool = poolOf(async (artifact, ctx) => {
      for (let at = 0; at <= artifact.size; at += 10) {
        ctx.progress({ phase: 'reading', path: artifact.path, done: at });
        await pause(6);
      }
      return done(artifact);
    }, 2);
    const seen: { at: number; update: RunProgress }[] = [];
    await runPlan(pool, planOf(400, 500, 100), {
      signal: new AbortController().signal,
      progress: (update) => seen.push({ at: performance.now(), update }),
    });
    const sums = seen.map((s) => s.update.done);
    expect(sums).toEqual([...sums].sort((a, b) => a - b));
    expect(sums.at(-1)).toBe(1000);
    expect(seen.at(-1)!.update.files.map((f) => f.state)).toEqual(['complete', 'complete', 'complete']);
    expect(seen.length).toBeGreaterThan(3);
    for (const [i, { at }] of seen.slice(1, -1).entries()) expect(at - seen[i]!.at).toBeGreaterThan(95);
    expect(seen.some((s) => s.update.rate > 0 && s.update.secondsLeft !== null)).toBe(true);
  });

  it('stopped in the middle keeps what is finished and says of the rest that it was stopped', async () => {
    const controller = new AbortController();
    const pool = poolOf(async (artifact, ctx) => {
      if (artifact.size === 30) return done(artifact);
      controller.abort();
      await aborted(ctx.signal);
      return { ...done(artifact), status: 'aborted', bytesRead: 3 };
    }, 1);
    const scans = await runPlan(pool, planOf(10, 30, 20), { signal: controller.signal });
    expect(scans.map((s) => s.status)).toEqual(['aborted', 'complete', 'aborted']);
    expect(scans.every((s) => s.status === 'complete' || Object.keys(s.digests).length === 0)).toBe(true);
  });

  it('gives a file whose worker died a scan that says so, and finishes the others', async () => {
    const pool = poolOf(async (artifact) => {
      if (artifact.size !== 20) return done(artifact);
      setTimeout(() => workers.at(-1)!.crash());
      return new Promise<never>(() => undefined);
    }, 1);
    const scans = await runPlan(pool, planOf(10, 20), { signal: new AbortController().signal });
    expect(scans[0]!.status).toBe('complete');
    expect(scans[1]).toMatchObject({ status: 'failed', error: { code: 'ENGINE_WORKER_DIED' } });
  });

  it('shows what a header told before its body is read', async () => {
    const seen: RunProgress[] = [];
    const pool = poolOf(async (artifact, ctx) => {
      ctx.described({ path: artifact.path, format: 'gguf', findings: [] });
      await pause(120);
      ctx.progress({ phase: 'reading', done: 1 });
      await pause(20);
      return done(artifact);
    }, 1);
    await runPlan(pool, planOf(10), { signal: new AbortController().signal, progress: (p) => seen.push(p) });
    expect(seen.find((p) => p.files[0]!.state === 'reading')?.files[0]!.found?.format).toBe('gguf');
  });
});

describe('Rate', () => {
  it('is that of the last seconds, and gives the time left', () => {
    const rate = new Rate();
    for (let at = 0; at <= 10_000; at += 100) rate.mark(at <= 5000 ? at * 10 : 50_000 + (at - 5000) * 2, at);
    expect(rate.perSecond).toBeCloseTo(2000, -2);
    expect(rate.secondsLeft(80_000)).toBeCloseTo(10, 0);
  });

  it('says nothing before there is anything to go by, or when nothing moves', () => {
    const rate = new Rate();
    expect(rate.secondsLeft(100)).toBeNull();
    rate.mark(5, 0);
    rate.mark(5, 6000);
    rate.mark(5, 12_000);
    expect(rate.secondsLeft(100)).toBeNull();
  });
});
