/** One model being picked: what a person gave, and the plan that says which files it has. */
import { toErrorData, type ErrorData } from '../../core/errors.ts';
import type { HubRef } from '../../core/hub/ref.ts';
import type { NetworkEvent } from '../../core/progress.ts';
import type { Intake, Plan } from '../../core/scan/model.ts';
import type { Engine } from '../engine/client.ts';

/** What picking and comparing need of the rest of the app. */
export interface WorkHost {
  engine(): Promise<Engine>;
  token(): string;
  network(event: NetworkEvent): void;
  announce(text: string): void;
  /** Address of the database's files. */
  database(): string;
}

export class Side {
  intake: Intake | null = $state.raw(null);
  /** Files and sizes; of the Hub, at a commit. */
  plan: Plan | null = $state.raw(null);
  error: ErrorData | null = $state.raw(null);
  readonly busy = $derived(this.intake !== null && this.plan === null && this.error === null);
  readonly name = $derived(this.plan?.name ?? nameOf(this.intake));

  readonly #host: WorkHost;
  #control = new AbortController();

  constructor(host: WorkHost) {
    this.#host = host;
  }

  /** Looks which files there are; of the Hub, a branch becomes a commit here. */
  async choose(intake: Intake): Promise<void> {
    this.clear();
    const control = this.#control;
    this.intake = intake;
    try {
      const engine = await this.#host.engine();
      const plan = await engine.plan(
        { intake, against: [], depth: 'headers' },
        { signal: control.signal, network: (event) => this.#host.network(event) },
      );
      if (control.signal.aborted) return;
      this.plan = plan;
      if (plan.artifacts.every(({ role }) => role === 'claim' || role === 'other')) {
        this.error = {
          code: 'USAGE',
          detail: { problem: 'There is no model file in it.', next: 'Choose its folder.' },
        };
      }
    } catch (error) {
      if (!control.signal.aborted) this.error = toErrorData(error);
    }
  }

  chooseHub(ref: HubRef): Promise<void> {
    const token = this.#host.token();
    return this.choose({ kind: 'hub', ref, ...(token ? { token } : {}) });
  }

  clear(): void {
    this.#control.abort();
    this.#control = new AbortController();
    this.intake = null;
    this.plan = null;
    this.error = null;
  }

  /** The repository at its commit, when the model is one. */
  get ref(): HubRef | null {
    const { intake, plan } = this;
    if (intake?.kind !== 'hub') return null;
    if (plan?.origin.kind !== 'hub') return intake.ref;
    return { ...intake.ref, repo: plan.origin.repo, revision: plan.origin.commit };
  }

  /** Bytes of its weights: what comparing reads at most, but for a few side files. */
  get bytes(): number {
    return this.plan?.artifacts.reduce((sum, { role, size }) => sum + (role === 'weights' ? size : 0), 0) ?? 0;
  }
}

function nameOf(intake: Intake | null): string {
  if (intake === null) return '';
  if (intake.kind === 'hub') return intake.ref.repo;
  return intake.kind === 'local' ? intake.name : intake.url;
}
