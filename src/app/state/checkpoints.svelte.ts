/** A sequence of checkpoints: picking, ordering, reading, result. Lives as long as the page. */
import { toErrorData, type ErrorData } from '../../core/errors.ts';
import type { CheckpointsResult } from '../../core/report/checkpoints.ts';
import type { SequencePlan } from '../../core/scan/checkpoints-request.ts';
import type { Intake } from '../../core/scan/model.ts';
import { checkpointsSentence } from '../text/checkpoints.ts';
import type { WorkHost } from './compare-side.svelte.ts';
import { Work } from './compare-work.svelte.ts';

/** A recipe with a rate for each of 100,000 steps has 2 MB. */
const RECIPE_MAX = 16 * 1024 * 1024;

export class Sequence {
  intakes: readonly Intake[] = $state.raw([]);
  /** Null until there are two checkpoints. */
  plan: SequencePlan | null = $state.raw(null);
  recipe: { readonly name: string; readonly text: string } | null = $state.raw(null);
  busy = $state(false);
  error: ErrorData | null = $state.raw(null);
  work: Work | null = $state.raw(null);
  result: CheckpointsResult | null = $state.raw(null);
  readonly bytes = $derived(this.plan?.checkpoints.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0);

  readonly #host: WorkHost;
  #control = new AbortController();

  constructor(host: WorkHost) {
    this.#host = host;
  }

  /** More files or folders: what was given before stays. */
  async add(more: readonly Intake[]): Promise<void> {
    this.intakes = [...this.intakes, ...more];
    await this.#look();
  }

  clear(): void {
    this.#control.abort();
    this.intakes = [];
    this.plan = null;
    this.error = null;
    this.busy = false;
  }

  /** One checkpoint to another place of the order; from then on it is the person's order. */
  move(from: number, to: number): void {
    const { plan } = this;
    const moved = plan?.checkpoints[from];
    if (!plan || !moved || to < 0 || to >= plan.checkpoints.length) return;
    const checkpoints = plan.checkpoints.toSpliced(from, 1).toSpliced(to, 0, moved);
    this.plan = { ...plan, checkpoints, orderBy: 'given' };
    this.#host.announce(`${moved.name} is now number ${to + 1} of ${checkpoints.length}`);
  }

  /** Back to the order of the names. */
  async byNames(): Promise<void> {
    await this.#look();
  }

  async takeRecipe(file: File): Promise<void> {
    this.error = null;
    if (file.size > RECIPE_MAX) {
      this.error = { code: 'SOURCE_TOO_LARGE', detail: { path: file.name, size: file.size, most: RECIPE_MAX } };
      return;
    }
    this.recipe = { name: file.name, text: await file.text() };
  }

  async start(): Promise<void> {
    const { plan } = this;
    if (!plan || this.work) return;
    this.error = null;
    this.result = null;
    const title = `Reading ${plan.checkpoints.length} checkpoints`;
    const work = (this.work = new Work(title, this.bytes, this.#host.announce));
    try {
      const engine = await this.#host.engine();
      const result = await engine.checkpoints(
        { plan, recipe: this.recipe?.text ?? null, now: new Date().toISOString() },
        {
          signal: work.control.signal,
          progress: (update) => work.show(update),
          network: (event) => this.#host.network(event),
        },
      );
      if (this.work === work) this.#show(result);
    } catch (error) {
      if (this.work === work) this.error = toErrorData(error);
    } finally {
      if (this.work === work) this.work = null;
    }
  }

  stop(): void {
    this.work?.stop();
  }

  /** Back to picking; what was picked stays. */
  restart(): void {
    this.work?.control.abort();
    this.work = null;
    this.result = null;
    this.error = null;
  }

  async #look(): Promise<void> {
    this.#control.abort();
    const control = (this.#control = new AbortController());
    this.error = null;
    this.plan = null;
    this.busy = true;
    try {
      const engine = await this.#host.engine();
      const plan = await engine.sequence(
        { intakes: this.intakes },
        { signal: control.signal, network: (event) => this.#host.network(event) },
      );
      if (control.signal.aborted) return;
      this.plan = plan;
      this.#host.announce(`${plan.checkpoints.length} checkpoints found`);
    } catch (error) {
      if (!control.signal.aborted) this.error = toErrorData(error);
    } finally {
      if (!control.signal.aborted) this.busy = false;
    }
  }

  #show(result: CheckpointsResult): void {
    this.result = result;
    this.#host.announce(checkpointsSentence(result));
  }
}
