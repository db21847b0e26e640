/** Bytes a second over the last few seconds: steady enough to read, quick enough to notice a stall. */
const WINDOW_MS = 5000;

export class Rate {
  readonly #marks: { readonly at: number; readonly done: number }[] = [];

  /** @param done bytes so far @param at milliseconds, never less than last time */
  mark(done: number, at: number): void {
    this.#marks.push({ at, done });
    while (this.#marks.length > 2 && at - this.#marks[1]!.at >= WINDOW_MS) this.#marks.shift();
  }

  /** Bytes a second; 0 before there is anything to go by. */
  get perSecond(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 200) return 0;
    return ((last.done - first.done) * 1000) / (last.at - first.at);
  }

  /** Seconds until `total` at this rate; null when nobody can say. */
  secondsLeft(total: number): number | null {
    const done = this.#marks.at(-1)?.done ?? 0;
    const rate = this.perSecond;
    return rate > 0 ? (total - done) / rate : null;
  }
}
