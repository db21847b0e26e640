/** Scans of all files of a plan, several at once where there are cores and bytes enough. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { JobContext } from '../core/progress.ts';
import { emptyScan } from '../core/scan/empty.ts';
import type { ArtifactScan, Plan, PlannedArtifact } from '../core/scan/model.ts';
import { Totals } from '../core/scan/totals.ts';
import { Scanner } from './scan-here.ts';
import type { ScanCommand, ScanEvent } from './scan-thread.ts';
import { threadEntry } from './thread-entry.ts';

/** A thread costs 40 ms to start: OpenSSL's time for 60 MB. */
const WORTH_A_THREAD = 64 * 1024 * 1024;
/** Beyond this many streams at once disks get slower, not faster. */
const THREADS_MAX = 8;
/** After an abort, how long a thread may take to answer before it is ended. Milliseconds. */
const ABORT_PATIENCE_MS = 1000;

/**
 * Scans every file of the plan, the largest first. Never rejects for a file's sake: what failed or was stopped says so
 * in its scan.
 *
 * @returns one scan per artifact, in the order of the plan
 */
export async function runScans(plan: Plan, ctx: JobContext): Promise<ArtifactScan[]> {
  const order = plan.artifacts.map((_, i) => i).sort((a, b) => plan.artifacts[b]!.size - plan.artifacts[a]!.size);
  const scans: ArtifactScan[] = [];
  const totals = new Totals(plan.bytes, ctx);
  const large = plan.depth === 'full' ? plan.artifacts.filter((a) => a.size >= WORTH_A_THREAD).length : 0;
  const entry = threadEntry();
  const threads = entry === null ? 0 : Math.min(availableParallelism(), large, THREADS_MAX);
  const lanes: Lane[] = threads > 1 ? Array.from({ length: threads }, () => new ThreadLane(entry!)) : [new OwnLane()];
  try {
    await Promise.all(
      lanes.map(async (lane) => {
        for (let i = order.shift(); i !== undefined; i = order.shift()) {
          const artifact = plan.artifacts[i]!;
          scans[i] = await lane.scan(artifact, plan, totals.of(i));
          totals.finished(i, scans[i]!.bytesRead);
        }
      }),
    );
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  return scans;
}

interface Lane {
  scan(artifact: PlannedArtifact, plan: Plan, ctx: JobContext): Promise<ArtifactScan>;
  close(): Promise<void>;
}

class OwnLane implements Lane {
  readonly #scanner = new Scanner();

  scan(artifact: PlannedArtifact, plan: Plan, ctx: JobContext): Promise<ArtifactScan> {
    return this.#scanner.scan(artifact, plan.depth, ctx);
  }

  close(): Promise<void> {
    return this.#scanner.close();
  }
}

class ThreadLane implements Lane {
  readonly #entry: URL;
  #worker: Worker | null = null;

  constructor(entry: URL) {
    this.#entry = entry;
  }

  async scan(artifact: PlannedArtifact, plan: Plan, ctx: JobContext): Promise<ArtifactScan> {
    if (ctx.signal.aborted) return emptyScan(artifact.path, artifact.size);
    const worker = (this.#worker ??= this.#start());
    const send = (command: ScanCommand): void => worker.postMessage(command, []);
    let patience: NodeJS.Timeout | undefined;
    const abort = (): void => {
      send({ type: 'abort' });
      patience = setTimeout(() => void worker.terminate(), ABORT_PATIENCE_MS);
    };
    ctx.signal.addEventListener('abort', abort, { once: true });
    try {
      return await new Promise<ArtifactScan>((resolve) => {
        worker.on('message', (event: ScanEvent) => {
          if (event.type === 'progress') ctx.progress(event.progress);
          else if (event.type === 'network') ctx.network(event.event);
          else resolve(event.scan);
        });
        worker.on('exit', () => {
          const scan = emptyScan(artifact.path, artifact.size);
          const error = { code: 'ENGINE_WORKER_DIED', detail: { path: artifact.path } } as const;
          resolve(ctx.signal.aborted ? scan : { ...scan, status: 'failed', error });
        });
        send({ type: 'scan', artifact, depth: plan.depth });
      });
    } finally {
      clearTimeout(patience);
      ctx.signal.removeEventListener('abort', abort);
      worker.removeAllListeners('message');
      worker.removeAllListeners('exit');
      worker.on('exit', () => (this.#worker = null));
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#entry, { workerData: { role: 'scan' } });
    // Told by `exit`, which follows; without a listener it would end the whole process.
    worker.on('error', () => undefined);
    return worker;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
