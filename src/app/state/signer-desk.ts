/** The memory of signers at work: before a report is made, when it is, and once it stands. No screen knows of it but by `Signers`. */
import type { Attestation } from '../../core/claims/attestations/attestation.ts';
import type { Check } from '../../core/claims/check.ts';
import type { Expectations } from '../../core/claims/attestations/kind.ts';
import { POLICY_TEXT_MAX } from '../../core/limits.ts';
import { hubPublisher, suggestedPublisher } from '../../core/report/publisher.ts';
import type { Report } from '../../core/report/report.ts';
import type { KeptPolicy, SignerFile } from '../../core/report/signer-file.ts';
import {
  accepted,
  readPublisher,
  sighted,
  type Met,
  type SignerName,
  type SignerRecord,
} from '../../core/report/signer-memory.ts';
import { comparedWithSigners, expectingRemembered, metIn } from '../../core/report/signer-trust.ts';
import type { Plan } from '../../core/scan/model.ts';
import type { SignerStore } from '../storage/signers-db.ts';
import { expectationsOf } from './expected.ts';

/** What a screen shows of one report. */
export interface SignersAtHand {
  /** Null: nobody has said whose model it is. */
  readonly publisher: string | null;
  /** The Hub's address says whose it is. */
  readonly fromHub: boolean;
  /** What the files call themselves; the person decides. */
  readonly suggestion: string | null;
  readonly met: readonly Met[];
  /** What was remembered of the publisher, with what was decided since. */
  readonly records: readonly SignerRecord[];
  readonly policy: KeptPolicy | null;
  /** What comparing gave. */
  readonly checks: readonly Check[];
  readonly attestations: readonly Attestation[];
  readonly lasting: boolean;
}

/** One check. */
interface Case {
  publisher: string | null;
  fromHub: boolean;
  /** What was remembered before these files were looked at; later decisions are worked in. Null: not read yet. */
  before: SignerFile | null;
  expect: Expectations;
  report: Report | null;
  /** What configurations beside the weights call the model; null: not looked at. */
  stated: readonly string[] | null;
  met: readonly Met[];
  /** One day for one check, however often it is concluded: it counts once. */
  at: string | null;
}

const NOTHING = expectationsOf({ identity: '', issuer: '', given: [] });

export class SignerDesk {
  readonly #store: SignerStore;
  readonly #now: () => string;
  readonly #cases = new WeakMap<Plan, Case>();

  constructor(store: SignerStore, now: () => string = () => new Date().toISOString()) {
    this.#store = store;
    this.#now = now;
  }

  async expecting(plan: Plan, given: Expectations | undefined): Promise<Expectations | undefined> {
    const one = this.#case(plan);
    one.expect = given ?? NOTHING;
    if (one.publisher === null) return given;
    const { signers, policies } = await this.#before(one, one.publisher);
    one.expect = expectingRemembered(one.expect, signers, policies[0]);
    return one.expect;
  }

  async compared(plan: Plan, report: Report): Promise<Report> {
    const one = this.#case(plan);
    // Without a publisher nothing is compared; who signed is known all the same, for when the person names one.
    const { signers } = one.publisher === null ? { signers: [] } : await this.#before(one, one.publisher);
    const found = comparedWithSigners(report, one.publisher ?? '', signers, one.expect);
    one.met = found.met;
    one.report = one.publisher === null ? report : found.report;
    if (one.publisher === null) one.stated ??= await statedNames(plan);
    return one.report;
  }

  /** After the report stands. */
  async shown(plan: Plan): Promise<void> {
    const one = this.#case(plan);
    const { publisher, report, met } = one;
    if (publisher === null || report === null || !met.some(({ sound }) => sound)) return;
    const at = (one.at ??= report.created);
    const sighting = { publisher, met, subject: metIn(report), at };
    await this.#store.change(publisher, (all) => ({ ...all, signers: sighted(all.signers, sighting) }));
  }

  atHand(plan: Plan): SignersAtHand {
    const { publisher, fromHub, report, met, before, stated } = this.#case(plan);
    return {
      publisher,
      fromHub,
      suggestion: publisher !== null || report === null ? null : suggestedPublisher(report, stated ?? []),
      met,
      records: before?.signers ?? [],
      policy: before?.policies[0] ?? null,
      checks: report?.checks.filter(({ kind }) => kind === 'signer-memory' || kind === 'signer-changed') ?? [],
      attestations: report?.attestations ?? [],
      lasting: this.#store.lasting,
    };
  }

