/** Statements about who signed before: names and dates, never more than that somebody was met. */
import type { CheckKind } from '../../claims/kinds.ts';
import type { Check } from '../../claims/check.ts';
import { longDate } from './causes.ts';
import type { StatementMaker } from './statement.ts';
import { count, text } from './sources.ts';
import { plural } from './units.ts';

const ASK_ELSEWHERE =
  'Compare the name or the key with what the publisher says in another place than this download, then say whom you expect.';

export const SIGNER_STATEMENTS: Readonly<
  Record<Extract<CheckKind, 'signer-memory' | 'signer-changed'>, StatementMaker>
> = {
  'signer-memory': (check) => {
    const publisher = text(check, 'publisher');
    const who = signerWords(check);
    switch (text(check, 'event')) {
      case 'same':
        return {
          text: `Signed by ${who}, as on ${dateOf(check, 'first')} (seen ${times(check, 'times')} for ${publisher}).`,
        };
      case 'accepted': {
        const first = text(check, 'first') === '' ? '' : `, first seen on ${dateOf(check, 'first')}`;
        return {
          text: `Signed by ${who}, whom you accepted for ${publisher} on ${dateOf(check, 'acceptedOn')}${first}.`,
        };
      }
      case 'also':
        return { text: `Also signed by ${who}, who is not among the signers expected of ${publisher} here.` };
      case 'unsigned':
        return { text: `${knownFor(check)}; this one carries no signature.`, next: askPublisher(publisher) };
      case 'open':
        return { text: `${knownFor(check)}; who signed this one is not established.` };
      default:
        return {
          text: `This is the first time that a signature by ${who} for ${publisher} is seen here.`,
          next: ASK_ELSEWHERE,
        };
    }
  },
  'signer-changed': (check) => {
    const publisher = text(check, 'publisher');
    const before = signerWords(check, 'before');
    const more = count(check, 'beforeOthers') === 0 ? '' : ` or ${plural(count(check, 'beforeOthers'), 'other')}`;
    if (text(check, 'event') === 'other-key') {
      return {
        text: `Not signed with the key of ${before}, ${acceptedWords(check, publisher)}: another key was used.`,
        next: askPublisher(publisher),
      };
    }
    const met = text(check, 'metBefore') === '' ? '' : `, met before on ${dateOf(check, 'metBefore')}`;
    if (check.outcome === 'contradicts') {
      return {
        text: `Another signer than the one you accepted: signed by ${signerWords(check)}${met}; expected is ${before}${more}, ${acceptedWords(check, publisher)}.`,
        next: askPublisher(publisher),
      };
    }
    const span = `${dateOf(check, 'beforeFirst')} to ${dateOf(check, 'beforeLast')}, ${times(check, 'beforeTimes')}`;
    return {
      text: `Another signer than before for ${publisher}: ${signerWords(check)}${met}, until now ${before}${more} (${span}).`,
      next: ASK_ELSEWHERE,
    };
  },
};

/** `release@example.org (vouched for by …)`, `release.pem (key 1f2e3d4c…)`: a file name alone is nobody's identity. */
export function signerWords(check: Check, prefix: '' | 'before' = ''): string {
  const of = (key: string): string =>
    text(check, prefix === '' ? key : `${prefix}${key.charAt(0).toUpperCase()}${key.slice(1)}`);
  const name = of('signer');
  if (of('method') === 'key') return `${name} (key ${of('key').slice(0, 16)}…)`;
  return of('issuer') === '' ? name : `${name} (vouched for by ${of('issuer')})`;
}

function acceptedWords(check: Check, publisher: string): string {
  const last = text(check, 'beforeLast') === '' ? '' : `, last seen on ${dateOf(check, 'beforeLast')}`;
  return `whom you accepted for ${publisher} on ${dateOf(check, 'beforeAcceptedOn')}${last}`;
}

function knownFor(check: Check): string {
  const publisher = text(check, 'publisher');
  const before = signerWords(check, 'before');
  const others = count(check, 'beforeOthers') === 0 ? '' : ` and ${plural(count(check, 'beforeOthers'), 'other')}`;
  if (text(check, 'beforeLast') === '')
    return `You accepted ${before} for ${publisher} on ${dateOf(check, 'beforeAcceptedOn')}`;
  return `Models of ${publisher} seen here before were signed by ${before}${others}, last on ${dateOf(check, 'beforeLast')}`;
}

function askPublisher(publisher: string): string {
  return `Ask ${publisher} in another way than this download before you use these files.`;
}

function times(check: Check, key: string): string {
  const n = count(check, key);
  return n === 1 ? 'once' : `${n} times`;
}

function dateOf(check: Check, key: string): string {
  return longDate(text(check, key));
}
