/**
 * One check in words: a pure function of the check, used by screens, command line, Markdown and the verdict. It says what
 * was compared with what, and for a contradiction the likely cause.
 */
import type { Check } from '../../claims/check.ts';
import { CHECK_KINDS, type CheckKind } from '../../claims/kinds.ts';
import { clean, fact, phrase } from './detail.ts';
import { causeOf, longDate, notAModelOf } from './causes.ts';
import { CONTENT_STATEMENTS } from './statement-contents.ts';
import { SIGNER_STATEMENTS } from './statement-signers.ts';
import { WEIGHT_STATEMENTS } from './statement-weights.ts';
import { because } from './reasons.ts';
import { repoName, revisionWords } from './places.ts';
import { algorithmTitle, count, isOverBytes, sourceName, subjectOf, text, theDigest, weakness } from './sources.ts';
import { explainNotAModel } from './not-a-model.ts';
import { capital, formatCount, plural } from './units.ts';

export interface Statement {
  /** Full sentences. */
  readonly text: string;
  /** One thing to do. */
  readonly next?: string;
}

export type StatementMaker = (check: Check) => Statement;

const FULL_CHECK = 'Choose the full check to compare every byte.';
const ASK_PUBLISHER = 'Ask the publisher for a SHA-256, or name the repository it comes from.';

/** `…: this device is offline.`, or only the full stop when no reason is given. */
function reasonOf({ reason, detail }: Check): string {
  if (reason !== undefined) return `: ${because(reason)}.`;
  return detail?.['depth'] === 'headers' ? ': only headers were read.' : '.';
}

function contradicted(check: Check, said: string): Statement {
  const { why, next } = causeOf(check);
  return { text: why === '' ? said : `${said} ${why}`, ...(next === '' ? {} : { next }) };
}

