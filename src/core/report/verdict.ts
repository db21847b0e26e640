/**
 * The headline: one sentence that says what was compared with what, and a note. A pure function of the report.
 *
 * One contradiction beats any number of matches; a comparison that was asked for and could not be made beats matches;
 * nothing here ever says safe, trusted or a percentage.
 */
import type { Outcome } from '../claims/check.ts';
import { backings, covered, headlineFiles, headlineNoun, unanswered, type Judged } from './coverage.ts';
import { contradiction } from './verdict-contradicted.ts';
import { dangers, signerNote, sightingWords } from './verdict-notes.ts';
import { matched } from './verdict-matched.ts';
import { clean } from './words/detail.ts';
import { because } from './words/reasons.ts';
import { statement } from './words/statement.ts';
import { allOf, capital, formatBytes, formatCount, plural } from './words/units.ts';

export interface Verdict {
  readonly outcome: Outcome;
  readonly sentence: string;
  readonly note?: string;
}

/** Characters of sentence and note, as the published schema has it. */
const WORDS_MAX = 1000;

/** The verdict of a report, from its checks, artifacts, findings and sightings. */
export function verdict(report: Judged): Verdict {
  const made = judge(report);
  const signer = made.outcome === 'contradicts' ? '' : signerNote(report);
  const notes = [signer, made.note ?? '', dangers(report)].filter((note) => note !== '');
  const { outcome, sentence } = made;
  // Names are cut where they are put in; this holds for whatever else may come together.
  const note = notes.length === 0 ? {} : { note: clean(notes.join(' '), WORDS_MAX) };
  return { outcome, sentence: clean(sentence, WORDS_MAX), ...note };
}

function judge(report: Judged): Verdict {
  const contradicted = report.checks.filter((c) => c.outcome === 'contradicts');
  if (contradicted.length > 0) return contradiction(report, contradicted);
  if (headlineFiles(report).length === 0) {
    return { outcome: 'no-claim', sentence: 'There is no model file here.' };
  }
  if (report.stopped) return stopped(report);
  const unread = nothingRead(report);
  if (unread !== null) return unread;
  if (report.depth === 'headers') return headersOnly(report);
  const answer = matched(report);
  if (answer !== null) return answer;
  const [open] = unanswered(report);
  const seen = sightingWords(report);
  if (open !== undefined) {
    return {
      outcome: 'could-not-check',
      sentence: statement(open).text,
      ...(seen === null ? {} : { note: seen.sentence }),
    };
  }
  if (seen !== null) return seen;
  const weights = report.checks.find((c) => c.kind === 'same-weights' && c.outcome === 'matches');
  if (weights !== undefined) {
    const note = 'The bytes of the files were compared with nothing: nobody’s digests are at hand.';
    return { outcome: 'matches', sentence: statement(weights).text, note };
  }
  return nothingToCompare(report);
}

function stopped(report: Judged): Verdict {
  const files = headlineFiles(report);
  const noun = headlineNoun(report);
  const done = files.filter((f) => f.status === 'complete');
  if (done.length === 0) {
    return {
      outcome: 'could-not-check',
      sentence: `You stopped before ${files.length === 1 ? `the ${noun}` : `any ${noun}`} was read to its end.`,
    };
  }
  const all = backings(report, files);
  const matching = covered(all, done).size;
  const [best] = all;
  const compared =
    best === undefined || matching === 0
      ? 'Nothing was compared.'
      : `${matching === done.length ? 'What was read' : `${formatCount(matching)} of them`} ${matching === 1 || matching === done.length ? 'matches' : 'match'} ${best.source.kind === 'hub' ? clean(best.source.name) : `what ${clean(best.source.name)} states`}.`;
  return {
    outcome: 'could-not-check',
    sentence: `You stopped after ${formatCount(done.length)} of ${plural(files.length, noun)}. ${compared}`,
  };
}

/** Every file the headline is about failed to be read. */
function nothingRead(report: Judged): Verdict | null {
  const files = headlineFiles(report);
  const [first] = files;
  if (first === undefined || files.some((f) => f.status === 'complete' || f.status === 'headers-only')) return null;
  const why = first.error === undefined ? '.' : `: ${because(first.error)}.`;
  const who = files.length === 1 ? clean(first.path) : `None of the ${plural(files.length, headlineNoun(report))}`;
  return { outcome: 'could-not-check', sentence: `${who} could${files.length === 1 ? ' not' : ''} be read${why}` };
}

function headersOnly(report: Judged): Verdict {
  const files = headlineFiles(report);
  const sound = report.checks.filter((c) => c.kind === 'container-bounds' && c.outcome === 'matches').length;
  const read = `Only headers were read (${formatBytes(report.read.bytes)} of ${formatBytes(report.subject.bytes)})`;
  const who =
    files.length === 1
      ? clean(files[0]!.path)
      : sound === files.length
        ? allOf(sound, headlineNoun(report))
        : `${formatCount(sound)} of ${plural(files.length, headlineNoun(report))}`;
  const ends =
    sound === 0
      ? ''
      : `: ${who} ${sound === 1 || files.length === 1 ? 'ends' : 'end'} where ${sound === 1 ? 'its header says' : 'their headers say'}`;
  return { outcome: 'could-not-check', sentence: `${read}${ends}. Not a byte of the weights was compared.` };
}

function nothingToCompare(report: Judged): Verdict {
  const files = headlineFiles(report);
  const broken = report.checks.find((c) => c.kind === 'container' && c.outcome === 'could-not-check');
  const sound = report.checks.filter((c) => c.kind === 'container-bounds' && c.outcome === 'matches').length;
  const note = 'Compare the SHA-256 with the one its publisher states, or name the repository it comes from.';
  if (broken !== undefined) {
    return {
      outcome: 'could-not-check',
      sentence: `${statement(broken).text} Nothing states what its bytes should be.`,
      note,
    };
  }
  if (sound === 0 || sound < files.length) {
    return {
      outcome: 'no-claim',
      sentence: 'Nothing states what these bytes should be, so they were compared with nothing.',
      note,
    };
  }
  const who =
    files.length === 1
      ? `${clean(files[0]!.path)} is complete`
      : `${capital(allOf(files.length, headlineNoun(report)))} are complete`;
  return {
    outcome: 'no-claim',
    sentence: `${who}, and nothing states what ${files.length === 1 ? 'its' : 'their'} bytes should be.`,
    note,
  };
}
