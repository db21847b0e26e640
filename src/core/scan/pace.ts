import type { JobContext } from '../progress.ts';

/** At most ten progress messages a second. */
const INTERVAL_MS = 100;

/**
 * Keeps a busy loop answerable: ten times a second it says how far it is and lets the event loop turn, so that an abort
 * waiting in a port is heard even where every read is answered at once (bytes in memory).
 */
export class Pace {
  readonly #ctx: JobContext;
  readonly #path: string;
  readonly #total: number;
  readonly #channel = new MessageChannel();
  #last = performance.now();

  constructor(ctx: JobContext, path: string, total: number) {
    this.#ctx = ctx;
    this.#path = path;
    this.#total = total;
    // A port with a listener of this kind delivers nothing until it is started.
    this.#channel.port1.start();
  }

  /** Called once per chunk. @param done bytes of this job that are done; never less than last time */
  async step(done: number): Promise<void> {
    const now = performance.now();
    if (now - this.#last < INTERVAL_MS) return;
    this.#last = now;
    this.#say(done);
    await this.#turn();
  }

  /** Says that everything is done. */
  finish(): void {
    this.#say(this.#total);
  }

  /** Frees the channel: an open one keeps a Node process alive. */
  close(): void {
    this.#channel.port1.close();
  }

  #say(done: number): void {
    this.#ctx.progress({ phase: 'reading', path: this.#path, done, total: this.#total });
  }

  /** One turn of the event loop. A timer would cost four milliseconds each time once browsers clamp it. */
  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#channel.port1.addEventListener('message', () => resolve(), { once: true });
      this.#channel.port2.postMessage(null);
    });
  }
}
