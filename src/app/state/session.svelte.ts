/**
 * One check from what a person gave to its report: intake → plan → run → report. The screens Plan and Progress show
 * this object; the report is kept under an id and shown by address.
 */
import { AppError, toErrorData, type ErrorData } from '../../core/errors.ts';
import { parseHubRef } from '../../core/hub/parse-ref.ts';
import type { HubRef, HubSnapshot } from '../../core/hub/ref.ts';
import { ASK_ABOVE_LOCAL } from '../../core/limits.ts';
import type { Report } from '../../core/report/report.ts';
import type { Against, Depth, Intake, Plan } from '../../core/scan/model.ts';
import type { Engine } from '../engine/client.ts';
import { formatDeepLink, type DeepLink } from '../links/deep-link.ts';
import { Persisted } from './persisted.svelte.ts';
import { GUESSED_RATES, isKnownRates, learnRate, type KnownRates } from './known-rates.ts';
import { Run } from './run.svelte.ts';
import { expectationsOf, type ExpectedOf } from './expected.ts';
import type { Finished, SessionHost } from './session-host.ts';

export type Stage = 'idle' | 'planning' | 'planned' | 'running' | 'concluding' | 'failed';

export class Session {
  stage: Stage = $state('idle');
  error: ErrorData | null = $state.raw(null);
  /** Claims waiting for the next file. */
  held: readonly Against[] = $state.raw([]);
  /** Claims of the check at hand. */
  against: readonly Against[] = $state.raw([]);
  depth: Depth = $state('full');
  plans: Readonly<Partial<Record<Depth, Plan>>> = $state.raw({});
  intake: Intake | null = $state.raw(null);
  run: Run | null = $state.raw(null);
  /** A report that came while another screen was looked at. */
  unseen: { readonly id: string; readonly name: string } | null = $state.raw(null);
  readonly running = $derived(this.stage === 'running' || this.stage === 'concluding');
  readonly plan = $derived(this.plans[this.depth] ?? null);

  readonly #host: SessionHost;
  readonly #rates = new Persisted<KnownRates>('rates', GUESSED_RATES, isKnownRates);
  #engine: Promise<Engine> | null = null;
  /** Of whatever is under way; a new check ends the old one. */
  #control = new AbortController();
  #finished: Finished | null = $state.raw(null);
  /** Of the repository being planned. */
  #listed: HubSnapshot | null = null;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** Loads the engine while nothing else is to do, so that the first drop starts at once. */
  async warmUp(): Promise<void> {
    await this.#load().catch(() => {});
  }

  hold(against: Against): void {
    this.held = [...this.held, against];
  }

  release(index: number): void {
    this.held = this.held.filter((_, i) => i !== index);
  }

  /** Starts with files of this device: small ones are read at once, large ones are asked about. */
  begin(intake: Intake): void {
    const against = this.held;
    this.held = [];
    const small = intake.kind === 'local' && intake.files.reduce((sum, file) => sum + file.size, 0) < ASK_ABOVE_LOCAL;
    this.#host.go(small ? '#/progress' : '#/plan');
    void this.#prepare(intake, against, 'full', small);
  }

