/**
 * Who signed for a publisher before: kept on the person's own device, compared with who signs now.
 *
 * What makes two signers the same:
 * - Sigstore: name and issuer, exactly, under the same trust root. Its keys live for minutes; new ones are the rule.
 * - Certificate: subject, issuer and the key of the root the person gave. A renewed certificate usually has a new key, and
 *   names mean nothing but under the root that vouches for them: anybody can set up an authority that repeats them.
 * - Bare key: the key. Nobody vouches for a second one; its file name is the person's own.
 * - A hardware proof is made by a machine, which is no publisher: never kept.
 */
import type { Attestation, Signer } from '../claims/attestations/attestation.ts';
import { SIGNER_MATERIAL_MAX, SIGNER_TEXT_MAX } from '../limits.ts';

/** The part of a signer that stays the same from one signature to the next. */
export type SignerName = Pick<Signer, 'name' | 'issuer' | 'key' | 'root'> & {
  readonly method: 'key' | 'certificate' | 'sigstore';
};

/** What its signatures are checked with, as the person gave it. */
export interface Material {
  readonly kind: 'key' | 'root' | 'trust-root';
  readonly name: string;
  /** Base64 of the file. */
  readonly bytes: string;
}

/** A model in which a signer was met. */
export interface MetIn {
  readonly name: string;
  readonly repo?: string;
  readonly commit?: string;
}

export interface SignerRecord {
  /** As the person or the Hub writes it; compared by `publisherKey`. */
  readonly publisher: string;
  readonly signer: SignerName;
  /** Kinds of attestation it was met in; empty: expected of any. */
  readonly attestations: readonly string[];
  /**
   * `seen`: an established signature was met. `questioned`: it was met where another one signed before, and nobody has
   * said which one to expect. `accepted`: the person said that this signer is expected.
   */
  readonly how: 'seen' | 'questioned' | 'accepted';
  /** ISO; absent: never met. */
  readonly firstSeen?: string;
  readonly lastSeen?: string;
  /** In how many checks. */
  readonly times: number;
  /** ISO. */
  readonly acceptedOn?: string;
  /** Where it was met last. */
  readonly subject?: MetIn;
  readonly materials: readonly Material[];
}

/** A signer in a report. */
export interface Met {
  readonly signer: SignerName;
  /** Kind and file of the attestation. */
  readonly attestation: string;
  readonly path: string;
  /** Nothing in the attestation contradicts: only then is its signer remembered. */
  readonly sound: boolean;
  readonly materials: readonly Material[];
}

export interface Sighting {
  readonly publisher: string;
  readonly met: readonly Met[];
  readonly subject: MetIn;
  /** ISO. */
  readonly at: string;
}

// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const PUBLISHER_MAX = 200;

/** What the person typed as a name of a publisher, or null when it is none: empty, endless, or with unseen marks. */
export function readPublisher(text: string): string | null {
  const name = text.normalize('NFC').trim();
  return name === '' || name.length > PUBLISHER_MAX || UNSEEN.test(name) ? null : name;
}

/** Namespaces of the Hub are the same whatever their case. */
export function publisherKey(publisher: string): string {
  return publisher.normalize('NFC').trim().toLowerCase();
}

/** What makes a signer the same one again; null when that cannot be told, and it is not kept. */
export function signerId({ method, name, issuer, key, root }: SignerName): string | null {
  switch (method) {
    case 'key':
      return key === undefined ? null : JSON.stringify(['key', key]);
    case 'sigstore':
      return JSON.stringify(['sigstore', name, issuer ?? null, root ?? null]);
    case 'certificate':
      return root === undefined || issuer === undefined ? null : JSON.stringify(['certificate', name, issuer, root]);
  }
}

/** Where a record is kept: one for each publisher and signer. */
export function recordId({ publisher, signer }: Pick<SignerRecord, 'publisher' | 'signer'>): string {
  return JSON.stringify([publisherKey(publisher), signerId(signer)]);
}

