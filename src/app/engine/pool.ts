import { unwrap } from '../../../workers/wire.ts';
import { AppError, throwIfAborted } from '../../core/errors.ts';
import { runJobOn, type JobCall, type JobListener } from './job.ts';
import type { EngineWorker } from './start-worker.ts';

export interface PoolOptions {
  readonly start: () => EngineWorker;
  /** Most workers at once. */
  readonly size: number;
  /** After an abort: how long a worker may take to answer before it is ended. Milliseconds. */
  readonly patience?: number;
  /** A worker without work is ended after this long, for it may hold tens of megabytes. Milliseconds. */
  readonly idle?: number;
}

const PATIENCE_MS = 1000;
const IDLE_MS = 10_000;

interface Parked {
  readonly worker: EngineWorker;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Workers that do one job each at a time: started when there is work, ended when there is none. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #parked: Parked[] = [];
  readonly #queue = new Set<() => void>();
  #busy = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Workers that exist now. */
  get workers(): number {
    return this.#busy + this.#parked.length;
  }

  /**
   * Waits for its turn, then runs one job.
   *
   * @throws AppError what the job failed with; SOURCE_ABORTED when stopped before its turn, or when the worker does not
   *   answer an abort; ENGINE_WORKER_DIED when the worker did not live to answer
   */
  async run<T>(call: JobCall<T>, listener: JobListener): Promise<T> {
    await this.#turn(listener.signal);
    try {
      const worker = this.#take();
      const { result, reusable } = await runJobOn(worker, call, listener, this.#options.patience ?? PATIENCE_MS);
      if (reusable) this.#park(worker);
      else worker.end();
      return unwrap(result);
    } finally {
      this.#busy--;
      const [next] = this.#queue;
      next?.();
    }
  }

  /** First come, first served; whoever is stopped leaves the queue. */
  async #turn(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (this.#busy < this.#options.size) {
      this.#busy++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#queue.delete(enter);
        signal.removeEventListener('abort', abort);
      };
      const enter = (): void => {
        leave();
        this.#busy++;
        resolve();
      };
      const abort = (): void => {
        leave();
        reject(new AppError('SOURCE_ABORTED'));
      };
      this.#queue.add(enter);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  #take(): EngineWorker {
    const parked = this.#parked.pop();
    if (parked === undefined) {
      try {
        return this.#options.start();
      } catch (error) {
        throw new AppError('ENGINE_WORKER_DIED', {}, error);
      }
    }
    clearTimeout(parked.timer);
    return parked.worker;
  }

  #park(worker: EngineWorker): void {
    const parked: Parked = {
      worker,
      timer: setTimeout(() => {
        this.#parked.splice(this.#parked.indexOf(parked), 1);
        worker.end();
      }, this.#options.idle ?? IDLE_MS),
    };
    this.#parked.push(parked);
  }
}