  /** A deep link, or a name typed on Home (which becomes one): always asked about, with the headers read first. */
  openLink(link: DeepLink): void {
    const against: Against[] = link.digest ? [{ kind: 'text', name: 'The digest in the link', text: link.digest }] : [];
    if (link.repo === '') {
      this.held = [...this.held, ...against];
      this.#host.go('#/', { replace: true });
      return;
    }
    let ref: HubRef;
    try {
      ref = parseHubRef(link.repo);
    } catch (error) {
      this.#fail(error);
      return;
    }
    const revision = link.revision ?? ref.revision;
    const file = link.file ?? ref.file;
    const full: HubRef = { repo: ref.repo, ...(revision ? { revision } : {}), ...(file ? { file } : {}) };
    if (this.stage === 'planned' && this.#shows(full)) return;
    const held = this.held;
    this.held = [];
    void this.#prepare(this.#hubIntake(full), [...held, ...against], link.depth, false);
  }

  /** Adds a claim to the check being planned. */
  async addAgainst(against: Against): Promise<void> {
    this.against = [...this.against, against];
    await this.#replan();
  }

  async removeAgainst(index: number): Promise<void> {
    this.against = this.against.filter((_, i) => i !== index);
    await this.#replan();
  }

  async setDepth(depth: Depth): Promise<void> {
    this.depth = depth;
    if (!this.plans[depth]) await this.#planOther(depth);
  }

  /** Seconds that reading this much will take, from what was measured before. */
  estimate(plan: Plan): number {
    return plan.bytes / this.#rates.current[plan.origin.kind === 'local' ? 'local' : 'hub'];
  }

  async start(): Promise<void> {
    const { plan, intake } = this;
    if (!plan || !intake || this.stage !== 'planned') return;
    this.#host.go('#/progress');
    await this.#work(plan, intake);
  }

  /** Stops reading; what is finished is still made into a report, within a second. */
  cancel(): void {
    if (this.stage === 'planning') {
      this.#control.abort();
      this.leave();
    }
    if (this.stage !== 'running' || !this.run) return;
    this.run.stopping = true;
    this.#host.announce('Stopping');
    this.#control.abort();
  }

  /** Back to Home without a report. */
  leave(): void {
    this.#control.abort();
    this.stage = 'idle';
    this.#host.go('#/');
  }

  escape(screen: string): void {
    if (this.stage === 'running') this.cancel();
    else if (screen === 'plan' || screen === 'link') this.leave();
  }

  /** What the latest report of this visit was made from: its files are still at hand. */
  get latest(): { readonly id: string; readonly intake: Intake } | null {
    const finished = this.#finished;
    if (!finished) return null;
    const { id, intake, plan } = finished;
    if (intake.kind !== 'hub' || plan.origin.kind !== 'hub') return { id, intake };
    return { id, intake: { ...intake, ref: { ...intake.ref, revision: plan.origin.commit } } };
  }

  /** The one engine of the page: its workers are shared by everything that reads. */
  engine(): Promise<Engine> {
    return this.#load();
  }

  /** True when this report's files are still at hand. */
  canExtend(id: string): boolean {
    return this.#finished?.id === id;
  }

  /** Plan and scans behind this report while its files are at hand, for closer looks. */
  atHand(id: string): Pick<Finished, 'plan' | 'scans'> | null {
    return this.#finished?.id === id ? this.#finished : null;
  }

  /** The same report compared with one thing more, from what was already read. */
  async extend(id: string, more: Against): Promise<void> {
    await this.#concludeAgain(id, (finished) => ({ against: [...finished.against, more] }));
  }

  /** The same report with its signatures checked against a name, keys and roots, from what was already read. */
  async expectSigner(id: string, expected: ExpectedOf): Promise<void> {
    await this.#concludeAgain(id, () => ({ expect: expectationsOf(expected) }));
  }

  /** The same report once more, because what is remembered of its publisher has changed. */
  async reconsider(id: string): Promise<void> {
    await this.#concludeAgain(id, () => ({}));
  }

  /** @throws AppError USAGE when the files of this report are not at hand any more */
  async #concludeAgain(id: string, change: (finished: Finished) => Partial<Finished>): Promise<void> {
    const finished = this.#finished;
    if (finished?.id !== id)
      throw new AppError('USAGE', { problem: 'The files of this report are no longer at hand.' });
    this.#control = new AbortController();
    const work = { ...finished, ...change(finished) };
    await this.#publish(await this.#conclude(work), work, id);
  }

  /** Reads the same files again; null when they are not at hand any more. */
  again(id: string): boolean {
    const finished = this.#finished;
    if (finished?.id !== id) return false;
    this.held = finished.against;
    if (finished.intake.kind === 'hub' && finished.plan.origin.kind === 'hub') {
      const { repo, commit } = finished.plan.origin;
      this.#host.go(formatDeepLink({ repo, revision: commit, depth: finished.plan.depth }));
      return true;
    }
    this.begin(finished.intake);
    return true;
  }

  async #prepare(intake: Intake, against: readonly Against[], depth: Depth, thenRun: boolean): Promise<void> {
    this.#control.abort();
    const control = (this.#control = new AbortController());
    this.intake = intake;
    this.against = against;
    this.depth = depth;
    this.plans = {};
    this.#listed = null;
    this.error = null;
    this.run = null;
    this.stage = 'planning';
    try {
      const plan = await this.#makePlan(intake, against, depth, control.signal);
      if (control.signal.aborted) return;
      this.plans = { [depth]: plan };
      this.stage = 'planned';
      if (thenRun) {
        await this.#work(plan, intake);
        return;
      }
      this.#pin(plan);
      await this.#planOther(depth === 'full' ? 'headers' : 'full');
    } catch (error) {
      if (!control.signal.aborted) this.#fail(error);
    }
  }