/**
 * Signers whose signature is established. `signer` of an attestation stands only where it is; one that was refused because
 * somebody else was expected is told by the step that refused it, which is reached only when everything before held.
 *
 * @param materials what each attestation was checked with
 */
export function metSigners(
  attestations: readonly Attestation[],
  materials: (attestation: Attestation, signer: SignerName) => readonly Material[] = () => [],
): readonly Met[] {
  return attestations.flatMap((one): Met[] => {
    if (!one.steps.some(({ id, outcome }) => id === 'signature' && outcome === 'matches')) return [];
    const signer = one.signer === undefined ? refused(one) : nameOf(one, one.signer);
    if (signer === null || signerId(signer) === null || isTooLong(signer)) return [];
    const sound = one.signer !== undefined && one.outcome !== 'contradicts';
    return [{ signer, attestation: one.kind, path: one.path, sound, materials: materials(one, signer) }];
  });
}

function nameOf(one: Attestation, { method, name, issuer, key, root }: Signer): SignerName | null {
  if (method === 'tpm') return null;
  const under = method === 'sigstore' ? otherRoot(one) : root;
  return {
    method,
    name,
    ...(issuer === undefined ? {} : { issuer }),
    ...(key === undefined || method === 'sigstore' ? {} : { key }),
    ...(under === undefined ? {} : { root: under }),
  };
}

function refused(one: Attestation): SignerName | null {
  const step = one.steps.find(({ id }) => id === 'identity');
  if (step?.reason?.code !== 'ATTEST_IDENTITY') return null;
  // Other kinds compare names as well, of keys that only their own lists name.
  if (!one.steps.some(({ id }) => id === 'log')) return null;
  const broken = one.steps.some(({ id, outcome }) => outcome === 'contradicts' && id !== 'identity' && id !== 'files');
  const { actual, issuer } = step.reason.detail;
  if (broken || typeof actual !== 'string') return null;
  const root = otherRoot(one);
  return {
    method: 'sigstore',
    name: actual,
    ...(typeof issuer === 'string' ? { issuer } : {}),
    ...(root === undefined ? {} : { root }),
  };
}

/**
 * Digest of the trust root, when it is another than that of the public instance (shipped, or renewed from the shipped
 * one): another instance of Sigstore vouches for other names.
 */
function otherRoot({ steps }: Attestation): string | undefined {
  const trust = steps.find(({ id, outcome }) => id === 'certificate' && outcome === 'matches')?.trust;
  return trust === undefined || trust.from === 'shipped' || trust.from === 'fetched' ? undefined : trust.sha256;
}

/** A name cannot be compared exactly after it was cut, so a longer one is not kept. */
function isTooLong({ name, issuer = '' }: SignerName): boolean {
  return name.length > SIGNER_TEXT_MAX || issuer.length > SIGNER_TEXT_MAX;
}

/**
 * The records of one publisher after a report was shown. Whoever signs beside a known signer is seen; whoever signs in
 * place of one is questioned until the person decides.
 */
export function sighted(records: readonly SignerRecord[], { publisher, met, subject, at }: Sighting): SignerRecord[] {
  const before = byId(records);
  const sound = met.filter((one) => one.sound);
  const known = [...before.values()].filter(({ how }) => how !== 'questioned');
  const beside = known.length === 0 || sound.some(({ signer }) => isExpected(before.get(signerId(signer)!), known));
  const after = new Map(before);
  for (const { signer, attestation, materials } of sound) {
    const id = signerId(signer)!;
    const old = after.get(id);
    // One that signs twice in one model was met once.
    const again = old?.lastSeen === at;
    after.set(id, {
      publisher: old?.publisher ?? publisher,
      signer: old?.signer ?? signer,
      attestations: united(old?.attestations ?? [], [attestation]),
      how: old?.how ?? (beside ? 'seen' : 'questioned'),
      firstSeen: earlier(old?.firstSeen, at)!,
      lastSeen: later(old?.lastSeen, at)!,
      times: (old?.times ?? 0) + (again ? 0 : 1),
      ...(old?.acceptedOn === undefined ? {} : { acceptedOn: old.acceptedOn }),
      subject: later(old?.lastSeen, at) === at ? subject : old!.subject!,
      materials: old === undefined || old.materials.length === 0 ? kept(materials) : old.materials,
    });
  }
  return [...after.values()];
}

