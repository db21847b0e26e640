/** What a step of an attestation established, as a sentence. The details it uses are told in it; others follow by name. */
import type { Step, StepId } from '../../core/claims/attestations/attestation.ts';
import { clean } from '../../core/report/words/detail.ts';
import { formatCount, plural } from '../../core/report/words/units.ts';
import { dateTime } from './units.ts';

type Detail = NonNullable<Step['detail']>;

interface Holds {
  readonly says: (detail: Detail) => string;
  readonly uses?: readonly string[];
}

const MADE_WITH: Readonly<Record<string, string>> = {
  key: 'a key',
  certificate: 'a certificate',
  sigstore: 'Sigstore',
};

function text(detail: Detail, key: string, longest = 160): string {
  const value = Object.hasOwn(detail, key) ? detail[key] : undefined;
  return value === undefined ? '' : clean(String(value), longest);
}

function count(detail: Detail, key: string): number {
  const value = Object.hasOwn(detail, key) ? detail[key] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

const STATES = [
  ['changed', 'changed'],
  ['missing', 'missing'],
  ['extra', 'not listed'],
  ['ignored', 'left out'],
] as const;

const HOLDS: Readonly<Partial<Record<StepId, Holds>>> = {
  bundle: {
    says: (d) => {
      const made = MADE_WITH[text(d, 'method')];
      if (made !== undefined) return `It is in a published form, signed with ${made}.`;
      const entries = count(d, 'entries');
      if (entries > 0) return `It can be read, and has ${plural(entries, 'entry', 'entries')}.`;
      const form = [text(d, 'form'), text(d, 'mediaType'), text(d, 'method')].filter((part) => part !== '');
      return form.length === 0 ? 'It is in a published form.' : `It is in a published form: ${form.join(', ')}.`;
    },
    uses: ['method', 'entries', 'form', 'mediaType'],
  },
  schema: { says: () => 'It keeps to the rules of its standard.' },
  material: { says: () => 'What it is to be checked with is at hand.' },
  certificate: {
    says: (d) => {
      const root = text(d, 'root');
      const length = count(d, 'length');
      const chain = length === 0 ? '' : `, ${plural(length, 'certificate')} long`;
      return `It leads to an authority that is relied on here${root === '' ? '' : `: ${root}`}${chain}.`;
    },
    uses: ['root', 'length'],
  },
  sct: { says: () => 'A certificate log promised to publish it.' },
  time: {
    says: (d) => {
      if (text(d, 'signedAt') !== '') return `It was signed on ${dateTime(text(d, 'signedAt'))}.`;
      if (text(d, 'issued') === '') return 'Somebody vouches for the time.';
      return `The certificate was issued on ${dateTime(text(d, 'issued'))}, and all above it were valid then.`;
    },
    uses: ['signedAt', 'issued'],
  },
  log: {
    says: (d) =>
      text(d, 'logIndex') === ''
        ? 'It stands in the log.'
        : `It stands in the log, at place ${text(d, 'logIndex', 24)}.`,
    uses: ['logIndex'],
  },
  signature: {
    says: (d) =>
      text(d, 'certificate') === ''
        ? 'Exactly this was signed with that key.'
        : 'Exactly this was signed with the key of the certificate that comes with it.',
  },
  comment: {
    says: (d) =>
      text(d, 'signedComment') === ''
        ? 'It was signed together with the signature.'
        : `It was signed together with the signature, and says “${text(d, 'signedComment')}”.`,
    uses: ['signedComment'],
  },
  statement: {
    says: (d) => {
      const files = count(d, 'files');
      const kind = text(d, 'predicateType');
      if (files > 0) return `The signed text lists ${plural(files, 'file')}.`;
      return kind === '' ? 'The signed text says what it is about.' : `The signed text is of the kind ${kind}.`;
    },
    uses: ['files', 'predicateType'],
  },
  'root-digest': { says: () => 'The list adds up to the digest that was signed.' },
  chain: { says: () => 'Each entry names the one before it by its digest.' },
  consistency: { says: () => 'What it says of the model agrees with what lies here.' },
  files: {
    says: (d) => {
      const parts = STATES.flatMap(([key, words]) =>
        count(d, key) > 0 ? [`${formatCount(count(d, key))} ${words}`] : [],
      );
      const same = count(d, 'same');
      const weak = text(d, 'weak', 20);
      const only = weak === '' ? '' : ` ${weak} finds damage, not forgery: two files with the same one can be made.`;
      return same === 0 && parts.length === 0
        ? 'It is about what is here.'
        : `${[`${plural(same, 'file')} as stated`, ...parts].join(', ')}.${only}`;
    },
    uses: ['same', 'changed', 'missing', 'extra', 'ignored', 'weak'],
  },
  identity: {
    says: (d) => {
      const issuer = text(d, 'issuer');
      const name = text(d, 'actual');
      if (name === '') return 'The signer is the one that is expected.';
      return `${name}${issuer === '' ? '' : `, vouched for by ${issuer},`} is the signer that is expected.`;
    },
    uses: ['actual', 'issuer'],
  },
  assertions: {
    says: (d) =>
      `All ${plural(count(d, 'same'), 'part')} of it ${count(d, 'same') === 1 ? 'is' : 'are'} the ones that were signed.`,
    uses: ['same'],
  },
  binding: { says: () => 'It was made for exactly these bytes.' },
  limits: {
    says: (d) =>
      text(d, 'namespace') === ''
        ? 'The list of signers lets this key sign today.'
        : `The list of signers lets this key sign for the purpose “${text(d, 'namespace', 60)}”, today.`,
    uses: ['namespace'],
  },
  policy: { says: () => 'It was made as you expect.' },
  simulation: { says: () => 'It comes from hardware.' },
  quote: { says: () => 'The hardware signed these register values.' },
  registers: { says: () => 'They are the values that were signed.' },
  'event-log': { says: () => 'The events lead to the signed register.' },
};

const NOTHING: Readonly<Partial<Record<StepId, string>>> = {
  consistency: 'It says nothing of the model that could be compared with what lies here.',
  files: 'It speaks of no file.',
};

/** What is said of a step for which there is nothing to check. */
export function nothingToCheck(id: StepId): string {
  return NOTHING[id] ?? 'There is none, and none is needed.';
}

/** Says nothing where a step holds without a sentence of its own. */
export function stepHolds({ id, detail = {} }: Pick<Step, 'id' | 'detail'>): {
  readonly says: string;
  readonly uses: readonly string[];
} {
  const found = HOLDS[id];
  return found === undefined ? { says: '', uses: [] } : { says: found.says(detail), uses: found.uses ?? [] };
}
