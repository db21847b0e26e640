/** The headline when something contradicts: which file, and what it was compared with. */
import type { Check } from '../claims/check.ts';
import { headlineFiles, headlineNoun, type Judged } from './coverage.ts';
import type { Verdict } from './verdict.ts';
import { causeOf, longDate } from './words/causes.ts';
import { clean } from './words/detail.ts';
import { comparedWith, sourceName, subjectOf, text, thatStates } from './words/sources.ts';
import { statement } from './words/statement.ts';
import { formatCount, plural } from './words/units.ts';

/** What explains most leads: a web page in place of weights also has the wrong digest and no header. */
const LEAD: readonly string[] = [
  'not-a-model',
  'container-bounds',
  'digest-nowhere',
  'file-digest',
  'file-size',
  'tensor-data-digest',
  'tensor-digest',
  'tensor-missing',
  'set',
];

/** @param checks all that contradict, at least one */
export function contradiction(report: Judged, checks: readonly Check[]): Verdict {
  const weights = new Set(headlineFiles(report).map((f) => f.path));
  const place = (c: Check): number =>
    (LEAD.indexOf(c.kind) + 1 || LEAD.length + 1) + (c.path === undefined || weights.has(c.path) ? 0 : 100);
  const sorted = [...checks].sort((a, b) => place(a) - place(b));
  const lead = sorted[0]!;
  const same = sorted.filter((c) => c.kind === lead.kind && c.source.name === lead.source.name);
  const files = new Set(same.flatMap((c) => c.path ?? []));
  const sentence = files.size > 1 ? several(report, lead, files) : single(lead, same);
  const others = new Set(checks.flatMap((c) => (c.path === undefined || files.has(c.path) ? [] : c.path))).size;
  const note = notes(report, lead, sorted, files, others);
  return { outcome: 'contradicts', sentence, ...(note === '' ? {} : { note }) };
}

function single(lead: Check, same: readonly Check[]): string {
  const commit = text(lead, 'equalsCommit');
  if (commit !== '') {
    const date = text(lead, 'equalsDate');
    const when = date === '' ? '' : ` of ${longDate(date)}`;
    return `${subjectOf(lead)} is not the file of ${sourceName(lead.source)}; it equals the one of the earlier commit ${commit.slice(0, 7)}${when}.`;
  }
  const tensors = same.filter((c) => c.kind === 'tensor-digest' && c.tensor !== undefined);
  if (tensors.length > 1) {
    return `${plural(tensors.length, 'tensor')} of ${subjectOf(lead)} do not have the digests ${thatStates(lead.source)}; the first is ${clean(lead.tensor ?? '')}.`;
  }
  // The cause, which the statement ends with, goes into the note.
  const { why } = causeOf(lead);
  const said = statement(lead).text;
  if (lead.kind === 'not-a-model') return said.slice(0, said.indexOf('. ') + 1) || said;
  return why !== '' && said.endsWith(why) ? said.slice(0, -why.length).trimEnd() : said;
}

function several(report: Judged, lead: Check, paths: ReadonlySet<string>): string {
  const files = headlineFiles(report);
  const among = files.filter((f) => paths.has(f.path)).length;
  const noun = headlineNoun(report);
  const who = among > 0 ? `${formatCount(among)} of ${plural(files.length, noun)}` : plural(paths.size, 'file');
  switch (lead.kind) {
    case 'not-a-model':
      return `${who} are no weights; ${lowerFirst(single(lead, [lead]))}`;
    case 'container-bounds':
      return `${who} do not end where their headers say; ${lowerFirst(single(lead, [lead]))}`;
    case 'file-digest':
    case 'file-size':
      if (lead.source.kind === 'hub') return `${who} are not those of ${comparedWith(lead.source)}.`;
      return `${who} do not have the digests ${thatStates(lead.source)}.`;
    default:
      return `${who} contradict ${sourceName(lead.source)}; ${lowerFirst(single(lead, [lead]))}`;
  }
}

function notes(
  report: Judged,
  lead: Check,
  sorted: readonly Check[],
  files: ReadonlySet<string>,
  others: number,
): string {
  const { why } = causeOf(lead);
  const commit = text(lead, 'equalsCommit');
  const out: string[] = [];
  if (files.size <= 1 && commit === '') out.push(why);
  const words = statement(lead);
  if (lead.kind === 'not-a-model' && files.size <= 1) out.push(words.text.slice(words.text.indexOf('. ') + 2));
  // The digest of a truncated file or a web page differs as well: said, not counted as a second finding.
  const digest = sorted.find((c) => c !== lead && c.kind === 'file-digest' && c.path === lead.path);
  if (digest !== undefined && lead.kind !== 'file-digest')
    out.push(`It also does not have the digest ${thatStates(digest.source)}.`);
  if (words.next !== undefined) out.push(words.next);
  if (others > 0)
    out.push(`${plural(others, 'other file')} ${others === 1 ? 'contradicts' : 'contradict'} something as well.`);
  const fine = new Set(
    report.checks.filter((c) => c.kind === 'file-digest' && c.outcome === 'matches').map((c) => c.path),
  );
  for (const c of sorted) if (c.path !== undefined) fine.delete(c.path);
  if (fine.size > 0) out.push(`${plural(fine.size, 'other file')} ${fine.size === 1 ? 'matches' : 'match'}.`);
  return out.filter((part) => part !== '').join(' ');
}

/** Sentences that begin with a file name keep it as it is. */
function lowerFirst(sentence: string): string {
  return /^(?:The|None|Not) /.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}
