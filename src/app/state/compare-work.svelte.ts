/** A long job as it is shown: bytes, rate, time left; read out at quarters and no more often. */
import type { Progress } from '../../core/progress.ts';
import { Rate } from '../engine/rate.ts';

const ANNOUNCED = [25, 50, 75] as const;

export class Work {
  /** The latest word of the job; null before the first. */
  now: Progress | null = $state.raw(null);
  rate = $state(0);
  secondsLeft: number | null = $state(null);
  stopping = $state(false);
  readonly total: number;
  readonly control = new AbortController();
  readonly percent = $derived(this.#percent());

  readonly #rates = new Rate();
  readonly #announce: (text: string) => void;
  #announced = 0;

  /** @param expected bytes, until the job knows better */
  constructor(what: string, expected: number, announce: (text: string) => void) {
    this.total = expected;
    this.#announce = announce;
    announce(`${what}, 0 percent`);
  }

  show(progress: Progress): void {
    this.now = progress;
    this.#rates.mark(progress.done, performance.now());
    this.rate = this.#rates.perSecond;
    this.secondsLeft = this.#rates.secondsLeft(progress.total ?? this.total);
    const passed = ANNOUNCED.findLast((percent) => this.percent >= percent) ?? 0;
    if (passed > this.#announced && this.percent < 100) {
      this.#announced = passed;
      this.#announce(`${passed} percent`);
    }
  }

  stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.#announce('Stopping');
    this.control.abort();
  }

  #percent(): number {
    const total = this.now?.total ?? this.total;
    return total > 0 ? Math.min(100, Math.floor((100 * (this.now?.done ?? 0)) / total)) : 0;
  }
}
