/** What page and worker say to each other. Types only. */
import type { Progress, NetworkEvent } from '../src/core/progress.ts';
import type { Report } from '../src/core/report/report.ts';
import type { Against, ArtifactScan, Depth, Intake, Plan, PlannedArtifact } from '../src/core/scan/model.ts';
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

export interface PlanRequest {
  readonly intake: Intake;
  readonly against: readonly Against[];
  readonly depth: Depth;
}

export interface ConcludeRequest {
  readonly plan: Plan;
  readonly against: readonly Against[];
  /** One per planned artifact that was worked on, in any order. */
  readonly scans: readonly ArtifactScan[];
  /** Where the database's static files are; null: do not look up. */
  readonly database: string | null;
  /** Highest sequence of this database that was used before; a lower one is refused (`DB_ROLLED_BACK`). */
  readonly databaseSeen?: number;
  /** True: make no request to the Hub, say so in the report. */
  readonly offline: boolean;
  readonly stopped: boolean;
  /** ISO time to stamp the report with. */
  readonly now: string;
  /** Wall time of the scans, when it was measured. */
  readonly seconds?: number;
}

/** The comlink surface of `engine.worker.ts`. Every call carries its own port. */
export interface EngineApi {
  plan(request: PlanRequest, port: MessagePort): Promise<Result<Plan>>;
  scan(
    request: { readonly artifact: PlannedArtifact; readonly depth: Depth },
    port: MessagePort,
  ): Promise<Result<ArtifactScan>>;
  conclude(request: ConcludeRequest, port: MessagePort): Promise<Result<Report>>;
}
