/** Words for attestations: the question each step asks, what it found, warnings. Screens and command line share them. */
import type {
  Attestation,
  CoveredFile,
  Step,
  StepId,
  TrustOrigin,
  WarningCode,
} from '../../core/claims/attestations/attestation.ts';
import { longDate } from '../../core/report/words/causes.ts';
import { clean } from '../../core/report/words/detail.ts';
import { capital, formatCount, plural } from '../../core/report/words/units.ts';
import { explain } from './errors.ts';
import { nothingToCheck, stepHolds } from './step-holds.ts';

interface StepWords {
  /** A few words, as a heading. */
  readonly title: string;
  /** What is asked, for a person who has never heard of it. */
  readonly asks: string;
}

export const STEP_WORDS: Readonly<Record<StepId, StepWords>> = {
  bundle: { title: 'Form', asks: 'Is the file in a published form that means one thing to every reader?' },
  schema: { title: 'Rules of its standard', asks: 'Does it say what its standard demands, in the way it demands?' },
  material: { title: 'Key or certificate', asks: 'With what is it to be checked, and is that at hand?' },
  certificate: {
    title: 'Certificate',
    asks: 'Does the signer’s certificate lead to an authority that is relied on here?',
  },
  sct: { title: 'Certificate log', asks: 'Was the certificate published, so that its owner could notice a false one?' },
  time: { title: 'Time', asks: 'When was it signed, and who says so?' },
  log: { title: 'Signature log', asks: 'Does the signature stand in a public log that cannot be rewritten?' },
  signature: { title: 'Signature', asks: 'Was exactly this text signed with that key?' },
  comment: { title: 'Comment', asks: 'Is the comment beside the signature the signer’s own?' },
  statement: { title: 'Statement', asks: 'Does the signed text say something usable?' },
  'root-digest': { title: 'Digest of the list', asks: 'Does the signed list of files add up?' },
  chain: { title: 'Hash chain', asks: 'Does each entry name the one before it by its digest?' },
  assertions: { title: 'Assertions', asks: 'Are all parts of the manifest the ones that were signed?' },
  binding: { title: 'Bound to this file', asks: 'Was it made for exactly this file?' },
  files: { title: 'Files', asks: 'Are these the files it speaks about?' },
  consistency: {
    title: 'Description',
    asks: 'Does what it says of the model agree with the configuration and the headers beside it?',
  },
  identity: { title: 'Who signed', asks: 'Is the signer the one you expect?' },
  limits: { title: 'Limits of the key', asks: 'May this key sign such a thing, today?' },
  policy: { title: 'How it was made', asks: 'Was it built from the source and by the builder you expect?' },
  simulation: { title: 'Real hardware', asks: 'Does the proof come from hardware and not from a simulation?' },
  quote: { title: 'Hardware quote', asks: 'Did the hardware sign these register values?' },
  registers: { title: 'Registers', asks: 'Are the listed register values the ones that were signed?' },
  'event-log': { title: 'Event log', asks: 'Do the listed events lead to the signed register?' },
  freshness: { title: 'Freshness', asks: 'Was it made for this question, or could it be an old one?' },
  'os-image': { title: 'Operating system', asks: 'Is the measured system the one you expect?' },
};

const WARNINGS: Readonly<Record<WarningCode, string>> = {
  'chain-shallow':
    'Each link covers the entry before it and not what that entry links to, so the last one does not vouch for the whole history.',
  'expired-now':
    'A certificate has expired since. It was valid when it was issued; nobody vouches for the time of signing.',
  'extra-files': 'There are files that nobody signed. You chose to allow that.',
  'ignored-files': 'Some files were left out of the comparison.',
  'key-without-hint': 'An old form that does not name its key. The signature holds with the key you gave.',
  'legacy-form': 'The form of an early release, with known weaknesses. Ask for a new signature.',
  'no-touch': 'It was made with a security key that nobody touched for it: a program may have signed unnoticed.',
  'order-of-resources': 'The signed list is in an unusual order.',
  'other-name':
    'It was signed under another name than the file has here. Make sure that it is the file you mean, and not another one by the same signer.',
  'other-namespace': 'It was not made for the purpose “file”, which signatures of files usually name.',
  'time-unchecked': 'It carries a time stamp, which is not checked here: when it was signed is not established.',
  'symlinks-invisible': 'The signer allowed symbolic links, which cannot be seen here.',
  'weak-hash-only':
    'For some files only MD5 or SHA-1 is stated. They find damage, but two files with the same one can be made on purpose.',
  'weights-without-hash': 'No hash is stated for some of the weights here: of those, it is a description only.',
};

