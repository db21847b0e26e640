/* oxlint-disable unicorn/require-post-message-target-origin -- a port of worker_threads has no origin */
/** A thread that runs parsers, and the watch over it: what takes too long is killed, and said which input it was. */
import { Worker } from 'node:worker_threads';

/** The time one input may take, milliseconds of processor time; and of the clock, when nothing is computed at all. */
export const SLOW_MS = 2_000;
const STUCK_MS = 15_000;
const LOOK_MS = 50;
/** MiB of JavaScript heap: a worker's budget, and the bundle itself. */
const LIMITS = { maxOldGenerationSizeMb: 320, maxYoungGenerationSizeMb: 96 };

export class Runner {
  #bundle;
  #root;
  #worker = null;
  #clock = null;

  constructor(bundle, root) {
    this.#bundle = bundle;
    this.#root = root;
  }

  /** Seeds of each parser, in order. */
  async start() {
    this.#clock = new SharedArrayBuffer(8);
    this.#worker = new Worker(new URL('worker.mjs', import.meta.url), {
      workerData: { bundle: this.#bundle, root: this.#root, clock: this.#clock },
      resourceLimits: LIMITS,
      // What a library prints about hostile files is nobody's business.
      stdout: true,
      stderr: true,
    });
    const { seeds } = await this.#answer(false);
    return seeds;
  }

  async stop() {
    await this.#worker?.terminate();
    this.#worker = null;
  }

  /** @returns the worker's answer, or {killed, begun}: why it had to be stopped, and how many inputs it had begun */
  async ask(message) {
    if (this.#worker === null) await this.start();
    const begun = Atomics.load(new Int32Array(this.#clock), 0);
    this.#worker.postMessage(message);
    const answer = await this.#answer(true);
    if ('fatal' in answer) throw new Error(answer.fatal);
    return 'killed' in answer ? { ...answer, begun: answer.begun - begun } : answer;
  }

  #answer(watched) {
    const worker = this.#worker;
    const clock = new Int32Array(this.#clock);
    return new Promise((resolve) => {
      let input = -1;
      let since = 0;
      let cpu = process.cpuUsage();
      const stop = async (killed) => {
        clearInterval(watch);
        worker.removeAllListeners();
        worker.on('error', () => {});
        const begun = Atomics.load(clock, 0);
        if (this.#worker === worker) this.#worker = null;
        await worker.terminate();
        resolve({ killed, begun });
      };
      const watch = setInterval(() => {
        if (!watched || Atomics.load(clock, 1) === 0) {
          input = -1;
          return;
        }
        const now = Atomics.load(clock, 0);
        if (now !== input) {
          input = now;
          since = performance.now();
          cpu = process.cpuUsage();
          return;
        }
        const { user, system } = process.cpuUsage(cpu);
        if ((user + system) / 1000 > SLOW_MS) void stop('slow');
        else if (performance.now() - since > STUCK_MS) void stop('stuck');
      }, LOOK_MS);
      worker.once('message', (answer) => {
        clearInterval(watch);
        worker.removeAllListeners('error');
        resolve(answer);
      });
      worker.once('error', (error) => {
        if (!watched) console.error(error);
        void stop(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : `died: ${error.message}`);
      });
    });
  }
}
