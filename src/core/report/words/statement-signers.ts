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
    if (text(check, 'event') === 'other-key')
      return { text: `${signerChange(check)} ${acceptedWords(check)}`, next: askPublisher(publisher) };
    const met = text(check, 'metBefore') === '' ? '' : ` The new one was met before, on ${dateOf(check, 'metBefore')}.`;
    if (check.outcome === 'contradicts')
      return { text: `${signerChange(check)} ${acceptedWords(check)}${met}`, next: askPublisher(publisher) };
    const [first, last] = [dateOf(check, 'beforeFirst'), dateOf(check, 'beforeLast')];
    const span = first === last ? `on ${first}` : `from ${first} to ${last}`;
    return {
      text: `${signerChange(check)} That one was seen ${times(check, 'beforeTimes')}, ${span}.${met}`,
      next: ASK_ELSEWHERE,
    };
  },
};

/** The change in one sentence, for headlines: who signed, and who was to be expected. */
export function signerChange(check: Check): string {
  const publisher = text(check, 'publisher');
  const before = signerWords(check, 'before');
  const others = count(check, 'beforeOthers');
  const more = others === 0 ? '' : ` or ${plural(others, 'other')}`;
  if (text(check, 'event') === 'other-key')
    return `Not signed with the key that you accepted for ${publisher}, ${before}: another key was used.`;
  if (check.outcome === 'contradicts')
    return `Another signer than the one you accepted for ${publisher}: ${signerWords(check)}, not ${before}${more}.`;
  return `Another signer than before for ${publisher}: ${signerWords(check)}, until now ${before}${more}.`;
}

/** `release@example.org (vouched for by …)`, `release.pem (key 1f2e3d4c…)`: a file name alone is nobody's identity. */
export function signerWords(check: Check, prefix: '' | 'before' = ''): string {
  const of = (key: string): string =>
    text(check, prefix === '' ? key : `${prefix}${key.charAt(0).toUpperCase()}${key.slice(1)}`);
  const name = of('signer');
  if (of('method') === 'key') return `${name} (key ${of('key').slice(0, 16)}…)`;
  return of('issuer') === '' ? name : `${name} (vouched for by ${of('issuer')})`;
}

function acceptedWords(check: Check): string {
  const last =
    text(check, 'beforeLast') === '' ? 'and not met since' : `and last saw it on ${dateOf(check, 'beforeLast')}`;
  return `You accepted ${signerWords(check, 'before')} on ${dateOf(check, 'beforeAcceptedOn')}, ${last}.`;
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