export function warningWords(code: WarningCode): string {
  return WARNINGS[code];
}

/** What a step found, in a sentence or two. */
export function stepFound({ id, outcome, reason, detail = {} }: Step): string {
  if (reason !== undefined) {
    const { title, why } = explain(reason);
    return `${title}. ${why}`;
  }
  if (outcome === 'no-claim') return nothingToCheck(id);
  const { says, uses } = outcome === 'matches' ? stepHolds({ id, detail }) : { says: '', uses: [] };
  const facts = Object.entries(detail)
    .filter(([key, value]) => value !== 0 && value !== '' && !uses.includes(key))
    .map(
      ([key, value]) =>
        `${factName(key)}: ${typeof value === 'number' ? formatCount(value) : clean(String(value), 160)}`,
    );
  const named = facts.length === 0 ? '' : capital(`${facts.join(', ')}.`);
  return [says, named].filter((part) => part !== '').join(' ') || 'It holds.';
}

const FACTS: Readonly<Record<string, string>> = {
  mediaType: 'form',
  method: 'signed with',
  signedAt: 'signed at',
  logIndex: 'place in the log',
  issued: 'issued at',
  same: 'as stated',
  actual: 'signer',
  issuer: 'vouched for by',
  length: 'certificates in the chain',
  keyId: 'key',
  namespace: 'purpose',
  unsignedComment: 'comment, not signed',
  claimedKey: 'key, as it claims',
  claimedTime: 'made at, as it claims',
  touched: 'touched for it',
  signedText: 'form of the signed text',
};

function factName(key: string): string {
  return FACTS[key] ?? clean(key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase(), 40);
}

/** `shipped with Assay: Sigstore’s public-good trust root, 2026-11-05`. */
export function trustWords({ from, name, date }: TrustOrigin): string {
  if (from === 'accepted') return `what you accepted on ${longDate(clean(date ?? '', 40))}: ${clean(name, 120)}`;
  const said = {
    given: 'you gave',
    shipped: 'shipped with Assay:',
    updated: 'updated on this device:',
    fetched: 'fetched just now:',
  }[from];
  return `${said} ${clean(name, 120)}${date === undefined ? '' : `, ${clean(date, 40)}`}`;
}

export const STATE_WORDS: Readonly<Record<CoveredFile['state'], string>> = {
  same: 'as signed',
  changed: 'changed',
  missing: 'missing',
  extra: 'not signed',
  ignored: 'left out',
  'not-checked': 'not checked',
};

/** The whole attestation in one sentence. */
export function attestationSentence({ outcome, signer, files, path, steps }: Attestation): string {
  const name = clean(path, 120);
  const same = files.filter(({ state }) => state === 'same').length;
  const covers = same === 0 ? '' : ` ${plural(same, 'file')} ${same === 1 ? 'is' : 'are'} as stated.`;
  const who =
    signer &&
    `${clean(signer.name, 160)}${signer.issuer === undefined ? '' : `, vouched for by ${clean(signer.issuer, 160)}`}`;
  if (outcome === 'matches')
    return who === undefined ? `${name} fits, and nobody signed it.${covers}` : `Signed by ${who}.${covers}`;
  const telling = steps.find(
    (step) => step.outcome === (outcome === 'contradicts' ? 'contradicts' : 'could-not-check'),
  );
  const title = telling?.reason === undefined ? '' : explain(telling.reason).title;
  if (outcome === 'contradicts') return `${name} does not hold. ${title}.`;
  if (outcome === 'no-claim') return `${name} states nothing that could be checked.`;
  return `${name}: not established. ${title}.${covers}`;
}
