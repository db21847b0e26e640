import type { JobContext, Progress } from '../progress.ts';

/** Sums the progress of files that are read side by side: only ever grows, never beyond the whole. */
export class Totals {
  readonly #total: number;
  readonly #ctx: JobContext;
  readonly #done = new Map<number, number>();
  #sum = 0;

  /** @param total bytes of the whole run @param ctx told of the sums */
  constructor(total: number, ctx: JobContext) {
    this.#total = total;
    this.#ctx = ctx;
  }

  /** A context for the file at this place of the plan. */
  of(place: number): JobContext {
    return {
      signal: this.#ctx.signal,
      network: (event) => this.#ctx.network(event),
      progress: (progress) => this.#grow(place, progress.done, progress),
    };
  }

  /** A file that failed early, or whose length was stated wrongly, counts as what was read of it. */
  finished(place: number, bytes: number): void {
    this.#grow(place, bytes, { phase: 'reading', done: bytes });
  }

  #grow(place: number, done: number, { phase, path }: Progress): void {
    const before = this.#done.get(place) ?? 0;
    if (done > before) {
      this.#done.set(place, done);
      this.#sum += done - before;
    }
    const sum = Math.min(this.#sum, this.#total);
    this.#ctx.progress({ phase, ...(path === undefined ? {} : { path }), done: sum, total: this.#total });
  }
}
