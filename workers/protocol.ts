/** What page and worker say to each other. Types only. */
import type { StoredTrust, TrustAnswer, TrustRequest } from '../src/core/claims/attestations/trust-request.ts';
import type { Progress, NetworkEvent } from '../src/core/progress.ts';
import type { CheckpointsResult } from '../src/core/report/checkpoints.ts';
import type { ModelComparison } from '../src/core/report/comparison.ts';
import type { LineageResult } from '../src/core/report/lineage.ts';
import type { Report } from '../src/core/report/report.ts';
import type { CheckpointsRequest, SequencePlan, SequenceRequest } from '../src/core/scan/checkpoints-request.ts';
import type { CompareRequest, LineageRequest } from '../src/core/scan/compare-request.ts';
import type { Conclusion as ConcludeRequest } from '../src/core/scan/conclude.ts';
import type { LookAnswer, LookRequest } from '../src/core/scan/look/model.ts';
import type { ArtifactScan, Depth, Plan, PlannedArtifact } from '../src/core/scan/model.ts';
import type { PlanRequest } from '../src/core/scan/plan.ts';
import type { Result } from './wire.ts';

/** Worker → page, on the port of one job. Progress at most ten times a second. */
export type JobEvent =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'network'; readonly event: NetworkEvent }
  /** What a file's header told, before its body is read. */
  | { readonly type: 'described'; readonly found: Described };

/** The part of a scan that the header gives. */
export type Described = Pick<ArtifactScan, 'path' | 'format' | 'notAModel' | 'formatError' | 'findings'>;

/** Page → worker, on the port of one job. */
export type JobCommand = { readonly type: 'abort' };

export type { ConcludeRequest, PlanRequest };

/** With what this browser keeps to check signatures with. */
export type ConcludeInPage = ConcludeRequest & { readonly stored?: StoredTrust };

/** The comlink surface of `engine.worker.ts`. Every call carries its own port. */
export interface EngineApi {
  plan(request: PlanRequest, port: MessagePort): Promise<Result<Plan>>;
  scan(
    request: { readonly artifact: PlannedArtifact; readonly depth: Depth },
    port: MessagePort,
  ): Promise<Result<ArtifactScan>>;
  conclude(request: ConcludeInPage, port: MessagePort): Promise<Result<Report>>;
  /** What signatures are checked with: renewed, or looked at before it is kept. The answer is to what was asked. */
  trust(request: TrustRequest, port: MessagePort): Promise<Result<TrustAnswer>>;
  /** The answer is of the kind that was asked for. */
  look(request: LookRequest, port: MessagePort): Promise<Result<LookAnswer>>;
  /** Two models side by side. A stopped job answers with what it came to. */
  compare(request: CompareRequest, port: MessagePort): Promise<Result<ModelComparison>>;
  /** One model against a catalogue. A stopped job answers with what it came to. */
  lineage(request: LineageRequest, port: MessagePort): Promise<Result<LineageResult>>;
  /** Which of the files are which checkpoint, and in which order. */
  sequence(request: SequenceRequest, port: MessagePort): Promise<Result<SequencePlan>>;
  /** A sequence of checkpoints. A stopped job answers with what it came to. */
  checkpoints(request: CheckpointsRequest, port: MessagePort): Promise<Result<CheckpointsResult>>;
}
