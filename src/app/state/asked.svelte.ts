/** One question to the engine as a screen shows it: waiting, under way, answered or failed. */
import { toErrorData, type ErrorData } from '../../core/errors.ts';
import type { Progress } from '../../core/progress.ts';

/** How a question is put: given a signal to stop it and where to tell how far it is. */
export type Question<T> = (listener: {
  readonly signal: AbortSignal;
  readonly progress: (update: Progress) => void;
}) => Promise<T>;

export class Asked<T> {
  answer: T | undefined = $state.raw();
  error: ErrorData | null = $state.raw(null);
  busy = $state(false);
  /** Share done, 0 to 1; null while that is not known. */
  done: number | null = $state(null);
  #control: AbortController | null = null;

  /** A new question ends the one before; its answer, if it still comes, is dropped. */
  async ask(question: Question<T>): Promise<void> {
    this.stop();
    const control = (this.#control = new AbortController());
    this.answer = undefined;
    this.error = null;
    this.done = null;
    this.busy = true;
    try {
      const answer = await question({
        signal: control.signal,
        progress: ({ done, total }) => {
          if (total !== undefined && total > 0) this.done = Math.min(1, done / total);
        },
      });
      if (this.#control === control) this.answer = answer;
    } catch (thrown) {
      if (this.#control === control && !control.signal.aborted) this.error = toErrorData(thrown);
    } finally {
      if (this.#control === control) this.busy = false;
    }
  }

  /** Stops, and forgets what was answered. */
  clear(): void {
    this.stop();
    this.answer = undefined;
    this.error = null;
  }

  /** Stops whatever is under way; what was answered before stays. */
  stop(): void {
    this.#control?.abort();
    this.#control = null;
    this.busy = false;
  }
}
