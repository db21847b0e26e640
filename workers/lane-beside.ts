import { AppError } from '../src/core/errors.ts';
import type { ChunkLease } from '../src/core/hash/lease.ts';
import type { Lane, LaneTensor } from '../src/core/hash/tensor-lane.ts';
import type { LaneCommand, LaneEvent } from './lane-protocol.ts';
import { unwrap, type Result } from './wire.ts';

/**
 * Buffers that go back and forth between the two workers. Chunks are copied into them (1 ms per 8 MiB) instead of being
 * given away: what is transferred stays in memory until the receiver happens to collect garbage, which let the page's
 * process grow by gigabytes (measured, Chromium 156; shrinking the buffer by `transfer(0)` made it worse).
 */
const BUFFERS = 3;
const BUFFER_BYTES = 8 * 1024 * 1024;

/** The part of a `Worker` that is used. */
export interface LaneWorker {
  postMessage(command: LaneCommand, transfer: Transferable[]): void;
  addEventListener(
    type: 'message' | 'error' | 'messageerror',
    listener: (event: MessageEvent<LaneEvent>) => void,
  ): void;
  terminate(): void;
}

/** Tensor digests in a worker beside this one, which is started by the first file and kept. */
export class LaneBeside {
  readonly #start: () => LaneWorker;
  #helper: Helper | null = null;

  constructor(start: () => LaneWorker) {
    this.#start = start;
  }

  /** The lane for one file; the one before it must have ended. */
  async lane(tensors: readonly LaneTensor[], size: number): Promise<Lane> {
    if (this.#helper === null || this.#helper.dead) this.#helper = new Helper(this.#start());
    return this.#helper.open(tensors, size);
  }
}

class Helper {
  dead = false;
  readonly #worker: LaneWorker;
  readonly #free: ArrayBuffer[] = [];
  #made = 0;
  #files = 0;
  /** What was said about the file at hand. */
  #digests: Result<readonly string[]> | null = null;
  #wake: (() => void) | null = null;

  constructor(worker: LaneWorker) {
    this.#worker = worker;
    const died = (): void => {
      this.dead = true;
      worker.terminate();
      this.#wake?.();
    };
    worker.addEventListener('error', died);
    worker.addEventListener('messageerror', died);
    worker.addEventListener('message', ({ data }) => this.#hear(data));
  }

  open(tensors: readonly LaneTensor[], size: number): Lane {
    const file = ++this.#files;
    this.#digests = null;
    this.send({ type: 'open', file, tensors, size }, []);
    return new RemoteLane(this, file);
  }

  send(command: LaneCommand, transfer: Transferable[]): void {
    this.#worker.postMessage(command, transfer);
  }

  /** A buffer to fill, as soon as one is here. @throws AppError as `finish` does */
  async buffer(): Promise<ArrayBuffer> {
    for (;;) {
      this.#check();
      // A file that failed in the other worker need not be read on.
      if (this.#digests !== null) unwrap(this.#digests);
      const buffer = this.#free.pop();
      if (buffer !== undefined) return buffer;
      if (this.#made < BUFFERS) {
        this.#made++;
        return new ArrayBuffer(BUFFER_BYTES);
      }
      await this.#news();
    }
  }

  /** Takes back a buffer that was not sent. */
  keep(buffer: ArrayBuffer): void {
    this.#free.push(buffer);
  }

  async digests(): Promise<readonly string[]> {
    while (this.#digests === null) {
      this.#check();
      await this.#news();
    }
    return unwrap(this.#digests);
  }

  #check(): void {
    if (this.dead) throw new AppError('ENGINE_WORKER_DIED', { thread: 'lane' });
  }

  #news(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #hear(event: LaneEvent): void {
    if (event.type === 'back') this.#free.push(event.buffer);
    else if (event.file === this.#files) this.#digests = event.digests;
    this.#wake?.();
  }
}

class RemoteLane implements Lane {
  readonly #helper: Helper;
  readonly #file: number;
  #buffer: ArrayBuffer | null = null;
  #filled = 0;

  constructor(helper: Helper, file: number) {
    this.#helper = helper;
    this.#file = file;
  }

  async feed({ chunk }: ChunkLease): Promise<void> {
    for (let taken = 0; taken < chunk.length;) {
      this.#buffer ??= await this.#helper.buffer();
      const part = chunk.subarray(taken, taken + BUFFER_BYTES - this.#filled);
      new Uint8Array(this.#buffer).set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled === BUFFER_BYTES) this.#send();
    }
  }

  finish(): Promise<readonly string[]> {
    this.#send();
    this.#helper.send({ type: 'finish', file: this.#file }, []);
    return this.#helper.digests();
  }

  close(): void {
    if (this.#buffer !== null) this.#helper.keep(this.#buffer);
    this.#buffer = null;
  }

  #send(): void {
    const buffer = this.#buffer;
    if (buffer === null) return;
    this.#helper.send({ type: 'bytes', file: this.#file, buffer, length: this.#filled }, [buffer]);
    this.#buffer = null;
    this.#filled = 0;
  }
}
