/** Driven by bench/mpk.mjs: two models chosen from disk, a worker for each, compared in the page. */
import { compareModels } from '../../../src/core/signals/mpk/compare.ts';
import type { ModelSignals } from '../../../src/core/signals/mpk/model.ts';

const files = (id: string): File[] => [...(document.querySelector<HTMLInputElement>(`#${id}`)?.files ?? [])];

function signalsOf(chosen: readonly File[]): Promise<ModelSignals> {
  const worker = new Worker(new URL('./signals.worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.addEventListener('error', () => reject(new Error('a worker failed')), { once: true });
    worker.addEventListener('message', (event: MessageEvent<ModelSignals>) => {
      worker.terminate();
      resolve(event.data);
    });
    worker.postMessage(chosen, []);
  });
}

async function compare(): Promise<{ seconds: number; signals: unknown }> {
  const started = performance.now();
  const [a, b] = await Promise.all([signalsOf(files('a')), signalsOf(files('b'))]);
  const { mpk } = compareModels(a, b);
  return { seconds: (performance.now() - started) / 1000, signals: mpk?.signals ?? null };
}

declare global {
  interface Window {
    readonly mpkBench: { compare(): Promise<{ seconds: number; signals: unknown }> };
  }
}
Object.assign(window, { mpkBench: { compare } });
