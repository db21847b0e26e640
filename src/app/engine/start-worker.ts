import { releaseProxy, wrap } from 'comlink';
// Vite makes the default export: the address of the built worker.
// oxlint-disable-next-line import/default
import address from '../../../workers/engine.worker.ts?worker&url';
import type { EngineApi } from '../../../workers/protocol.ts';

/** A running worker as the pool sees it. */
export interface EngineWorker {
  readonly api: EngineApi;
  /**
   * Calls `died` when the script failed to load, threw outside a job, or sent what cannot be read. Returns how to stop
   * watching.
   */
  watch(died: () => void): () => void;
  /** Ends it at once, whatever it does, and frees its memory. */
  end(): void;
}

/**
 * Starts the engine's worker from a blob that imports it. A worker started by address does not inherit the page's
 * Content-Security-Policy from its meta tag and could reach any host; one started from a blob does inherit it
 * (Chromium and Firefox, tested end to end).
 */
export function startWorker(): EngineWorker {
  const script = `import ${JSON.stringify(new URL(address, import.meta.url).href)};`;
  const blob = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(blob, { type: 'module', name: 'engine' });
  const api = wrap<EngineApi>(worker);
  let dead = false;
  const end = (): void => {
    if (dead) return;
    dead = true;
    api[releaseProxy]();
    worker.terminate();
    URL.revokeObjectURL(blob);
  };
  return {
    api,
    end,
    watch(died) {
      const told = (event: Event): void => {
        // What went wrong is told by the job's error; the browser's own message in the console adds nothing.
        event.preventDefault();
        if (!dead) died();
      };
      worker.addEventListener('error', told);
      worker.addEventListener('messageerror', told);
      return () => {
        worker.removeEventListener('error', told);
        worker.removeEventListener('messageerror', told);
      };
    },
  };
}
