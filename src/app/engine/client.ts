/** The page's one way to the engine. */
import type { ConcludeInPage, PlanRequest } from '../../../workers/protocol.ts';
import type { TrustAnswer, TrustRequest } from '../../core/claims/attestations/trust-request.ts';
import type { CheckpointsResult } from '../../core/report/checkpoints.ts';
import type { ModelComparison } from '../../core/report/comparison.ts';
import type { LineageResult } from '../../core/report/lineage.ts';
import type { Report } from '../../core/report/report.ts';
import type { CheckpointsRequest, SequencePlan, SequenceRequest } from '../../core/scan/checkpoints-request.ts';
import type { CompareRequest, LineageRequest } from '../../core/scan/compare-request.ts';
import type { LookAnswer, LookKind, LookRequest } from '../../core/scan/look/model.ts';
import type { ArtifactScan, Plan } from '../../core/scan/model.ts';
import type { JobListener } from './job.ts';
import { Pool } from './pool.ts';
import { runPlan, type RunListener } from './run.ts';
import { startWorker } from './start-worker.ts';

export interface Engine {
  /** @throws AppError HUB_*, SOURCE_*, USAGE, ENGINE_*; SOURCE_ABORTED when stopped */
  plan(request: PlanRequest, listener: JobListener): Promise<Plan>;
  /** Never rejects; see `runPlan`. */
  run(plan: Plan, listener: RunListener): Promise<ArtifactScan[]>;
  /** @throws AppError ENGINE_*; SOURCE_ABORTED when stopped */
  conclude(request: ConcludeInPage, listener: JobListener): Promise<Report>;
  /** @throws AppError TRUST_*, ATTEST_TRUST_ROOT, SOURCE_*, ENGINE_* */
  trust<R extends TrustRequest>(request: R, listener: JobListener): Promise<TrustAnswer<R>>;
  /** A closer look into one file. @throws AppError SOURCE_*, FORMAT_*, ENGINE_*; SOURCE_ABORTED when stopped */
  look<K extends LookKind>(request: LookRequest<K>, listener: JobListener): Promise<LookAnswer<K>>;
  /**
   * Two models side by side. Stopped, it resolves with what it came to (`stopped`), as long as the worker answers in time.
   * @throws AppError ENGINE_*; SOURCE_ABORTED when stopped before it began, or when the worker did not answer
   */
  compare(request: CompareRequest, listener: JobListener): Promise<ModelComparison>;
  /** One model against a catalogue; as `compare` when stopped. @throws AppError as `compare` */
  lineage(request: LineageRequest, listener: JobListener): Promise<LineageResult>;
  /** Which files are which checkpoint. @throws AppError USAGE, HUB_*, SOURCE_*, ENGINE_* */
  sequence(request: SequenceRequest, listener: JobListener): Promise<SequencePlan>;
  /** A sequence of checkpoints; as `compare` when stopped. @throws AppError USAGE: the recipe; else as `compare` */
  checkpoints(request: CheckpointsRequest, listener: JobListener): Promise<CheckpointsResult>;
}

/** Beyond four, memory on small machines is worth more than another stream of SHA-256. */
const WORKERS_MAX = 4;

export function createEngine(
  pool: Pool = new Pool({
    start: startWorker,
    size: Math.max(1, Math.min(navigator.hardwareConcurrency || 1, WORKERS_MAX)),
  }),
): Engine {
  return {
    plan: (request, listener) => pool.run((api, port) => api.plan(request, port), listener),
    run: (plan, listener) => runPlan(pool, plan, listener),
    conclude: (request, listener) => pool.run((api, port) => api.conclude(request, port), listener),
    trust: async <R extends TrustRequest>(request: R, listener: JobListener) =>
      // As for `look`: which answer belongs to which request is known here.
      (await pool.run((api, port) => api.trust(request, port), listener)) as TrustAnswer<R>,
    look: async <K extends LookKind>(request: LookRequest<K>, listener: JobListener) =>
      // One call for all kinds: which answer belongs to which request is known here.
      (await pool.run((api, port) => api.look(request, port), listener)) as LookAnswer<K>,
    compare: (request, listener) => pool.run((api, port) => api.compare(request, port), listener),
    lineage: (request, listener) => pool.run((api, port) => api.lineage(request, port), listener),
    sequence: (request, listener) => pool.run((api, port) => api.sequence(request, port), listener),
    checkpoints: (request, listener) => pool.run((api, port) => api.checkpoints(request, port), listener),
  };
}