  /** The person says whose model this is. @returns false when that is no name */
  name(plan: Plan, text: string): boolean {
    const publisher = readPublisher(text);
    const one = this.#case(plan);
    if (publisher === null || one.fromHub) return false;
    one.publisher = publisher;
    one.before = null;
    return true;
  }

  /** The person says that this signer is expected of the publisher. */
  async accept(plan: Plan, signer: SignerName, met: Pick<Met, 'attestation' | 'materials'> | null): Promise<void> {
    const given = {
      signer,
      attestations: met === null ? [] : [met.attestation],
      materials: met?.materials ?? [],
      at: this.#now(),
    };
    await this.#change(plan, (all, publisher) => ({ ...all, signers: accepted(all.signers, { publisher, ...given }) }));
  }

  /**
   * Whoever was given for this check is expected of the publisher from now on: the signers it established, and a name with
   * its issuer even where another one signed.
   *
   * @returns false when nobody could be told to be expected
   */
  async acceptGiven(
    plan: Plan,
    { identity, issuer }: { readonly identity: string; readonly issuer: string },
  ): Promise<boolean> {
    const { met, expect } = this.#case(plan);
    const given = met.filter(({ sound, signer }) => {
      if (!sound) return false;
      // Its name is that of the file, or the one a list of keys gives it.
      if (signer.method === 'key') return expect.keys.length > 0;
      if (signer.method === 'certificate') return expect.roots.length > 0;
      return identity !== '' && signer.name === identity && (issuer === '' || signer.issuer === issuer);
    });
    for (const one of given) await this.accept(plan, one.signer, one);
    const named = given.some(({ signer }) => signer.method === 'sigstore');
    if (identity === '' || issuer === '' || named) return given.length > 0;
    await this.accept(plan, { method: 'sigstore', name: identity, issuer }, null);
    return true;
  }

  /** The person keeps to the signers that were seen before. */
  async keepOld(plan: Plan): Promise<void> {
    const at = this.#now();
    const old = (this.#case(plan).before?.signers ?? []).filter(({ how }) => how === 'seen');
    await this.#change(plan, (all, publisher) => {
      const signers = old.reduce(
        (list, { signer, attestations, materials }) =>
          accepted(list, { publisher, signer, attestations, materials, at }),
        [...all.signers],
      );
      return { ...all, signers };
    });
  }

  /** @param policy JSON; null: none is kept any more */
  async keepPolicy(plan: Plan, policy: string | null): Promise<void> {
    if (policy !== null && policy.length > POLICY_TEXT_MAX) return;
    const acceptedOn = this.#now();
    await this.#change(plan, (all, publisher) => ({
      ...all,
      policies: policy === null ? [] : [{ publisher, policy, acceptedOn }],
    }));
  }

  /** In the storage, and in what this check is compared with. */
  async #change(plan: Plan, work: (all: SignerFile, publisher: string) => SignerFile): Promise<void> {
    const one = this.#case(plan);
    const { publisher } = one;
    if (publisher === null) return;
    const before = await this.#before(one, publisher);
    await this.#store.change(publisher, (all) => work(all, publisher));
    one.before = work(before, publisher);
  }

  async #before(one: Case, publisher: string): Promise<SignerFile> {
    return (one.before ??= await this.#store.read(publisher));
  }

  #case(plan: Plan): Case {
    const known = this.#cases.get(plan);
    if (known !== undefined) return known;
    const publisher = plan.origin.kind === 'hub' ? hubPublisher(plan.origin.repo) : null;
    const fresh: Case = {
      publisher,
      fromHub: publisher !== null,
      before: null,
      expect: NOTHING,
      report: null,
      stated: null,
      met: [],
      at: null,
    };
    this.#cases.set(plan, fresh);
    return fresh;
  }
}

/** A configuration: the largest real ones have some 60 kB. */
const CONFIG_MAX = 256 * 1024;
const CONFIGS_LOOKED_AT = 4;

/** `_name_or_path` of configurations, which save what the model was loaded from. Only ever a suggestion. */
async function statedNames({ artifacts }: Plan): Promise<readonly string[]> {
  const names: string[] = [];
  const configs = artifacts.filter(({ path, size }) => /(?:^|\/)config\.json$/.test(path) && size <= CONFIG_MAX);
  for (const { spec } of configs.slice(0, CONFIGS_LOOKED_AT)) {
    if (spec.kind !== 'file') continue;
    try {
      const config: unknown = JSON.parse(await spec.file.text());
      const name = typeof config === 'object' && config !== null ? Reflect.get(config, '_name_or_path') : undefined;
      if (typeof name === 'string') names.push(name);
    } catch {
      // The report says what is wrong with it; here it names nobody.
    }
  }
  return names;
}
