/** A run as the Progress screen shows it, and as it is read out: at quarters and changes of phase, not more. */
import type { Plan } from '../../core/scan/model.ts';
import type { RunProgress } from '../engine/run.ts';

/** Percentages that are read out. */
const ANNOUNCED = [25, 50, 75] as const;

export class Run {
  /** The latest picture; a new object each time. */
  now: RunProgress = $state.raw({ done: 0, total: 0, rate: 0, secondsLeft: null, files: [] });
  readonly percent = $derived(
    this.now.total > 0 ? Math.min(100, Math.floor((100 * this.now.done) / this.now.total)) : 0,
  );
  /** The person asked to stop: the run winds up and reports what it has. */
  stopping = $state(false);

  readonly #announce: (text: string) => void;
  readonly #started = performance.now();
  #announced = 0;

  constructor(plan: Plan, announce: (text: string) => void) {
    const files = plan.artifacts.map(({ path, size }) => ({ path, size, done: 0, state: 'waiting' as const }));
    this.now = { done: 0, total: plan.bytes, rate: 0, secondsLeft: null, files };
    this.#announce = announce;
    announce(`Reading ${plan.name}, 0 percent`);
  }

  show(update: RunProgress): void {
    this.now = update;
    const passed = ANNOUNCED.findLast((percent) => this.percent >= percent) ?? 0;
    if (passed > this.#announced && this.percent < 100) {
      this.#announced = passed;
      this.#announce(`${passed} percent`);
    }
  }

  seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}
