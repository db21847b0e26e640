/**
 * The worker of the page: plans, scans and concludes. Started from a blob (see `src/app/engine/start-worker.ts`). The
 * same program under the name `lane` is its helper for tensor digests.
 */
import { expose } from 'comlink';
import { openSource } from '../src/core/bytes/open.ts';
import { TensorLane } from '../src/core/hash/tensor-lane.ts';
import { wasmHashes } from '../src/core/hash/wasm.ts';
import type { JobContext } from '../src/core/progress.ts';
import type { CacheTools } from '../src/core/scan/compare-cached.ts';
import type { ModelInput } from '../src/core/scan/compare-request.ts';
import { chunkFreer } from './free-chunk.ts';
import { runJob } from './job.ts';
import { LaneBeside, type LaneWorker } from './lane-beside.ts';
import type { EngineApi } from './protocol.ts';
import { LANE, serveLane } from './serve-lane.ts';
import { browserTransport } from './transport.ts';

/** Below this many bytes a file is done before a helper has started. */
const BESIDE_FROM = 32 * 1024 * 1024;

/** From a blob again, so that the helper inherits the policy as well. */
function startLane(): LaneWorker {
  const script = new Blob([`import ${JSON.stringify(import.meta.url)};`], { type: 'text/javascript' });
  const address = URL.createObjectURL(script);
  return new Worker(address, { type: 'module', name: LANE });
}

/** What comparing models takes. */
async function comparing(ctx: JobContext) {
  const { signalsOfModel } = await import('../src/core/scan/compare-cached.ts');
  const { loadKernels } = await import('../src/core/kernels/wasm.ts');
  const { FeaturesDb } = await import('../src/app/storage/features-db.ts');
  const { contentOf } = await import('./file-content.ts');
  const hashes = wasmHashes();
  const tools = { http: browserTransport(ctx.network), hashes, kernels: loadKernels };
  const cache: CacheTools = {
    store: new FeaturesDb(),
    contentOf: (artifact, source, signal) => contentOf(artifact, source, hashes, signal),
  };
  return {
    ...tools,
    signals: (model: ModelInput, job: JobContext) => signalsOfModel(model, { ...tools, cache }, job),
  };
}

/** The name that Sigstore's tools give their bundles: other attestations may need none of its packages. */
const SIGSTORE_NAME = /\.sigstore(?:\.json)?$/i;

/** That it cannot be loaded is said when it is needed. */
async function loadAhead(): Promise<void> {
  const { loadSigstore } = await import('../src/core/claims/attestations/sigstore/load.ts');
  await loadSigstore().catch(() => undefined);
}

const withStoredTrust: (typeof import('../src/core/claims/attestations/trust-request.ts'))['withStored'] = async (
  ...given
) => (await import('../src/core/claims/attestations/trust-request.ts')).withStored(...given);

function createEngine(): EngineApi {
  const hashes = wasmHashes();
  const beside = new LaneBeside(startLane);
  const recycle = chunkFreer();
  return {
    plan: (request, port) =>
      runJob(port, async (ctx) => {
        const { makePlan } = await import('../src/core/scan/plan.ts');
        return makePlan(request, { http: browserTransport(ctx.network) }, ctx);
      }),

    scan: ({ artifact, depth }, port) =>
      runJob(port, async (ctx) => {
        const { scanArtifact } = await import('../src/core/scan/artifact.ts');
        const source = await openSource(artifact.spec, { http: browserTransport(ctx.network) }, ctx.signal);
        const tools = {
          hashes,
          recycle,
          lane: (...file: Parameters<LaneBeside['lane']>) =>
            artifact.size < BESIDE_FROM ? TensorLane.create(...file, hashes) : beside.lane(...file),
          described: ctx.described,
        };
        return scanArtifact(source, artifact, depth, tools, ctx);
      }),

    conclude: ({ stored, ...request }, port) =>
      runJob(port, async (ctx) => {
        // While claims are read and the database is asked, what Sigstore's bundles need arrives.
        if (request.plan.artifacts.some(({ path }) => SIGSTORE_NAME.test(path))) void loadAhead();
        const { conclude } = await import('../src/core/scan/conclude.ts');
        const expect = stored === undefined ? request.expect : await withStoredTrust(request.expect, stored);
        const known = expect === undefined ? request : { ...request, expect };
        return conclude(known, { http: browserTransport(ctx.network) }, ctx);
      }),

    trust: (request, port) =>
      runJob(port, async (ctx) => {
        const { answerTrust } = await import('../src/core/claims/attestations/trust-request.ts');
        return answerTrust(request, browserTransport(ctx.network), ctx.signal);
      }),

    look: (request, port) =>
      runJob(port, async (ctx) => {
        const { look } = await import('../src/core/scan/look/look.ts');
        return look(request, { http: browserTransport(ctx.network) }, ctx);
      }),

    compare: (request, port) =>
      runJob(port, async (ctx) => {
        const { compareModels } = await import('../src/core/scan/compare.ts');
        return compareModels(request, await comparing(ctx), ctx);
      }),

    lineage: (request, port) =>
      runJob(port, async (ctx) => {
        const { scanLineage } = await import('../src/core/scan/lineage.ts');
        return scanLineage(request, await comparing(ctx), ctx);
      }),

    sequence: (request, port) =>
      runJob(port, async (ctx) => {
        const { planCheckpoints } = await import('../src/core/scan/checkpoints-plan.ts');
        return planCheckpoints(request, { http: browserTransport(ctx.network) }, ctx);
      }),

    checkpoints: (request, port) =>
      runJob(port, async (ctx) => {
        const { checkCheckpoints } = await import('../src/core/scan/checkpoints.ts');
        const { loadKernels } = await import('../src/core/kernels/wasm.ts');
        const tools = { http: browserTransport(ctx.network), hashes, kernels: loadKernels };
        return checkCheckpoints(request, tools, ctx);
      }),
  };
}

if (self.name === LANE) serveLane(self);
else expose(createEngine());
