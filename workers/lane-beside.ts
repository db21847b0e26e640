import { owned } from '../src/core/bytes/chunks.ts';
import { AppError } from '../src/core/errors.ts';
import type { ChunkLease } from '../src/core/hash/lease.ts';
import type { Lane, LaneTensor } from '../src/core/hash/tensor-lane.ts';
import type { LaneCommand, LaneEvent } from './lane-protocol.ts';
import { unwrap, type Result } from './wire.ts';

/** Chunks on their way to the other worker: one being hashed there, one waiting. */
const CHUNKS_AHEAD = 2;

/** The part of a `Worker` that is used. */
export interface LaneWorker {
  postMessage(command: LaneCommand, transfer: Transferable[]): void;
  addEventListener(
    type: 'message' | 'error' | 'messageerror',
    listener: (event: MessageEvent<LaneEvent>) => void,
  ): void;
  terminate(): void;
}

/** Starts lanes in a worker of their own, which is kept from file to file. */
export class LaneBeside {
  readonly #start: () => LaneWorker;
  #worker: LaneWorker | null = null;
  #open: RemoteLane | null = null;
  #files = 0;

  constructor(start: () => LaneWorker) {
    this.#start = start;
  }

  async lane(tensors: readonly LaneTensor[], size: number): Promise<Lane> {
    const worker = (this.#worker ??= this.#started());
    this.#open = new RemoteLane(worker, this.#files++);
    worker.postMessage({ type: 'open', file: this.#open.file, tensors, size }, []);
    return this.#open;
  }

  #started(): LaneWorker {
    const worker = this.#start();
    const died = (): void => {
      worker.terminate();
      if (this.#worker === worker) this.#worker = null;
      this.#open?.fail(new AppError('ENGINE_WORKER_DIED', { thread: 'lane' }));
    };
    worker.addEventListener('message', ({ data }) => this.#open?.hear(data));
    worker.addEventListener('error', died);
    worker.addEventListener('messageerror', died);
    return worker;
  }
}

class RemoteLane implements Lane {
  readonly file: number;
  readonly #worker: LaneWorker;
  #ahead = 0;
  #closed = false;
  #digests: Result<readonly string[]> | null = null;
  #failure: AppError | null = null;
  #wake: (() => void) | null = null;

  constructor(worker: LaneWorker, file: number) {
    this.#worker = worker;
    this.file = file;
  }

  async feed(lease: ChunkLease, offset: number): Promise<void> {
    await this.#until(() => this.#ahead < CHUNKS_AHEAD);
    this.#ahead++;
    // Sent when the engine is done with it: then it can be given away instead of copied.
    lease.passOn((chunk) => this.#send(chunk, offset));
  }

  async finish(): Promise<readonly string[]> {
    this.#worker.postMessage({ type: 'finish', file: this.file }, []);
    await this.#until(() => this.#digests !== null);
    return unwrap(this.#digests!);
  }

  close(): void {
    this.#closed = true;
  }

  hear(event: LaneEvent): void {
    if (event.file !== this.file) return;
    if (event.type === 'taken') this.#ahead--;
    else this.#digests = event.digests;
    this.#wake?.();
  }

  fail(error: AppError): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  #send(chunk: Uint8Array, offset: number): void {
    if (this.#closed) return;
    const bytes = owned(chunk);
    this.#worker.postMessage({ type: 'chunk', file: this.file, bytes, offset }, [bytes.buffer as ArrayBuffer]);
  }

  /** Waits for something that the other side says; its death and its failure end the wait. */
  async #until(reached: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      if (reached()) return;
      if (this.#digests !== null) {
        unwrap(this.#digests);
        return;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
