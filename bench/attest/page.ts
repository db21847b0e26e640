/** Driven by bench/attest.mjs: starts a worker, has it examine one attestation several times, and says how long it all took. */
import type { BenchCase } from './examine.ts';

interface Sent extends Omit<BenchCase, 'files' | 'keys' | 'roots' | 'trustedRoots'> {
  readonly files: readonly { readonly path: string; readonly bytes: readonly number[] }[];
  readonly keys: readonly (readonly number[])[];
  readonly roots: readonly (readonly number[])[];
  readonly trustedRoots: readonly (readonly number[])[];
}

async function attestBench(
  sent: Sent,
  times: number,
): Promise<{ readonly cold: number; readonly taken: readonly number[] }> {
  const all = (list: readonly (readonly number[])[]): Uint8Array[] => list.map((bytes) => new Uint8Array(bytes));
  const files = sent.files.map(({ path, bytes }) => ({ path, bytes: new Uint8Array(bytes) }));
  const trust = { keys: all(sent.keys), roots: all(sent.roots), trustedRoots: all(sent.trustedRoots) };
  const one: BenchCase = { ...sent, ...trust, files };
  const run = async (n: number): Promise<readonly number[]> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const answer = new Promise<{ readonly taken?: readonly number[]; readonly error?: string }>((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data), { once: true });
      worker.addEventListener('error', () => reject(new Error('the worker failed')), { once: true });
    });
    worker.postMessage({ one, times: n }, []);
    const { taken, error } = await answer;
    worker.terminate();
    if (taken === undefined) throw new Error(error);
    return taken;
  };
  const started = performance.now();
  await run(1);
  const cold = performance.now() - started;
  return { cold, taken: await run(times) };
}

Object.assign(globalThis, { attestBench });
