/** Words of the Attestation screen: kinds, the three axes and what each comes to, facts, states of files. */
import type { Attestation, CoveredFile, Signer, Step } from '../../core/claims/attestations/attestation.ts';
import { stepsOf, type AttestationAxis } from '../../core/report/attestation-axes.ts';
import { isSigned } from '../../core/report/attested.ts';
import type { Said, Speaker } from '../../core/report/covered.ts';
import { clean } from '../../core/report/words/detail.ts';
import { allOf, capital, formatCount, plural } from '../../core/report/words/units.ts';
import { STATE_WORDS } from './attestations.ts';
import { explain } from './errors.ts';

const KINDS: Readonly<Record<string, string>> = {
  aicert: 'AICert proof (TPM)',
  c2pa: 'C2PA manifest',
  'checkpoint-chain': 'Hash chain of checkpoints',
  cyclonedx: 'CycloneDX bill of materials',
  dvc: 'DVC record',
  'in-toto': 'In-toto attestation',
  manifest: 'Signed manifest',
  minisign: 'Minisign signature',
  mlem: 'MLEM record',
  oms: 'OpenSSF model signature',
  openpgp: 'OpenPGP signature',
  openssh: 'OpenSSH signature',
  'raw-signature': 'Bare signature',
  signify: 'Signify signature',
  sigstore: 'Sigstore bundle',
  spdx: 'SPDX bill of materials',
};

/** What it is, as a heading; an id that is not known stays as it is written. */
export function kindTitle(kind: string): string {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind]! : clean(kind, 60);
}

export const ATTESTATION_AXIS_WORDS: Readonly<
  Record<AttestationAxis, { readonly title: string; readonly asks: string }>
> = {
  integrity: { title: 'Integrity', asks: 'Are these the bytes it lists?' },
  authenticity: { title: 'Authenticity', asks: 'Is it signed, and by whom?' },
  policy: { title: 'Policy', asks: 'Is that what you expect?' },
};

export const METHOD_WORDS: Readonly<Record<Signer['method'], string>> = {
  key: 'with a key',
  certificate: 'with a certificate',
  sigstore: 'through Sigstore, with a certificate of a few minutes bound to a sign-in',
  tpm: 'by a hardware chip (TPM)',
};

/** Names of facts and of what steps found; others are their own names with spaces. */
const FACTS: Readonly<Record<string, string>> = {
  algorithm: 'Signature algorithm',
  carriesKey: 'Carries a key of its own',
  claim: 'Version of the claim',
  claimedKey: 'Key, as it claims',
  claimedTime: 'Made at, as it claims',
  command: 'To check it yourself',
  embedded: 'Inside the model file',
  fingerprint: 'Fingerprint of the key',
  form: 'Form',
  generator: 'Made with',
  hashes: 'Hashes it states',
  keyId: 'Key',
  keyType: 'Kind of key',
  manifests: 'Manifests',
  models: 'Models it describes',
  namespace: 'Purpose',
  serialNumber: 'Serial number',
  signedText: 'Form of the signed text',
  touched: 'Security key touched',
  trustedComment: 'Comment, signed',
  untrustedComment: 'Comment, not signed',
  buildType: 'Build process',
  builder: 'Built by',
  files: 'Files it lists',
  hash: 'Hash of the list',
  levels: 'Levels',
  matchedBy: 'Rule that fits',
  method: 'Signed with',
  objectType: 'Object',
  predicateType: 'Kind of statement',
  ref: 'Branch, tag or commit',
  resource: 'About',
  result: 'Result',
  root: 'Digest of the list',
  serialization: 'Listed by',
  source: 'Source repository',
  specVersion: 'Version of the standard',
  subjects: 'Files it speaks about',
  unknownParameters: 'Parameters without a known meaning',
  verifier: 'Verified by',
  version: 'Version',
};

export function factTitle(key: string): string {
  if (Object.hasOwn(FACTS, key)) return FACTS[key]!;
  return capital(
    clean(
      key
        .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
        .replaceAll(/[_-]+/g, ' ')
        .toLowerCase(),
      60,
    ),
  );
}

/** A file's state in the words of a signature, or of a record that nobody signed. */
export function stateWords(state: CoveredFile['state'], one: Pick<Attestation, 'steps'>): string {
  if (isSigned(one)) return STATE_WORDS[state];
  if (state === 'same') return 'as recorded';
  return state === 'extra' ? 'not recorded' : STATE_WORDS[state];
}

/** `3 of 4 files as signed`, for a row of the report. */
export function coversWords(one: Pick<Attestation, 'steps' | 'files'>): string {
  const counts = countStates(one.files);
  const all = [...counts].reduce((sum, [state, n]) => sum + (state === 'ignored' || state === 'extra' ? 0 : n), 0);
  const compared = one.steps.some(({ id, outcome }) => id === 'files' && outcome !== 'could-not-check');
  if (all === 0) return compared ? 'about none of these files' : 'files not compared';
  return `${formatCount(counts.get('same') ?? 0)} of ${plural(all, 'file')} ${stateWords('same', one)}`;
}

