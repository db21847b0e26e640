/** SHA-256 of tensor leaves on a thread of their own, beside the thread that reads and hashes the file. */
import { Worker } from 'node:worker_threads';
import { AppError } from '../core/errors.ts';
import { sha256Here, type LeafHasher } from './node-hash.ts';
import { threadEntry } from './thread-entry.ts';

/** What goes to the thread: a piece of shared memory, never a copy. */
export interface LeafRequest {
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
  readonly offset: number;
  readonly length: number;
}

export interface LeafAnswer {
  readonly id: number;
  readonly digest: Uint8Array;
}

/** Handing over costs some 20 microseconds on each side, OpenSSL's time for 40 kB; below this it is not worth it. */
const SHORT_MAX = 128 * 1024;

interface Waiting {
  resolve(digest: Uint8Array): void;
  reject(error: unknown): void;
}

/** The thread is started by the first leaf that is worth it, and ended by `close`. */
export class LeafThread implements LeafHasher {
  readonly shortMax = SHORT_MAX;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #next = 0;

  allocate(length: number): Uint8Array {
    return new Uint8Array(new SharedArrayBuffer(length));
  }

  /** @throws AppError ENGINE_WORKER_DIED */
  sha256(bytes: Uint8Array): Promise<Uint8Array> {
    const { buffer } = bytes;
    const entry = threadEntry();
    // Ordinary memory would be copied on its way. Run from source, as tests are, there is no file to start.
    if (!(buffer instanceof SharedArrayBuffer) || entry === null) return Promise.resolve(sha256Here(bytes));
    this.#worker ??= this.#start(entry);
    const id = this.#next++;
    const request: LeafRequest = { id, buffer, offset: bytes.byteOffset, length: bytes.length };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker!.postMessage(request, []);
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(entry: URL): Worker {
    const worker = new Worker(entry, { workerData: { role: 'leaf' } });
    worker.on('message', ({ id, digest }: LeafAnswer) => {
      this.#waiting.get(id)?.resolve(digest);
      this.#waiting.delete(id);
    });
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(null));
    return worker;
  }

  #fail(cause: unknown): void {
    const error = new AppError('ENGINE_WORKER_DIED', { thread: 'leaf' }, cause);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
