/** The worker of the page: plans, scans and concludes. Started from a blob (see `src/app/engine/start-worker.ts`). */
import { expose } from 'comlink';
import { openSource } from '../src/core/bytes/open.ts';
import { wasmHashes } from '../src/core/hash/wasm.ts';
import { runJob } from './job.ts';
import type { EngineApi } from './protocol.ts';
import { browserTransport } from './transport.ts';

const engine: EngineApi = {
  plan: (request, port) =>
    runJob(port, async (ctx) => {
      const { makePlan } = await import('../src/core/scan/plan.ts');
      return makePlan(request, { http: browserTransport(ctx.network) }, ctx);
    }),

  scan: ({ artifact, depth }, port) =>
    runJob(port, async (ctx) => {
      const { scanArtifact } = await import('../src/core/scan/artifact.ts');
      const source = await openSource(artifact.spec, { http: browserTransport(ctx.network) }, ctx.signal);
      return scanArtifact(source, artifact, depth, { hashes: wasmHashes(), recycle, described: ctx.described }, ctx);
    }),

  conclude: (request, port) =>
    runJob(port, async (ctx) => {
      const { conclude } = await import('../src/core/scan/conclude.ts');
      return conclude(request, { http: browserTransport(ctx.network) }, ctx);
    }),
};

/** Frees a chunk's memory now: waiting for garbage collection lets hundreds of megabytes pile up. */
function recycle(chunk: Uint8Array): void {
  if (chunk.byteLength === chunk.buffer.byteLength) structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
}

expose(engine);
