/** The headline when something contradicts: which file, and what it was compared with. */
import type { Check } from '../claims/check.ts';
import { headlineFiles, headlineNoun, type Judged } from './coverage.ts';
import type { Verdict } from './verdict.ts';
import { signerNote } from './verdict-notes.ts';
import { causeOf, longDate } from './words/causes.ts';
import { clean, fact } from './words/detail.ts';
import { comparedWith, sourceName, subjectOf, text, thatStates } from './words/sources.ts';
import { statement } from './words/statement.ts';
import { signerChange } from './words/statement-signers.ts';
import { allOf, capital, formatCount, plural } from './words/units.ts';

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
  'signer-changed',
  'set',
];

const DOWNLOAD_THEM = 'Download them again, and compare once more. If they differ again, do not use them.';

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
  // A record or signature names itself in its row; what it is about has rows of its own.
  const about = checks.filter((c) => c.kind !== 'record' && c.kind !== 'signature');
  const others = new Set(about.flatMap((c) => (c.path === undefined || files.has(c.path) ? [] : c.path))).size;
  const note = notes(report, lead, sorted, files, others);
  return { outcome: 'contradicts', sentence, ...(note === '' ? {} : { note }) };
}

function single(lead: Check, same: readonly Check[]): string {
  if (lead.kind === 'signer-changed') return signerChange(lead);
  const commit = text(lead, 'equalsCommit');
  if (commit !== '') {
    const date = text(lead, 'equalsDate');
    const when = date === '' ? '' : ` of ${longDate(date)}`;
    return `${subjectOf(lead)} is not the file of ${sourceName(lead.source)}; it equals the one of commit ${commit.slice(0, 7)}${when}.`;
  }
  const tensors = same.filter((c) => c.kind === 'tensor-digest' && c.tensor !== undefined);
  if (tensors.length > 1) {
    return `${plural(tensors.length, 'tensor')} of ${subjectOf(lead)} do not have the digests ${thatStates(lead.source)}; the first is ${clean(lead.tensor ?? '')}.`;
  }
  const missing = same.filter((c) => c.reason?.code === 'FORMAT_MISSING_FILE');
  if (missing.length > 1) {
    return `${plural(missing.length, 'file')} that the model needs are not here (${sourceName(lead.source)} says so); the first is ${fact(missing[0]!.reason!.detail, 'file')}.`;
  }
  // The cause, which the statement ends with, goes into the note.
  const { why } = causeOf(lead);
  const said = statement(lead).text;
  if (lead.kind === 'not-a-model') return said.slice(0, said.indexOf('. ') + 1) || said;
  return why !== '' && said.endsWith(why) ? said.slice(0, -why.length).trimEnd() : said;
}

function several(report: Judged, lead: Check, paths: ReadonlySet<string>): string {
  const total = headlineFiles(report).length;
  const among = headlineFiles(report).filter((f) => paths.has(f.path)).length;
  const noun = among > 0 ? headlineNoun(report) : 'file';
  const n = among > 0 ? among : paths.size;
  const all = n === total && among > 0;
  const none = total === 2 ? `Neither ${noun}` : `None of the ${plural(total, noun)}`;
  const some = among > 0 ? `${formatCount(n)} of ${plural(total, noun)}` : plural(n, noun);
  const first = single(lead, [lead]);
  switch (lead.kind) {
    case 'not-a-model':
      return `${all ? `${none} holds weights` : `${some} hold no weights`}: ${first.replace(/, not (?:weights|a model)\./, '.')}`;
    case 'container-bounds':
      return `${all ? `${none} ends` : `${some} do not end`} where ${all ? 'its header says' : 'their headers say'}: ${first}`;
    case 'file-digest':
    case 'file-size': {
      const stated = lead.kind === 'file-size' ? 'size' : 'digest';
      if (lead.source.kind === 'hub') {
        const place = comparedWith(lead.source);
        return all ? `${none} is that of ${place}.` : `${some} are not those of ${place}.`;
      }
      const whose = thatStates(lead.source);
      return all ? `${none} has the ${stated} ${whose}.` : `${some} do not have the ${stated}s ${whose}.`;
    }
    default:
      return `${capital(all ? allOf(n, noun) : some)} contradict ${sourceName(lead.source)}: ${first}`;
  }
}

function notes(
  report: Judged,
  lead: Check,
  sorted: readonly Check[],
  files: ReadonlySet<string>,
  others: number,
): string {
  const out: string[] = [];
  const words = statement(lead);
  if (files.size > 1) out.push(...aboutSeveral(lead, sorted, words.next));
  else {
    if (text(lead, 'equalsCommit') === '') out.push(causeOf(lead).why);
    if (lead.kind === 'signer-changed') out.push(words.text.slice(signerChange(lead).length).trimStart());
    if (lead.kind === 'not-a-model') out.push(words.text.slice(words.text.indexOf('. ') + 2));
    // The digest of a truncated file or a web page differs as well: said, not counted as a second finding.
    const digest = sorted.find((c) => c !== lead && c.kind === 'file-digest' && c.path === lead.path);
    if (digest !== undefined) out.push(`It also does not have the digest ${thatStates(digest.source)}.`);
    out.push(words.next ?? '');
  }
  if (lead.kind !== 'signer-changed') out.push(signerNote(report));
  if (others > 0)
    out.push(`${plural(others, 'other file')} ${others === 1 ? 'contradicts' : 'contradict'} something as well.`);
  const fine = new Set(
    report.checks.filter((c) => c.kind === 'file-digest' && c.outcome === 'matches').map((c) => c.path),
  );
  for (const c of sorted) if (c.path !== undefined) fine.delete(c.path);
  if (fine.size > 0) out.push(`${plural(fine.size, 'other file')} ${fine.size === 1 ? 'matches' : 'match'}.`);
  return out.filter((part) => part !== '').join(' ');
}

/** The advice for one file is for all when they have the same cause; else the plain one. */
function aboutSeveral(lead: Check, sorted: readonly Check[], next: string | undefined): string[] {
  const same = sorted.filter((c) => c.kind === lead.kind);
  const causes = new Set(same.map((c) => c.detail?.['cause'] ?? c.detail?.['instead']));
  const [cause] = causes;
  if (causes.size > 1) return [DOWNLOAD_THEM];
  if (cause === 'swapped')
    return [
      'They have each other’s bytes: they may have changed places.',
      'Give each file its own name, and compare once more.',
    ];
  return lead.kind === 'not-a-model' && next !== undefined ? [next] : [DOWNLOAD_THEM];
}
