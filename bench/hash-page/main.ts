/** Driven by bench/hash.mjs: the same files through a bare worker and through the app's whole engine. */
import { createEngine } from '../../src/app/engine/client.ts';
import type { ArtifactScan } from '../../src/core/scan/model.ts';

interface Timed {
  readonly seconds: number;
  /** SHA-256 of each file, in order. */
  readonly digests: readonly string[];
  /** Tensors that were digested. */
  readonly tensors: number;
}

const engine = createEngine();

function chosen(): File[] {
  return [...(document.querySelector<HTMLInputElement>('#files')?.files ?? [])];
}

async function bare(file: File): Promise<Timed> {
  const worker = new Worker(new URL('./bare.worker.ts', import.meta.url), { type: 'module' });
  // Loading the program is not what is measured, on either side.
  await once(worker, new File([new Uint8Array(1)], 'warm'));
  const started = performance.now();
  const digest = await once(worker, file);
  const seconds = (performance.now() - started) / 1000;
  worker.terminate();
  return { seconds, digests: [digest], tensors: 0 };
}

function once(worker: Worker, file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', (event: MessageEvent<string>) => resolve(event.data), { once: true });
    worker.addEventListener('error', () => reject(new Error('bare worker failed')), { once: true });
    worker.postMessage(file, []);
  });
}

/** Plan, one read, report: from chosen files to the report's JSON. */
async function app(files: readonly File[]): Promise<Timed> {
  const signal = new AbortController().signal;
  const started = performance.now();
  const local = files.map((file) => ({
    path: file.name,
    size: file.size,
    spec: { kind: 'file', name: file.name, file } as const,
  }));
  const plan = await engine.plan(
    { intake: { kind: 'local', name: 'bench', files: local }, against: [], depth: 'full' },
    { signal },
  );
  const scans: ArtifactScan[] = await engine.run(plan, { signal, progress: () => undefined });
  const report = await engine.conclude(
    { plan, against: [], scans, database: null, offline: true, stopped: false, now: new Date().toISOString() },
    { signal },
  );
  JSON.stringify(report);
  const seconds = (performance.now() - started) / 1000;
  const failed = scans.find((s) => s.status !== 'complete');
  if (failed) throw new Error(JSON.stringify(failed.error ?? failed.status));
  const tensors = scans.reduce((sum, s) => sum + s.tensorDigests.filter((d) => d !== '').length, 0);
  return { seconds, digests: scans.map((s) => s.digests.sha256 ?? ''), tensors };
}

declare global {
  interface Window {
    readonly hashBench: { bare(): Promise<Timed>; app(): Promise<Timed> };
  }
}
Object.assign(window, { hashBench: { bare: () => bare(chosen()[0]!), app: () => app(chosen()) } });
