/** One run over all files of a plan: what screens show of it, and the scans in the end. */
import { toErrorData } from '../../core/errors.ts';
import type { NetworkEvent } from '../../core/progress.ts';
import { emptyScan } from '../../core/scan/empty.ts';
import type { ArtifactScan, Plan, PlannedArtifact } from '../../core/scan/model.ts';
import { Totals } from '../../core/scan/totals.ts';
import type { Described } from '../../../workers/protocol.ts';
import type { Pool } from './pool.ts';
import { Rate } from './rate.ts';

/** How far one file is. */
export interface FileProgress {
  readonly path: string;
  readonly size: number;
  readonly done: number;
  readonly state: 'waiting' | 'reading' | ArtifactScan['status'];
  /** From the header, as soon as it is read. */
  readonly found?: Described;
}

/** How far the run is; a new value at most ten times a second, and one at the end. */
export interface RunProgress {
  /** Bytes of the whole run; never goes back. */
  readonly done: number;
  readonly total: number;
  /** Bytes a second, lately. */
  readonly rate: number;
  readonly secondsLeft: number | null;
  /** In the order of the plan. */
  readonly files: readonly FileProgress[];
}

export interface RunListener {
  readonly signal: AbortSignal;
  progress?(update: RunProgress): void;
  network?(event: NetworkEvent): void;
}

const INTERVAL_MS = 100;

/**
 * Scans every file of the plan, the largest first, one per worker. Never rejects: a file that failed, whose worker died,
 * or that a stopped run did not come to, has a scan that says so.
 *
 * @returns one scan per artifact, in the order of the plan
 */
export async function runPlan(pool: Pool, plan: Plan, listener: RunListener): Promise<ArtifactScan[]> {
  const screen = new Screen(plan, listener);
  const order = plan.artifacts.map((_, i) => i).sort((a, b) => plan.artifacts[b]!.size - plan.artifacts[a]!.size);
  const scans: ArtifactScan[] = [];
  await Promise.all(
    order.map(async (i) => {
      scans[i] = await scanOne(pool, plan, plan.artifacts[i]!, screen.of(i));
      screen.ended(i, scans[i]!);
    }),
  );
  screen.show();
  return scans;
}

type FileListener = ReturnType<Screen['of']>;

async function scanOne(
  pool: Pool,
  plan: Plan,
  artifact: PlannedArtifact,
  listener: FileListener,
): Promise<ArtifactScan> {
  try {
    return await pool.run((api, port) => api.scan({ artifact, depth: plan.depth }, port), listener);
  } catch (error) {
    const data = toErrorData(error);
    const scan = emptyScan(artifact.path, artifact.size);
    return data.code === 'SOURCE_ABORTED' ? scan : { ...scan, status: 'failed', error: data };
  }
}

/** Gathers what the files tell into one picture, shown at most ten times a second. */
class Screen {
  readonly #listener: RunListener;
  readonly #totals: Totals;
  readonly #rate = new Rate();
  readonly #files: FileProgress[];
  readonly #total: number;
  #done = 0;
  #shown = 0;

  constructor(plan: Plan, listener: RunListener) {
    this.#listener = listener;
    this.#total = plan.bytes;
    this.#files = plan.artifacts.map(({ path, size }) => ({ path, size, done: 0, state: 'waiting' }));
    this.#totals = new Totals(plan.bytes, {
      signal: listener.signal,
      network: (event) => listener.network?.(event),
      progress: ({ done }) => {
        this.#done = done;
        this.#maybeShow();
      },
    });
    this.#rate.mark(0, performance.now());
  }

  of(place: number) {
    const { signal, network, progress } = this.#totals.of(place);
    return {
      signal,
      network,
      progress: (update: Parameters<typeof progress>[0]) => {
        this.#set(place, { state: 'reading', done: update.done });
        progress(update);
      },
      described: (found: Described) => {
        this.#set(place, { state: 'reading', found });
        this.#maybeShow();
      },
    };
  }

  ended(place: number, scan: ArtifactScan): void {
    const { path, format, notAModel, formatError, findings, status, bytesRead } = scan;
    const found: Described = {
      path,
      findings,
      ...(format === undefined ? {} : { format }),
      ...(notAModel === undefined ? {} : { notAModel }),
      ...(formatError === undefined ? {} : { formatError }),
    };
    this.#set(place, { state: status, done: Math.min(bytesRead, scan.size), found });
    this.#totals.finished(place, bytesRead);
  }

  show(): void {
    const now = performance.now();
    this.#shown = now;
    this.#rate.mark(this.#done, now);
    this.#listener.progress?.({
      done: this.#done,
      total: this.#total,
      rate: this.#rate.perSecond,
      secondsLeft: this.#rate.secondsLeft(this.#total),
      files: [...this.#files],
    });
  }

  #maybeShow(): void {
    if (performance.now() - this.#shown >= INTERVAL_MS) this.show();
  }

  #set(place: number, change: Partial<FileProgress>): void {
    this.#files[place] = { ...this.#files[place]!, ...change };
  }
}
