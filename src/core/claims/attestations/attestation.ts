/** An attestation: a signed or recorded statement about files, taken apart step by step. Plain data. */
import type { ErrorData } from '../../errors.ts';
import type { Outcome } from '../check.ts';
import type { BillField } from './bom/bill.ts';

/** Where something that is relied on came from. Every step that relies on something says so. */
export interface TrustOrigin {
  /**
   * `given`: the person supplied it; `accepted`: the person said on an earlier day (`date`) that it is expected of this
   * publisher; `shipped`: part of this program; `updated`: fetched and verified on its date, kept since; `fetched`: asked
   * for just now.
   */
  readonly from: 'given' | 'accepted' | 'shipped' | 'updated' | 'fetched';
  /** For people: `release.pub`, `Sigstore’s public-good trust root`. */
  readonly name: string;
  /** ISO date of the material itself, when it has one. */
  readonly date?: string;
  /** SHA-256 of the material, lower-case hex. */
  readonly sha256?: string;
}

/** One question, in the order in which a careful checker asks them. */
export interface Step {
  /** `bundle`, `signature`, `certificate`, `log`, `files` …; words for each are in `src/app/text/attestations.ts`. */
  readonly id: StepId;
  /** `no-claim`: nothing of this kind is there to check, and none is needed. */
  readonly outcome: Outcome;
  /** Why it could not be checked or what contradicts. */
  readonly reason?: ErrorData;
  readonly trust?: TrustOrigin;
  /** Facts for the words: names, counts, times. Text from the attestation itself: show as text. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

export const STEP_IDS = [
  /** The record itself: form, media type, schema. */
  'bundle',
  /** A bill of materials against the rules of its own standard. */
  'schema',
  /** Keys, certificates and proofs it carries, and whether they fit the way it is checked. */
  'material',
  'certificate',
  /** Certificate-log timestamps inside a Fulcio certificate. */
  'sct',
  /** When it was signed, by somebody who vouches for the time. */
  'time',
  /** Public log of signatures. */
  'log',
  'signature',
  /** A comment that is signed together with the signature (minisign). */
  'comment',
  /** What the signed text says and whether it may be believed to say it. */
  'statement',
  'root-digest',
  /** Entries that name the one before by its digest. */
  'chain',
  /** C2PA: each assertion against its digest in the claim, and the file the manifest is in against the signed digest. */
  'assertions',
  'binding',
  /** The files against what the statement lists. */
  'files',
  /** What it says of the model against the configuration and the headers beside it. */
  'consistency',
  /** Who signed, against who was expected. */
  'identity',
  /** For what and when a key may sign, where the person limits it. */
  'limits',
  /** How it was made, against what was expected. */
  'policy',
  /** AICert: hardware quote, register digest, event log, freshness, operating system. */
  'simulation',
  'quote',
  'registers',
  'event-log',
  'freshness',
  'os-image',
] as const;

export type StepId = (typeof STEP_IDS)[number];

/** One file the attestation speaks about, or that it should and does not. */
export interface CoveredFile {
  readonly path: string;
  readonly state: 'same' | 'changed' | 'missing' | 'extra' | 'ignored' | 'not-checked';
  /** On whose word it is left out: every signer does so, this one signed that, or the person (and the statement itself). */
  readonly ignoredBy?: 'everybody' | 'signer' | 'person';
  readonly algorithm?: string;
  /** Lower-case hex. */
  readonly expected?: string;
  readonly actual?: string;
  /** Range of bytes, end exclusive, when a shard and not the whole file is meant. */
  readonly range?: readonly [start: number, end: number];
  readonly reason?: ErrorData;
}

export interface Signer {
  readonly method: 'key' | 'certificate' | 'sigstore' | 'tpm';
  /** Subject alternative name, certificate subject, or key id. Shown as text. */
  readonly name: string;
  /** Who vouches for the name: OIDC issuer, certificate issuer. */
  readonly issuer?: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER), lower-case hex. */
  readonly key?: string;
  /** SHA-256 of the public key of the root its certificate leads to, lower-case hex. */
  readonly root?: string;
  /** When, by somebody who vouches for the time. ISO 8601. */
  readonly signedAt?: string;
}

/** True as far as it goes, and worth saying beside the outcome. */
export interface Warning {
  readonly code: WarningCode;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Words for each are in `src/app/text/attestations.ts`. */
export const WARNING_CODES = [
  'chain-shallow',
  'expired-now',
  'extra-files',
  'ignored-files',
  'key-without-hint',
  'legacy-form',
  'no-touch',
  'order-of-resources',
  'other-name',
  'other-namespace',
  'symlinks-invisible',
  'time-unchecked',
  'weak-hash-only',
  'weights-without-hash',
] as const;

export type WarningCode = (typeof WARNING_CODES)[number];

/** One of the things people expect a model's bill of materials to say, and whether it does. */
export interface CompletenessRow {
  /** `weightsHashes`: a strong hash for every weights file. Words for each are in `src/app/text/completeness.ts`. */
  readonly id: 'weightsHashes' | BillField;
  readonly tier: 'critical' | 'important';
  readonly present: boolean;
  /** The beginning of what it says. Text from the bill itself: show as text. */
  readonly says?: string;
  /** How many of how many, where that is the answer. */
  readonly counted?: readonly [there: number, of: number];
}

export interface Attestation {
  /** Id of its kind in `registry.ts`: `oms`, `sigstore`, `slsa`, `dvc` … */
  readonly kind: string;
  /** The file it was read from. */
  readonly path: string;
  /** All of it: see `concluded`. */
  readonly outcome: Outcome;
  readonly steps: readonly Step[];
  /** Absent when nobody signed, or when the signature does not hold: a name in a broken signature is only text. */
  readonly signer?: Signer;
  readonly files: readonly CoveredFile[];
  readonly warnings: readonly Warning[];
  /** Predicate type, schema version and kin. Shown as text. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** Of a bill of materials: which of the things people expect it says. Describes the bill, never the model. */
  readonly completeness?: readonly CompletenessRow[];
}

/**
 * One contradiction beats everything; a step that could not be checked leaves the whole unchecked; only then does it
 * match. Steps that say `no-claim` do not count.
 */
export function concluded(steps: readonly Step[]): Outcome {
  const outcomes = new Set(steps.map(({ outcome }) => outcome));
  if (outcomes.has('contradicts')) return 'contradicts';
  if (outcomes.has('could-not-check')) return 'could-not-check';
  return outcomes.has('matches') ? 'matches' : 'no-claim';
}
