/** The headline when digests match: how many files, and whose digests. */
import type { Check, TrustSource } from '../claims/check.ts';
import { backings, covered, headlineFiles, headlineNoun, unanswered, type Backing, type Judged } from './coverage.ts';
import type { ReportArtifact } from './report.ts';
import { besides } from './verdict-notes.ts';
import type { Verdict } from './verdict.ts';
import { clean } from './words/detail.ts';
import { because } from './words/reasons.ts';
import { comparedWith, isOverBytes, sourceName, thatStates, theDigest, weakness } from './words/sources.ts';
import { statement } from './words/statement.ts';
import { allOf, capital, formatCount, plural } from './words/units.ts';

/** Null when no digest matches. */
export function matched(report: Judged): Verdict | null {
  const files = headlineFiles(report);
  const all = backings(report, files);
  const [best] = all;
  if (best === undefined) return null;
  const inside = covered(all, files);
  const note = notes(report, best, all);
  const withNote = note === '' ? {} : { note };
  if (inside.size === 0) {
    const [only] = best.files.keys();
    const who =
      best.files.size === 1 ? `${clean(only ?? '')} matches` : `${plural(best.files.size, 'other file')} match`;
    const sentence = `${who} ${comparedWith(best.source)}; the weights were compared with nothing.`;
    return { outcome: 'no-claim', sentence, ...withNote };
  }
  const left = files.filter((f) => !inside.has(f.path));
  const said = identical(report, best, all, files);
  const rest = left.length === 0 ? '' : leftOver(report, left);
  const open = unanswered(report).find((c) => c.path === undefined || !left.some((f) => f.path === c.path));
  const unsaid = open === undefined ? '' : lowered(statement(open).text);
  const sentence = `${[said, rest, unsaid].filter((part) => part !== '').join('; ')}.`;
  const failed = left.some((f) => f.status !== 'complete');
  const outcome = open !== undefined || failed ? 'could-not-check' : left.length > 0 ? 'no-claim' : 'matches';
  return { outcome, sentence, ...withNote };
}

/** `All 4 weight files are byte-identical to org/name at a1b2c3d (digests published by Hugging Face)`: no full stop. */
function identical(report: Judged, best: Backing, all: readonly Backing[], files: readonly ReportArtifact[]): string {
  const by = files.filter((f) => best.files.has(f.path));
  const [first] = by;
  if (first === undefined) return onlyTensors(best, files);
  const others = all.slice(1).filter((b) => files.some((f) => !best.files.has(f.path) && b.files.has(f.path)));
  if (others.length > 0) return byMany([best, ...others], files, headlineNoun(report));
  const n = by.length;
  const some =
    n === files.length
      ? capitalised(n, first, headlineNoun(report))
      : `${formatCount(n)} of ${plural(files.length, headlineNoun(report))}`;
  const everything = n === files.length ? everyFile(report, best, files) : null;
  const many = everything !== null || n > 1;
  return `${everything ?? some} ${digestWords(report, best.source, best.files.get(first.path)!, many)}`;
}

function capitalised(n: number, first: ReportArtifact, noun: string): string {
  return n === 1 ? clean(first.path) : capital(allOf(n, noun));
}

/** Different files are backed by different claims. */
function byMany(backings: readonly Backing[], files: readonly ReportArtifact[], noun: string): string {
  const paths = new Set(files.map((f) => f.path).filter((path) => backings.some((b) => b.files.has(path))));
  const who =
    paths.size === files.length
      ? capital(allOf(files.length, noun))
      : `${formatCount(paths.size)} of ${plural(files.length, noun)}`;
  return `${who} match what is stated about them, by ${backings.map((b) => sourceName(b.source)).join(' and ')}`;
}

/** `All 12 files`, when not only the weights but everything that was given matches. */
function everyFile(report: Judged, best: Backing, files: readonly ReportArtifact[]): string | null {
  const content = report.artifacts.filter((a) => a.role !== 'claim');
  if (content.length === files.length || !content.every((a) => best.files.has(a.path))) return null;
  return capital(allOf(content.length, 'file'));
}