/** Why a file of the folder was left out of the comparison, and on whose word. */
export function ignoredWords({ path, ignoredBy }: CoveredFile, attestation: string): string {
  if (path === attestation.slice(attestation.lastIndexOf('/') + 1)) return 'It is the statement itself.';
  if (ignoredBy === 'signer') return 'The signer chose to leave it out, and signed that.';
  if (ignoredBy === 'person') return 'You chose to leave it out.';
  return 'Files of version control at the top of a model are never signed.';
}

/** Standing of a statement over a column of files. */
export const WEIGHT_WORDS: Readonly<Record<Speaker['weight'], string>> = {
  established: 'signer established',
  signed: 'signer not established',
  recorded: 'unsigned',
  broken: 'does not hold',
};

/** What a statement says of one file, in a cell. */
export const SAID_WORDS: Readonly<Record<Said, string>> = {
  same: 'same',
  changed: 'differs',
  'not-checked': 'not compared',
  described: 'no digest',
  extra: 'not listed',
  ignored: 'left out',
};

/** Paths by the state of their worst part: a file of many shards is one file. */
export function countStates(files: readonly CoveredFile[]): ReadonlyMap<CoveredFile['state'], number> {
  const worst = new Map<string, CoveredFile['state']>();
  for (const { path, state } of files) {
    const before = worst.get(path);
    if (before === undefined || WORST.indexOf(state) < WORST.indexOf(before)) worst.set(path, state);
  }
  const counts = new Map<CoveredFile['state'], number>();
  for (const state of WORST) {
    const n = [...worst.values()].filter((one) => one === state).length;
    if (n > 0) counts.set(state, n);
  }
  return counts;
}

const WORST: readonly CoveredFile['state'][] = ['changed', 'missing', 'extra', 'not-checked', 'ignored', 'same'];

/** `1 changed, 2 missing, 3 not signed`. */
export function statesSentence(one: Pick<Attestation, 'steps' | 'files'>): string {
  const counts = [...countStates(one.files)];
  return counts.map(([state, n]) => `${formatCount(n)} ${stateWords(state, one)}`).join(', ');
}

/** What one axis comes to, in a sentence or two. */
export function axisLine(axis: AttestationAxis, one: Attestation): string {
  const steps = stepsOf(axis, one.steps);
  const wrong = steps.find(({ outcome }) => outcome === 'contradicts');
  const open = steps.find(({ outcome }) => outcome === 'could-not-check');
  return { integrity, authenticity, policy }[axis](one, steps, wrong, open);
}

type Line = (one: Attestation, steps: readonly Step[], wrong: Step | undefined, open: Step | undefined) => string;

const integrity: Line = (one, _, wrong, open) => {
  const counts = countStates(one.files);
  const same = counts.get('same') ?? 0;
  if (wrong !== undefined)
    return wrong.id === 'files' && counts.size > 0 ? `Not the files it lists: ${statesSentence(one)}.` : because(wrong);
  const listed = isSigned(one) ? 'signed' : 'recorded';
  const fits = same === 0 ? '' : `${capital(allOf(same, 'file'))} ${same === 1 ? 'is' : 'are'} as ${listed}.`;
  if (open === undefined) return fits === '' ? 'It can be read, and speaks of none of these files.' : fits;
  return same === 0 ? because(open) : `${plural(same, 'file')} as ${listed}. ${because(open)}`;
};

const authenticity: Line = (one, steps, wrong, open) => {
  if (!isSigned(one)) return 'Nobody signed it: it finds damage, and does not tell who wrote it.';
  if (wrong !== undefined) return `The signature does not hold. ${because(wrong)}`;
  if (open !== undefined) return `Who signed is not established. ${because(open)}`;
  const { signer } = one;
  if (signer === undefined) return 'It holds.';
  const given = steps.some(({ trust }) => trust?.from === 'given');
  const name = clean(signer.name, 120);
  if (signer.method === 'key') return `Signed with ${name}${given ? ', which you gave' : ''}.`;
  return `Signed by ${name}${signer.issuer === undefined ? '' : `, vouched for by ${clean(signer.issuer, 120)}`}.`;
};

const policy: Line = (one, steps, wrong, open) => {
  if (wrong !== undefined) return because(wrong);
  if (open !== undefined)
    return open.reason?.code === 'ATTEST_NO_IDENTITY' ? 'You have not said whom you expect.' : because(open);
  const asked = steps.filter(({ outcome }) => outcome === 'matches');
  const who = asked.some(({ id }) => id === 'identity') && one.signer !== undefined;
  const how = asked.some(({ id }) => id === 'policy');
  if (who && how) return 'It is signed by whom you expect, and made as you expect.';
  if (who) return `${clean(one.signer!.name, 120)} is the signer you expect.`;
  if (how) return 'It was made as you expect.';
  if (asked.length > 0) return 'It is as expected.';
  if (!isSigned(one)) return 'There is no signer who could be the one you expect.';
  if (one.signer?.method === 'key') return 'Nothing more was asked: a key is its own name.';
  return 'Nothing was asked.';
};

function because({ reason }: Step): string {
  return reason === undefined ? '' : `${explain(reason).title}.`;
}