/** Accepted signers count when there are any; merely seen ones only until then. */
function isExpected(record: SignerRecord | undefined, known: readonly SignerRecord[]): boolean {
  if (record === undefined || record.how === 'questioned') return false;
  return record.how === 'accepted' || !known.some(({ how }) => how === 'accepted');
}

export interface Acceptance {
  readonly publisher: string;
  readonly signer: SignerName;
  /** Empty: expected of any kind. */
  readonly attestations: readonly string[];
  readonly materials: readonly Material[];
  /** ISO. */
  readonly at: string;
}

/** The records of one publisher after the person said “I expect this signer”, whether or not it was ever met. */
export function accepted(records: readonly SignerRecord[], given: Acceptance): SignerRecord[] {
  const after = byId(records);
  const id = signerId(given.signer);
  if (id === null) return [...records];
  const old = after.get(id);
  after.set(id, {
    ...(old ?? { publisher: given.publisher, signer: given.signer, times: 0 }),
    attestations: united(old?.attestations ?? [], given.attestations),
    how: 'accepted',
    acceptedOn: earlier(old?.acceptedOn, given.at)!,
    materials: given.materials.length > 0 ? kept(given.materials) : (old?.materials ?? []),
  });
  return [...after.values()];
}

/** Two memories as one, whichever comes first: dates are widened, and what a person accepted stays accepted. */
export function merged(a: readonly SignerRecord[], b: readonly SignerRecord[]): SignerRecord[] {
  const all = new Map(a.map((record) => [recordId(record), record]));
  for (const record of b) {
    const old = all.get(recordId(record));
    all.set(recordId(record), old === undefined ? record : both(old, record));
  }
  return [...all.values()];
}

const RANK = { seen: 0, questioned: 1, accepted: 2 } as const;

function both(a: SignerRecord, b: SignerRecord): SignerRecord {
  const [strong, other] = RANK[b.how] > RANK[a.how] ? [b, a] : [a, b];
  const newest = later(a.lastSeen, b.lastSeen);
  const subject = (newest === a.lastSeen ? a.subject : b.subject) ?? strong.subject ?? other.subject;
  const first = earlier(a.firstSeen, b.firstSeen);
  const acceptedOn = earlier(a.acceptedOn, b.acceptedOn);
  return {
    publisher: strong.publisher,
    signer: strong.signer,
    attestations: united(a.attestations, b.attestations),
    how: strong.how,
    ...(first === undefined ? {} : { firstSeen: first }),
    ...(newest === undefined ? {} : { lastSeen: newest }),
    // An export that comes home must not count everything twice.
    times: Math.max(a.times, b.times),
    ...(acceptedOn === undefined ? {} : { acceptedOn }),
    ...(subject === undefined ? {} : { subject }),
    materials: strong.materials.length > 0 ? strong.materials : other.materials,
  };
}

/** For lists: by publisher, then who was met or accepted first. */
export function inOrder(records: readonly SignerRecord[]): SignerRecord[] {
  const order = ({ publisher, firstSeen, acceptedOn = '' }: SignerRecord): string =>
    JSON.stringify([publisherKey(publisher), firstSeen ?? acceptedOn]);
  return [...records].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function byId(records: readonly SignerRecord[]): Map<string, SignerRecord> {
  return new Map(records.map((record) => [signerId(record.signer) ?? '', record]));
}

/** Nothing endless is kept: such a signer is checked with what is given each time. */
function kept(materials: readonly Material[]): readonly Material[] {
  return materials.filter(({ bytes }) => bytes.length <= SIGNER_MATERIAL_MAX).slice(0, 4);
}

function united(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].sort();
}

/** ISO times in UTC are in order as text. */
function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}
