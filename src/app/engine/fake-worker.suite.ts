/** For tests: the engine's comlink surface over a MessageChannel, in this thread, with a behaviour of the test's own. */
import { expose, releaseProxy, wrap } from 'comlink';
import { runJob, type PortContext } from '../../../workers/job.ts';
import type { EngineApi } from '../../../workers/protocol.ts';
import { emptyScan } from '../../core/scan/empty.ts';
import type { ArtifactScan, PlannedArtifact } from '../../core/scan/model.ts';
import type { EngineWorker } from './start-worker.ts';

export type FakeScan = (artifact: PlannedArtifact, ctx: PortContext) => Promise<ArtifactScan>;

export interface FakeWorker extends EngineWorker {
  readonly ended: boolean;
  /** What the browser would tell as an `error` event. */
  crash(): void;
}

/** @param more other calls, where the test has them */
export function fakeWorker(scan: FakeScan, more: Partial<EngineApi> = {}): FakeWorker {
  const { port1, port2 } = new MessageChannel();
  const unused = () => Promise.reject(new Error('not part of this test'));
  const served: EngineApi = {
    plan: unused,
    conclude: unused,
    trust: unused,
    look: unused,
    compare: unused,
    lineage: unused,
    sequence: unused,
    checkpoints: unused,
    scan: ({ artifact }, port) => runJob(port, (ctx) => scan(artifact, ctx)),
    ...more,
  };
  expose(served, port1);
  const api = wrap<EngineApi>(port2);
  const watchers = new Set<() => void>();
  let ended = false;
  return {
    api,
    get ended() {
      return ended;
    },
    watch(died) {
      watchers.add(died);
      return () => watchers.delete(died);
    },
    end() {
      if (ended) return;
      ended = true;
      api[releaseProxy]();
      port1.close();
    },
    crash() {
      for (const died of watchers) died();
    },
  };
}

export function done(artifact: PlannedArtifact): ArtifactScan {
  return { ...emptyScan(artifact.path, artifact.size), status: 'complete', bytesRead: artifact.size };
}

export function planned(path: string, size: number): PlannedArtifact {
  const spec = { kind: 'bytes', name: path, bytes: new Uint8Array(0) } as const;
  return { path, size, spec, role: 'weights', algorithms: [], tensorAlgorithms: [] };
}

/** Resolves when the job is told to stop. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
