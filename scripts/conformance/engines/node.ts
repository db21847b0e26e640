import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Engine, JobOutcome } from '../kinds.ts';

/** Limit of the JavaScript heap of a worker, MiB: what a case may take at most. */
const HEAP_MAX = 300;
const SAMPLE_MS = 10;

/** Jobs in a worker thread, which is killed when one takes too long. */
export function nodeEngine(kind: string, folder: string): Engine {
  let worker: Promise<Worker> | undefined;
  const start = (): Promise<Worker> =>
    new Promise((resolve, reject) => {
      const fresh = new Worker(join(import.meta.dirname, 'node-worker.js'), {
        workerData: { kind, folder },
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX },
      });
      fresh.once('message', () => resolve(fresh));
      fresh.once('error', reject);
    });
  const stop = async (): Promise<void> => {
    const running = worker;
    worker = undefined;
    await (await running?.catch(() => undefined))?.terminate();
  };
  return {
    async run(job, limitMs) {
      worker ??= start();
      const running = await worker;
      const watch = watchMemory();
      const outcome = await answer(running, job, limitMs);
      const growth = watch();
      if (!outcome.ok) await stop();
      return outcome.ok ? { ...outcome, growth } : outcome;
    },
    close: stop,
  };
}

function answer(worker: Worker, job: unknown, limitMs: number): Promise<JobOutcome> {
  return new Promise((resolve) => {
    const finish = (outcome: JobOutcome): void => {
      clearTimeout(timer);
      worker.off('message', finish);
      worker.off('error', fail);
      resolve(outcome);
    };
    const fail = (error: Error): void => finish({ ok: false, why: `died: ${error.message}` });
    const timer = setTimeout(() => finish({ ok: false, why: `no answer in ${limitMs} ms` }), limitMs);
    worker.once('message', finish);
    worker.once('error', fail);
    worker.postMessage(job, []);
  });
}

/** Bytes by which this process grows until the returned function is called: sampled, and by the system's high mark. */
function watchMemory(): () => number {
  const before = process.memoryUsage.rss();
  const markBefore = process.resourceUsage().maxRSS;
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), SAMPLE_MS);
  return () => {
    clearInterval(timer);
    const mark = process.resourceUsage().maxRSS;
    return Math.max(peak, mark > markBefore ? mark * 1024 : 0) - before;
  };
}
