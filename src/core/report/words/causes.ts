/** The likely cause of a contradiction, and what to do, in words. */
import type { Cause } from '../../claims/cause.ts';
import type { Check } from '../../claims/check.ts';
import { sameLength } from '../../claims/algorithm-names.ts';
import type { NotAModel, NotAModelKind } from '../../formats/not-a-model.ts';
import { explainNotAModel, NOT_A_MODEL_WORDS } from './not-a-model.ts';
import { algorithmTitle, count, text } from './sources.ts';
import { formatBytes, plural } from './units.ts';

export interface CauseWords {
  /** One or two sentences; empty when nothing is known. */
  readonly why: string;
  readonly next: string;
}

const AGAIN = 'Download the file again, and compare once more.';
const UNTRUSTED = 'Do not use the file before you know where the difference comes from.';

/** Words for each cause that `claims/cause.ts` finds. */
const CAUSES: Readonly<Record<Cause, (check: Check) => CauseWords>> = {
  instead: (check) => {
    const found = notAModelOf(check);
    if (found === null) return { why: '', next: AGAIN };
    const words = explainNotAModel(found, count(check, 'sizeHere'));
    return { why: `The file ${words.title}.`, next: words.next };
  },
  truncated: (check) => ({
    why: `It ends ${formatBytes(count(check, 'missing'))} before its own header says: the download is incomplete.`,
    next: AGAIN,
  }),
  swapped: (check) => ({
    why: `It has the bytes that are stated for ${text(check, 'twin')}: the two may have changed places.`,
    next: 'Give each file its own name, and compare once more.',
  }),
  shorter: (check) => ({
    why: `It is ${difference(check)} shorter than stated: the download is incomplete, or this is another version.`,
    next: AGAIN,
  }),
  longer: (check) => ({
    why: `It is ${difference(check)} longer than stated: this is another version, or something was added.`,
    next: UNTRUSTED,
  }),
  'same-size': () => ({
    why: 'It has the stated size, so bytes inside it differ: damage on the way, or a change.',
    next: `${AGAIN} If it differs again, do not use it.`,
  }),
  unknown: () => ({ why: '', next: `${AGAIN} If it differs again, do not use it.` }),
};

/** Why a check contradicts, as far as it shows; both texts are empty for other outcomes. */
export function causeOf(check: Check): CauseWords {
  if (check.outcome !== 'contradicts') return { why: '', next: '' };
  const cause = check.detail?.['cause'];
  const words = typeof cause === 'string' && Object.hasOwn(CAUSES, cause) ? CAUSES[cause as Cause](check) : null;
  const notes = [words?.why ?? '', assumption(check), history(check)].filter((note) => note !== '');
  const commit = text(check, 'equalsCommit').slice(0, 7);
  const next = commit === '' ? (words?.next ?? UNTRUSTED) : `Compare with ${commit}, or get the current file.`;
  return { why: notes.join(' '), next };
}

/** A bare digest may be of another algorithm than the one that was taken. */
function assumption({ algorithm = '', detail }: Check): string {
  if (detail?.['assumed'] !== true) return '';
  const others = sameLength(algorithm).map(algorithmTitle);
  const title = algorithmTitle(algorithm);
  return `The digest names no algorithm and was taken for ${title} by its length; it could be ${others.join(' or ')}.`;
}

/** Another commit of the same repository may state these bytes. */
function history(check: Check): string {
  const commit = text(check, 'equalsCommit');
  const looked = count(check, 'commitsLooked');
  if (commit === '' && looked < 2) return '';
  if (commit === '') return `None of the last ${looked} commits there has these bytes.`;
  const date = text(check, 'equalsDate').slice(0, 10);
  return `It equals the file of commit ${commit.slice(0, 7)}${date === '' ? '' : ` of ${longDate(date)}`}.`;
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** `3 May 2026`, from an ISO date; the text itself when it is none. */
export function longDate(iso: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso) ?? [];
  const name = MONTHS[Number(month) - 1];
  return name === undefined ? iso : `${Number(day)} ${name} ${year}`;
}

function difference(check: Check): string {
  const bytes = Math.abs(count(check, 'sizeHere') - count(check, 'sizeStated'));
  return bytes < 1000 ? plural(bytes, 'byte') : formatBytes(bytes);
}

/** What the file is instead of a model, when the check says. */
export function notAModelOf(check: Check): NotAModel | null {
  const kind = check.detail?.['instead'];
  if (typeof kind !== 'string' || !Object.hasOwn(NOT_A_MODEL_WORDS, kind)) return null;
  return { kind: kind as NotAModelKind, detail: check.detail ?? {} };
}