function digestWords(report: Judged, source: TrustSource, check: Check, many: boolean): string {
  const { algorithm = '' } = check;
  if (isOverBytes(check)) return `${many ? 'are' : 'is'} as signed in ${sourceName(source)}`;
  if (source.kind === 'hub' && report.subject.origin === 'hub') {
    return `${many ? 'have' : 'has'} the ${many ? 'digests' : 'digest'} ${thatStates(source)}`;
  }
  if (source.kind === 'hub') {
    const listed = clean(String(check.detail?.['listedAs'] ?? check.path));
    const file = listed === check.path ? 'the file' : listed;
    const place = comparedWith(source);
    return many
      ? `are byte-identical to ${place}`
      : `is byte-identical to ${file} of ${place.replace('(digests', '(digest')}`;
  }
  if (source.kind === 'hex') return `${many ? 'match' : 'matches'} ${theDigest(source, algorithm)}`;
  return many ? `have the digests ${thatStates(source)}` : `has ${theDigest(source, algorithm)}`;
}

function onlyTensors(best: Backing, files: readonly ReportArtifact[]): string {
  const paths = files.filter((f) => best.tensors.has(f.path)).map((f) => f.path);
  const who = paths.length === 1 ? clean(paths[0]!) : plural(paths.length, 'file');
  return `The tensors of ${who} have the digests ${thatStates(best.source)}; metadata and header were not compared`;
}

/** What is said about files that nothing matched and nothing contradicted. */
function leftOver(report: Judged, left: readonly ReportArtifact[]): string {
  const [first] = left;
  const name = left.length === 1 ? clean(first!.path) : `the other ${formatCount(left.length)}`;
  const failed = left.filter((f) => f.status !== 'complete');
  if (failed.length === left.length) {
    const error = first!.error;
    return `${name} could not be read${error === undefined ? '' : `: ${because(error)}`}`;
  }
  const extra = report.checks.find((c) => c.kind === 'file-extra' && c.path === first!.path);
  if (extra !== undefined) return `${name} ${left.length === 1 ? 'is' : 'are'} not part of it`;
  return `nothing states what ${name} should be`;
}

/** What a match is worth, and what else was seen. */
function notes(report: Judged, best: Backing, all: readonly Backing[]): string {
  const out: string[] = [];
  const strong = [...best.files.values()].some((c) => weakness(c.algorithm) === '');
  const [sample] = best.files.values();
  if (!strong && sample !== undefined) out.push(weakness(sample.algorithm));
  if (!all.some((b) => b.source.independent)) out.push(samePlace(report, best));
  const renamed = [...best.files.values()].filter(
    (c) => c.detail?.['listedAs'] !== undefined && c.source.kind !== 'hub',
  );
  if (renamed.length > 0) {
    out.push(
      renamed.length === 1
        ? `It is listed as ${clean(String(renamed[0]!.detail?.['listedAs']))}.`
        : `${plural(renamed.length, 'file')} are listed under other names or paths.`,
    );
  }
  const unread = report.checks.find((c) => c.kind === 'container' && c.outcome === 'could-not-check');
  if (unread !== undefined) out.push(statement(unread).text);
  return [...out, ...besides(report)].join(' ');
}

function samePlace(report: Judged, { source, files }: Backing): string {
  if (report.subject.origin === 'hub') {
    return 'Digests and files come from the same host: this shows an undamaged transfer, not who made the files.';
  }
  if (source.kind === 'layout')
    return 'The digests come from the same folder: this shows that the files are intact since they were stored, not who made them.';
  if (source.kind.endsWith('-inside'))
    return 'Whoever changes a file can put another manifest into it: this shows that it arrived whole, not who made it.';
  return `${sourceName(source)} lies beside the files: this shows that ${files.size > 0 ? 'they' : 'the tensors'} arrived whole, not who made them.`;
}

function lowered(sentence: string): string {
  const plain = sentence.replace(/\.$/, '');
  return plain.startsWith('Nothing was') || plain.startsWith('Not ') || plain.startsWith('Line ')
    ? plain.charAt(0).toLowerCase() + plain.slice(1)
    : plain;
}
