/** Threads that compare: both models' signals at once, and shares of the pairs. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError } from '../core/errors.ts';
import type { JobContext } from '../core/progress.ts';
import type { PairsRequest, SignalsFound } from '../core/scan/compare.ts';
import type { ModelInput } from '../core/scan/compare-request.ts';
import type { PairOutcome } from '../core/scan/compare-run.ts';
import { workHere, type LaneAnswer, type LaneCommand, type LaneEvent, type LaneJob } from './compare-thread.ts';
import { threadEntry } from './thread-entry.ts';

/** Below this a model's signals are had before a thread has started and read its headers. Bytes of weights. */
const WORTH_A_THREAD = 32 * 1024 * 1024;
/** More streams than this make disks slower. */
const LANES_MAX = 4;
/** After an abort, how long a thread may take to answer before it is ended. Milliseconds. */
const ABORT_PATIENCE_MS = 1000;

export class ComparePool {
  readonly #entry = threadEntry();
  readonly #offline: boolean;
  readonly #cache: string | null;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  /** @param cache folder of kept signals; null: none */
  constructor(offline: boolean, cache: string | null) {
    this.#offline = offline;
    this.#cache = cache;
  }

  /** Threads that are worth having at once; 1 where there are none, or the machine has one core. */
  get lanes(): number {
    return this.#entry === null ? 1 : Math.min(availableParallelism(), LANES_MAX);
  }

  /** @throws AppError SOURCE_*; ENGINE_WORKER_DIED */
  async signals(model: ModelInput, ctx: JobContext): Promise<SignalsFound> {
    const weights = model.artifacts.reduce((sum, { role, size }) => sum + (role === 'weights' ? size : 0), 0);
    const job: LaneJob = { type: 'signals', model, offline: this.#offline, cache: this.#cache };
    return (await this.#work(job, weights >= WORTH_A_THREAD, ctx)) as LaneAnswer['signals'];
  }

  async pairs(request: PairsRequest, ctx: JobContext): Promise<readonly PairOutcome[]> {
    return (await this.#work({ type: 'pairs', request, offline: this.#offline }, true, ctx)) as LaneAnswer['pairs'];
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #work(job: LaneJob, worth: boolean, ctx: JobContext): Promise<LaneAnswer[keyof LaneAnswer]> {
    return worth && this.lanes > 1 ? this.#onThread(job, ctx) : workHere(job, ctx);
  }

  async #onThread(job: LaneJob, ctx: JobContext): Promise<LaneAnswer[keyof LaneAnswer]> {
    if (ctx.signal.aborted) throw new AppError('SOURCE_ABORTED');
    const worker = this.#idle.pop() ?? this.#start();
    const send = (command: LaneCommand): void => worker.postMessage(command, []);
    let patience: NodeJS.Timeout | undefined;
    const abort = (): void => {
      send({ type: 'abort' });
      patience = setTimeout(() => void worker.terminate(), ABORT_PATIENCE_MS);
    };
    ctx.signal.addEventListener('abort', abort, { once: true });
    try {
      return await new Promise<LaneAnswer[keyof LaneAnswer]>((resolve, reject) => {
        worker.on('message', (event: LaneEvent) => {
          if (event.type === 'progress') ctx.progress(event.progress);
          else if (event.type === 'network') ctx.network(event.event);
          else if (event.type === 'done') resolve(event.value);
          else reject(new AppError(event.error.code, event.error.detail));
        });
        worker.on('exit', () => {
          this.#all.delete(worker);
          reject(new AppError(ctx.signal.aborted ? 'SOURCE_ABORTED' : 'ENGINE_WORKER_DIED'));
        });
        send(job);
      });
    } finally {
      clearTimeout(patience);
      ctx.signal.removeEventListener('abort', abort);
      worker.removeAllListeners('message');
      worker.removeAllListeners('exit');
      worker.on('exit', () => this.#all.delete(worker));
      if (this.#all.has(worker)) this.#idle.push(worker);
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#entry!, { workerData: { role: 'compare' } });
    // Told by `exit`, which follows; without a listener it would end the whole process.
    worker.on('error', () => undefined);
    this.#all.add(worker);
    return worker;
  }
}
