/** Signers remembered on this device, for the screens. The work is in `signer-desk.ts`, loaded with the first report. */
import type { Expectations } from '../../core/claims/attestations/kind.ts';
import type { Report } from '../../core/report/report.ts';
import type { SignerFile } from '../../core/report/signer-file.ts';
import type { Met, SignerName, SignerRecord } from '../../core/report/signer-memory.ts';
import type { Plan } from '../../core/scan/model.ts';
import type { SignerStore } from '../storage/signers-db.ts';
import type { Given } from './expected.ts';
import type { SignersAtHand, SignerDesk } from './signer-desk.ts';
import type { SignerMemoryHost } from './session-host.ts';

/** What a person has entered to check the signatures of one model with. It outlives the report that was made with it. */
export class Draft {
  identity = $state('');
  issuer = $state('');
  /** Keys, certificates, trust roots. */
  given: readonly Given[] = $state.raw([]);
  /** JSON of a policy; empty: none. */
  policy = $state('');
  remember = $state(false);
  rememberPolicy = $state(false);
  editing = $state(false);

  /** Everything together, as `expectationsOf` sorts it. */
  get all(): { readonly identity: string; readonly issuer: string; readonly given: readonly Given[] } {
    const policy = this.policy.trim();
    const entered = policy === '' ? [] : [{ name: 'the policy entered here', bytes: new TextEncoder().encode(policy) }];
    return { identity: this.identity.trim(), issuer: this.issuer.trim(), given: [...this.given, ...entered] };
  }
}

/** Names offered where the person says whose model it is. */
const PUBLISHERS_OFFERED = 100;

interface Loaded {
  readonly store: SignerStore;
  readonly desk: SignerDesk;
}

export class Signers implements SignerMemoryHost {
  /** Of the report whose files are at hand. */
  #current: { readonly id: string; readonly plan: Plan; readonly state: SignersAtHand } | null = $state.raw(null);
  /** Whose signers are remembered. */
  publishers: readonly string[] = $state.raw([]);
  /** Goes up whenever something is forgotten or brought in: lists read again. */
  changes = $state(0);
  readonly #drafts = new WeakMap<Plan, Draft>();
  #loaded: Promise<Loaded> | null = null;

  /** Null: the files of this report are not at hand. */
  of(id: string): SignersAtHand | null {
    return this.#current?.id === id ? this.#current.state : null;
  }

  draft(plan: Plan): Draft {
    const known = this.#drafts.get(plan);
    if (known !== undefined) return known;
    const fresh = new Draft();
    this.#drafts.set(plan, fresh);
    return fresh;
  }

  async expecting(plan: Plan, given: Expectations | undefined): Promise<Expectations | undefined> {
    return this.#try(({ desk }) => desk.expecting(plan, given), given);
  }

  async compared(plan: Plan, report: Report): Promise<Report> {
    return this.#try(({ desk }) => desk.compared(plan, report), report);
  }

  shown(plan: Plan, id: string): void {
    void this.#try(async ({ desk, store }) => {
      try {
        // What is shown as remembered is: a page that is closed at once has it all the same.
        await desk.shown(plan);
      } finally {
        this.#current = { id, plan, state: desk.atHand(plan) };
      }
      const { signers } = await store.read(null);
      this.publishers = [...new Set(signers.map(({ publisher }) => publisher))].sort().slice(0, PUBLISHERS_OFFERED);
    }, undefined);
  }

  /** The person says whose model it is. @returns false when that is no name */
  async name(plan: Plan, publisher: string): Promise<boolean> {
    return this.#try(async ({ desk }) => desk.name(plan, publisher), false);
  }

  async accept(plan: Plan, signer: SignerName, met: Met | null): Promise<void> {
    await this.#try(({ desk }) => desk.accept(plan, signer, met), undefined);
    await this.#refresh(plan);
  }

  /** @returns false when nobody could be told to be expected */
  async acceptGiven(plan: Plan, named: { readonly identity: string; readonly issuer: string }): Promise<boolean> {
    const kept = await this.#try(({ desk }) => desk.acceptGiven(plan, named), false);
    await this.#refresh(plan);
    return kept;
  }

  async keepOld(plan: Plan): Promise<void> {
    await this.#try(({ desk }) => desk.keepOld(plan), undefined);
    await this.#refresh(plan);
  }

  async keepPolicy(plan: Plan, policy: string | null): Promise<void> {
    await this.#try(({ desk }) => desk.keepPolicy(plan, policy), undefined);
    await this.#refresh(plan);
  }

  /** Everything remembered, for Settings; `lasting` false: it goes with the page. */
  async all(): Promise<SignerFile & { readonly lasting: boolean }> {
    const { store } = await this.#load();
    const file = await store.read(null);
    return { ...file, lasting: store.lasting };
  }

  async forget(record: SignerRecord): Promise<void> {
    const { recordId } = await import('../../core/report/signer-memory.ts');
    const { store } = await this.#load();
    await store.change(record.publisher, (all) => ({
      ...all,
      signers: all.signers.filter((one) => recordId(one) !== recordId(record)),
    }));
    this.changes++;
  }

  async forgetPolicy(publisher: string): Promise<void> {
    const { store } = await this.#load();
    await store.change(publisher, (all) => ({ ...all, policies: [] }));
    this.changes++;
  }

  async forgetAll(): Promise<void> {
    const { store } = await this.#load();
    await store.change(null, () => ({ signers: [], policies: [] }));
    this.changes++;
  }

  async take(file: SignerFile): Promise<void> {
    const { merged, publisherKey } = await import('../../core/report/signer-memory.ts');
    const { store } = await this.#load();
    await store.change(null, (all) => {
      const known = new Set(all.policies.map((one) => publisherKey(one.publisher)));
      // A policy that is in use here stays: what comes from elsewhere does not change it without a word.
      const more = file.policies.filter((one) => !known.has(publisherKey(one.publisher)));
      return { signers: merged(all.signers, file.signers), policies: [...all.policies, ...more] };
    });
    this.changes++;
  }

  async #refresh(plan: Plan): Promise<void> {
    const { desk } = await this.#load();
    if (this.#current?.plan === plan) this.#current = { ...this.#current, state: desk.atHand(plan) };
  }

  /** A check goes on without memory rather than not at all. */
  async #try<T>(work: (loaded: Loaded) => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work(await this.#load());
    } catch {
      return otherwise;
    }
  }

  #load(): Promise<Loaded> {
    this.#loaded ??= Promise.all([import('./signer-desk.ts'), import('../storage/signers-db.ts')]).then(
      ([{ SignerDesk }, { SignersDb }]) => {
        const store = new SignersDb();
        return { store, desk: new SignerDesk(store) };
      },
    );
    return this.#loaded;
  }
}