const STATEMENTS: Readonly<Record<CheckKind, StatementMaker>> = {
  ...CONTENT_STATEMENTS,
  ...WEIGHT_STATEMENTS,
  ...SIGNER_STATEMENTS,

  'file-digest': (check) => {
    const { outcome, source, algorithm = '', path } = check;
    const stated = theDigest(source, algorithm);
    if (outcome === 'matches') {
      if (isOverBytes(check)) return { text: `${subjectOf(check)} is as signed in ${sourceName(source)}.` };
      const said = source.kind === 'hex' ? `matches ${stated}` : `has ${stated}`;
      return { text: [`${subjectOf(check)} ${said}.`, weakness(algorithm)].filter(Boolean).join(' ') };
    }
    if (outcome === 'contradicts') {
      const said = source.kind === 'hex' ? `does not match ${stated}` : `does not have ${stated}`;
      return contradicted(check, `${subjectOf(check)} ${said}.`);
    }
    const who = path === undefined ? 'Nothing was' : `${subjectOf(check)} was not`;
    const next = check.detail?.['depth'] === 'headers' ? { next: FULL_CHECK } : {};
    return { text: `${who} compared with ${sourceName(source)}${reasonOf(check)}`, ...next };
  },

  'file-size': (check) => {
    const { expected = '?', actual = '?', source } = check;
    const sizes = `${subjectOf(check)} has ${formatCount(Number(actual))} bytes; ${sourceName(source)} states ${formatCount(Number(expected))}.`;
    return contradicted(check, sizes);
  },

  'file-missing': (check) => {
    const { source, path, outcome } = check;
    const name = sourceName(source);
    const n = count(check, 'files');
    const next = outcome === 'could-not-check' ? { next: 'Add what is missing, and check again.' } : {};
    if (path !== undefined) {
      const belongs = source.kind === 'hub' ? `is part of ${name}` : `is listed by ${name}`;
      return { text: `${subjectOf(check)} ${belongs} and is not here.`, ...next };
    }
    const digests = count(check, 'digests');
    if (digests > 0) {
      const label = text(check, 'label');
      if (digests === 1 && label !== '') return { text: `${capital(label)} is not here (${name}).`, ...next };
      return {
        text: `${plural(digests, 'other digest')} of ${name} ${digests === 1 ? 'belongs' : 'belong'} to no file here.`,
      };
    }
    const more = check.detail?.['more'] === true ? 'more ' : 'other ';
    const files = `${formatCount(n)} ${more}${n === 1 ? 'file' : 'files'}`;
    const belong = source.kind === 'hub' ? `of ${name}` : `listed by ${name}`;
    return { text: `${files} ${belong} ${n === 1 ? 'is' : 'are'} not here.`, ...next };
  },

  'file-extra': (check) => {
    const name = sourceName(check.source);
    if (check.path !== undefined) return { text: `${subjectOf(check)} is not part of ${name}.` };
    return {
      text: `${plural(count(check, 'files'), 'more file')} here ${count(check, 'files') === 1 ? 'is' : 'are'} not part of ${name}.`,
    };
  },

  'file-unclaimed': (check) => ({ text: `Nothing states what ${subjectOf(check)} should be.`, next: ASK_PUBLISHER }),

  'digest-nowhere': (check) => {
    const { source, path, outcome, algorithm = '' } = check;
    const name = sourceName(source);
    const files = count(check, 'files');
    const digests = count(check, 'digests');
    if (outcome !== 'contradicts') {
      return { text: `Not every file could be compared with ${name}${reasonOf(check)}` };
    }
    const listed = count(check, 'listed');
    if (path !== undefined && listed > 0) {
      const said = `${subjectOf(check)} is none of the ${plural(listed, 'file')} of ${name}: neither its name nor its ${algorithmTitle(algorithm)} is there.`;
      return contradicted(check, said);
    }
    const here = path === undefined ? `of the ${plural(files, 'file')} here` : `of ${subjectOf(check)}`;
    if (digests > 1) return contradicted(check, `None of the ${plural(digests, 'digest')} of ${name} is that ${here}.`);
    return contradicted(check, `None ${here} matches ${theDigest(source, algorithm)}.`);
  },

  'tensor-digest': (check) => {
    const { outcome, source, tensor, algorithm = '' } = check;
    const file = subjectOf(check);
    const stated = theDigest(source, algorithm);
    const n = count(check, 'tensors');
    if (tensor !== undefined) return contradicted(check, `Tensor ${clean(tensor)} of ${file} does not have ${stated}.`);
    if (outcome === 'contradicts')
      return { text: `${plural(n, 'more tensor')} of ${file} ${n === 1 ? 'does' : 'do'} not have ${stated}.` };
    if (outcome !== 'matches') {
      return {
        text: `${plural(n, 'tensor')} of ${file} ${n === 1 ? 'was' : 'were'} not compared with ${sourceName(source)}${reasonOf(check)}`,
      };
    }
    const all =
      count(check, 'listed') === n
        ? `All ${plural(n, 'tensor')}`
        : `${formatCount(n)} of ${plural(count(check, 'listed'), 'tensor')}`;
    return {
      text: [
        `${n === 1 && count(check, 'listed') === 1 ? 'The one listed tensor' : all} of ${file} ${n === 1 ? 'has' : 'have'} ${stated}.`,
        weakness(algorithm),
      ]
        .filter(Boolean)
        .join(' '),
    };
  },

  'tensor-missing': (check) => ({
    text: `${sourceName(check.source)} lists the tensor ${clean(check.tensor ?? '')}, which ${subjectOf(check)} does not have.`,
    next: 'The list may be of another version of the model. Do not use the file before you know.',
  }),

  'tensor-data-digest': (check) => {
    const { outcome, source, algorithm = '' } = check;
    const stated = theDigest(source, algorithm);
    const subject = `The bytes of all tensors of ${subjectOf(check)}, taken together,`;
    if (outcome === 'matches')
      return {
        text: [`${subject} have ${stated}. It does not cover the metadata.`, weakness(algorithm)]
          .filter(Boolean)
          .join(' '),
      };
    if (outcome === 'contradicts') return contradicted(check, `${subject} do not have ${stated}.`);
    return {
      text: `The bytes of all tensors of ${subjectOf(check)} were not compared with ${sourceName(source)}${reasonOf(check)}`,
    };
  },

  'claim-unreadable': (check) => {
    const name = `${sourceName(check.source)}${check.source.kind === 'hub' ? ' on Hugging Face' : ''}`;
    return { text: `Nothing was compared with ${name}${reasonOf(check)}` };
  },

  'claim-line': (check) => {
    const path = check.path === undefined ? '' : `, about ${clean(check.path)},`;
    return {
      text: `Line ${formatCount(count(check, 'line'))} of ${sourceName(check.source)}${path} was not used${reasonOf(check)}`,
    };
  },

  'claim-skipped': (check) => {
    const lines = count(check, 'lines');
    const first = `“${clean(text(check, 'text'), 60)}”`;
    return {
      text: `${plural(lines, 'line')} of ${sourceName(check.source)} ${lines === 1 ? 'was' : 'were'} not understood${lines === 1 ? '' : ', the first'}: ${first}.`,
    };
  },

  'nothing-claimed': () => ({
    text: 'Nothing states what these bytes should be: no checksum list, no repository and no digest was found or given.',
    next: ASK_PUBLISHER,
  }),

  'stated-origin': (check) => ({
    text: `The folder says that it is ${sourceName(check.source)}. That was not compared with Hugging Face.`,
    next: `Compare with ${text(check, 'repo')}@${text(check, 'commit').slice(0, 12)}.`,
  }),

  'known-file': (check) => {
    const { outcome } = check;
    if (outcome === 'matches') {
      const others = count(check, 'places') - 1;
      const more = others > 0 ? ` (and in ${plural(others, 'other place')})` : '';
      const where = `${text(check, 'file')} in ${repoName(text(check, 'repo'))}${revisionWords(text(check, 'revision'))}`;
      const disputed = check.detail?.['disputed'] === true ? ' Sources disagree about this name.' : '';
      return { text: `The bytes of ${subjectOf(check)} were published as ${where}${more}.${disputed}` };
    }
    const files = count(check, 'files');
    const who = check.path === undefined ? plural(files, 'file') : subjectOf(check);
    if (outcome === 'no-claim') {
      const known = plural(count(check, 'known'), 'known file');
      const date = text(check, 'date') === '' ? '' : `, ${longDate(text(check, 'date'))}`;
      const days = count(check, 'days');
      const age = days === 0 ? '' : `, ${formatCount(days)} days old`;
      return {
        text: `${who} ${files > 1 ? 'are' : 'is'} not in the database (${known}${date}${age}). That is common, and says nothing about ${files > 1 ? 'them' : 'it'}.`,
      };
    }
    return { text: `${who} ${files > 1 ? 'were' : 'was'} not looked up in the database${reasonOf(check)}` };
  },

  database: (check) => {
    const name = 'database of known files';
    if (check.path === undefined) return { text: `The ${name} was not used${reasonOf(check)}` };
    return { text: `${subjectOf(check)} was not looked up in the ${name}${reasonOf(check)}` };
  },

  'not-a-model': (check) => {
    const found = notAModelOf(check);
    if (found === null) return { text: `${subjectOf(check)} is not a model.` };
    const words = explainNotAModel(found, count(check, 'sizeHere'));
    return { text: `${subjectOf(check)} ${words.title}. ${words.why}`, next: words.next };
  },

  'file-read': (check) => {
    if (check.reason?.code === 'SOURCE_ABORTED') {
      return { text: `You stopped before ${subjectOf(check)} was read.`, next: 'Check again to read the rest.' };
    }
    return { text: `${subjectOf(check)} was not read${reasonOf(check)}` };
  },

  signature: (check) => {
    const { outcome } = check;
    if (outcome === 'no-claim') return { text: 'No signature lies beside these files.' };
    const signer = text(check, 'signer');
    const issuer = text(check, 'issuer');
    const same = count(check, 'same');
    const who = `${signer === '' ? 'a key you gave' : signer}${issuer === '' ? '' : ` (vouched for by ${issuer})`}`;
    if (outcome === 'matches')
      return {
        text: `${subjectOf(check)}: signed by ${who}. ${plural(same, 'file')} here ${same === 1 ? 'is' : 'are'} as signed.`,
      };
    if (outcome === 'contradicts')
      return {
        text: `${check.detail?.['embedded'] === true ? 'The manifest inside ' : ''}${subjectOf(check)} does not hold${reasonOf(check)}`,
        next: 'Ask the publisher before you use these files.',
      };
    const next = signatureNext(check);
    return {
      text: `${subjectOf(check)}: who signed is not established${reasonOf(check)}`,
      ...(next === '' ? {} : { next }),
    };
  },

  record: (check) => {
    const same = count(check, 'same');
    if (check.outcome === 'matches')
      return {
        text: `${plural(same, 'file')} ${same === 1 ? 'is' : 'are'} as ${subjectOf(check)} records. Nobody signed it.`,
      };
    if (check.outcome === 'contradicts')
      return { text: `${subjectOf(check)} does not fit these files${reasonOf(check)}` };
    return { text: `${subjectOf(check)} was not compared${reasonOf(check)}` };
  },
};

/** What would let a signature be checked. */
function signatureNext(check: Check): string {
  const { code, detail = {} } = check.reason ?? {};
  if (code === 'ATTEST_NO_VERIFIER') return phrase(detail, ['command'], (command) => `Run: ${command}`, '');
  if (code === 'ATTEST_NO_SIGNED_FILE') return 'Open it together with the file it signs.';
  if (code === 'ATTEST_NO_USABLE_KEY') return `Give ${fact(detail, 'wants') || 'the publisher’s public key'}.`;
  const step = text(check, 'step');
  const asks = step === 'material' || step === 'certificate' || step === 'signature';
  return asks ? 'Give the publisher’s key or certificate.' : '';
}

/** A check in words. Kinds that a newer version wrote are named as they are. */
export function statement(check: Check): Statement {
  const kind = CHECK_KINDS.find((k) => k === check.kind);
  if (kind !== undefined) return STATEMENTS[kind](check);
  const outcome = {
    matches: 'matches',
    contradicts: 'contradicts',
    'could-not-check': 'could not be checked',
    'no-claim': 'has no claim',
  };
  return { text: `${clean(check.kind)}: ${subjectOf(check)} ${outcome[check.outcome]} (${sourceName(check.source)}).` };
}