  /** A branch has become a commit: everything after this, and the address, names the commit. */
  #pin(plan: Plan): void {
    const { intake } = this;
    if (intake?.kind !== 'hub' || plan.origin.kind !== 'hub') return;
    const ref = { ...intake.ref, revision: plan.origin.commit };
    this.intake = { ...intake, ref };
    const digest = this.against.find((a) => a.kind === 'text' && a.name === 'The digest in the link');
    this.#host.rewrite(
      formatDeepLink({
        repo: ref.repo,
        revision: ref.revision,
        depth: this.depth,
        ...(ref.file ? { file: ref.file } : {}),
        ...(digest?.kind === 'text' ? { digest: digest.text } : {}),
      }),
    );
  }

  /** The plan of the other depth, for its card: what it would read and answer. */
  async #planOther(depth: Depth): Promise<void> {
    const { intake, against } = this;
    const { signal } = this.#control;
    if (!intake) return;
    try {
      const plan = await this.#makePlan(intake, against, depth, signal);
      if (!signal.aborted && against === this.against) this.plans = { ...this.plans, [depth]: plan };
    } catch (error) {
      if (!signal.aborted && depth === this.depth) this.#fail(error);
    }
  }

  async #replan(): Promise<void> {
    if (this.stage !== 'planned') return;
    this.plans = {};
    await this.#planOther(this.depth);
    await this.#planOther(this.depth === 'full' ? 'headers' : 'full');
  }

  async #makePlan(intake: Intake, against: readonly Against[], depth: Depth, signal: AbortSignal): Promise<Plan> {
    const engine = await this.#load();
    // The repository is listed once; its other plans are of the same commit.
    const known = this.#listed === null ? {} : { snapshot: this.#listed };
    const request = { intake, against: this.#withToken(against), depth, ...known };
    const plan = await engine.plan(request, { signal, network: this.#host.network });
    if (!signal.aborted) this.#listed = plan.snapshot ?? null;
    return plan;
  }

  async #work(plan: Plan, intake: Intake): Promise<void> {
    const control = this.#control;
    const { against } = this;
    const run = (this.run = new Run(plan, (text) => this.#host.announce(text)));
    this.stage = 'running';
    try {
      const engine = await this.#load();
      const scans = await engine.run(plan, {
        signal: control.signal,
        network: this.#host.network,
        progress: (update) => run.show(update),
      });
      // Another check was begun meanwhile: this one has no screen any more.
      if (this.run !== run) return;
      const stopped = control.signal.aborted;
      if (!stopped) {
        const from = plan.origin.kind === 'local' ? 'local' : 'hub';
        this.#rates.current = learnRate(this.#rates.current, from, plan.bytes, run.seconds());
      }
      this.stage = 'concluding';
      this.#control = new AbortController();
      const report = await this.#conclude({ plan, scans, against, stopped });
      if (this.run === run) await this.#publish(report, { intake, plan, scans, against, stopped }, null);
    } catch (error) {
      if (this.run === run) this.#fail(error);
    }
  }

  async #conclude({ plan, scans, against, stopped, expect }: Omit<Finished, 'id' | 'intake'>): Promise<Report> {
    const engine = await this.#load();
    const { signers, trust } = this.#host;
    const known = await signers.expecting(plan, expect);
    const stored = await trust.storedTrust();
    const report = await engine.conclude(
      {
        plan,
        against: this.#withToken(against),
        scans,
        database: this.#host.database(),
        offline: !navigator.onLine,
        stopped,
        now: new Date().toISOString(),
        ...(known === undefined ? {} : { expect: known }),
        ...(stored === undefined ? {} : { stored }),
      },
      { signal: this.#control.signal, network: this.#host.network },
    );
    trust.looked(report);
    return signers.compared(plan, report);
  }

  /** @param before id of the report that this one takes the place of; null: the first of a run */
  async #publish(report: Report, work: Omit<Finished, 'id'>, before: string | null): Promise<void> {
    const id = await this.#host.keep(report);
    this.#finished = { ...work, id };
    this.stage = 'idle';
    this.#host.announce(report.verdict.sentence);
    // Whoever went to another screen stays there, and is told where the report is.
    if (before === null && this.#host.screen() === 'progress') this.#host.go(`#/report/${id}`, { replace: true });
    else if (before === null || !this.#host.follow(before, id)) this.unseen = { id, name: report.subject.name };
    this.#host.signers.shown(work.plan, id);
  }

  #fail(error: unknown): void {
    this.error = toErrorData(error);
    this.stage = 'failed';
  }

  #hubIntake(ref: HubRef): Intake {
    const token = this.#host.token();
    return { kind: 'hub', ref, ...(token ? { token } : {}) };
  }

  /** The token of the moment goes with every claim that asks the Hub. */
  #withToken(against: readonly Against[]): readonly Against[] {
    const token = this.#host.token();
    return token ? against.map((one) => (one.kind === 'hub' ? { ...one, token } : one)) : against;
  }

  #shows(ref: HubRef): boolean {
    const { intake } = this;
    if (intake?.kind !== 'hub') return false;
    return intake.ref.repo === ref.repo && intake.ref.revision === ref.revision && intake.ref.file === ref.file;
  }

  #load(): Promise<Engine> {
    this.#engine ??= import('../engine/client.ts').then(({ createEngine }) => createEngine());
    return this.#engine;
  }
}
