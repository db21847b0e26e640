/** Collects steps in order. After the first that contradicts, later ones are not reached and say so. */
import { AppError, toErrorData, type ErrorCode, type ErrorData, type ErrorDetail } from '../../errors.ts';
import type { Step, StepId } from './attestation.ts';

export class Steps {
  readonly #steps: Step[] = [];
  #failed: StepId | null = null;

  /** The step that contradicted, if any. */
  get failed(): StepId | null {
    return this.#failed;
  }

  add(step: Step): void {
    this.#steps.push(step);
    if (step.outcome === 'contradicts') this.#failed ??= step.id;
  }

  matches(id: StepId, rest: Omit<Step, 'id' | 'outcome'> = {}): void {
    this.add({ id, outcome: 'matches', ...rest });
  }

  contradicts(id: StepId, code: ErrorCode, detail: ErrorDetail = {}, rest: Omit<Step, 'id' | 'outcome'> = {}): void {
    this.add({ id, outcome: 'contradicts', reason: { code, detail }, ...rest });
  }

  unchecked(id: StepId, reason: ErrorData, rest: Omit<Step, 'id' | 'outcome'> = {}): void {
    this.add({ id, outcome: 'could-not-check', reason, ...rest });
  }

  /**
   * Runs one step: its facts when it holds, `contradicts` with the code it throws otherwise.
   * @throws AppError SOURCE_*: reading failed, which says nothing about the statement
   */
  async run<T>(
    id: StepId,
    work: () => T | Promise<T>,
    told?: (value: T) => Omit<Step, 'id' | 'outcome'>,
  ): Promise<T | null> {
    if (this.#failed !== null) {
      this.unchecked(id, { code: 'ATTEST_NOT_REACHED', detail: { step: this.#failed } });
      return null;
    }
    try {
      const value = await work();
      this.matches(id, told?.(value) ?? {});
      return value;
    } catch (error) {
      if (!(error instanceof AppError) || error.code.startsWith('SOURCE_')) throw error;
      // What is missing to check with says nothing against the statement.
      const missing = error.code.startsWith('ATTEST_NO_');
      this.add({ id, outcome: missing ? 'could-not-check' : 'contradicts', reason: toErrorData(error) });
      if (!missing) this.#failed ??= id;
      return null;
    }
  }

  list(): readonly Step[] {
    return this.#steps;
  }
}
