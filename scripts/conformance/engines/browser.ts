import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright';
import { serveCases } from '../server.ts';
import type { Engine, JobOutcome } from '../kinds.ts';

/** Jobs in a worker of Chromium, on the bundle, with the files served from this machine. */
export async function browserEngine(kind: string, folder: string): Promise<Engine> {
  const { chromium } = await import('playwright');
  const { findBrowser, browserFlags } = await import('../../find-browser.mjs');
  const bundle = join(import.meta.dirname, '../browser');
  const server = await serveCases({ '/run/': bundle, '/case/': folder });
  const browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags() });
  const page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  await page.evaluate(installRunner, `/run/browser-worker.js?kind=${encodeURIComponent(kind)}`);
  const pids = await rendererPids(await browser.newBrowserCDPSession());
  return {
    run: (job, limitMs) => runInPage(page, pids, job, limitMs),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

async function runInPage(page: Page, pids: readonly number[], job: unknown, limitMs: number): Promise<JobOutcome> {
  const before = highMark(pids);
  const outcome = await page.evaluate(
    (given) => (globalThis as unknown as RunnerGlobal).runJob(given.job, given.limitMs),
    { job, limitMs },
  );
  const after = highMark(pids);
  if (!outcome.ok || before === null || after === null) return outcome;
  return { ...outcome, growth: Math.max(0, after - before) };
}

interface RunnerGlobal {
  runJob(job: unknown, limitMs: number): Promise<JobOutcome>;
}

/** Runs in the page: one worker, replaced when it dies or takes too long. */
function installRunner(workerUrl: string): void {
  let worker: Worker | undefined;
  let id = 0;
  const drop = (): void => {
    worker?.terminate();
    worker = undefined;
  };
  (globalThis as unknown as RunnerGlobal).runJob = (job, limitMs) =>
    new Promise((resolve) => {
      worker ??= new Worker(workerUrl, { type: 'module' });
      const running = worker;
      const mine = ++id;
      const finish = (outcome: JobOutcome): void => {
        clearTimeout(timer);
        running.removeEventListener('message', hear);
        running.removeEventListener('error', fail);
        if (!outcome.ok) drop();
        resolve(outcome);
      };
      const hear = (event: MessageEvent<JobOutcome & { readonly id: number }>): void => {
        if (event.data.id === mine) finish(event.data);
      };
      const fail = (event: ErrorEvent): void => finish({ ok: false, why: `died: ${event.message}` });
      const timer = setTimeout(() => finish({ ok: false, why: `no answer in ${limitMs} ms` }), limitMs);
      running.addEventListener('message', hear);
      running.addEventListener('error', fail);
      running.postMessage({ id: mine, job }, []);
    });
}

/** Processes of pages; workers live in them. */
async function rendererPids(cdp: CDPSession): Promise<number[]> {
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

/** `VmHWM` of proc(5), the largest of these processes, bytes; null where the system does not tell (only Linux does). */
function highMark(pids: readonly number[]): number | null {
  const marks = pids.flatMap((pid) => {
    try {
      const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return kilobytes === undefined ? [] : [Number(kilobytes) * 1024];
    } catch {
      return [];
    }
  });
  return marks.length === 0 ? null : Math.max(...marks);
}
