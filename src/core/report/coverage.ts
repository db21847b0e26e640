/** Which files a report's matches cover, and by whose statement: what headlines count. */
import type { Check, TrustSource } from '../claims/check.ts';
import type { Report, ReportArtifact } from './report.ts';

export type Judged = Pick<
  Report,
  'subject' | 'depth' | 'stopped' | 'read' | 'artifacts' | 'checks' | 'findings' | 'sightings'
>;

/** One who stated digests, and the files that have them. */
export interface Backing {
  readonly source: TrustSource;
  /** Matches of whole files, by path. */
  readonly files: ReadonlyMap<string, Check>;
  /** Matches of tensors only, by path of their file. */
  readonly tensors: ReadonlyMap<string, Check>;
}

/** Sources in the order in which a headline prefers them, when they cover the same files. */
const RANK: readonly string[] = ['hub', 'sums', 'hex', 'gguf-hash', 'layout'];

const WHOLE: ReadonlySet<string> = new Set(['file-digest']);
const TENSORS: ReadonlySet<string> = new Set(['tensor-digest', 'tensor-data-digest']);

/** The files a headline is about: weights, or everything that is not a claim when there are none. */
export function headlineFiles(report: Judged): readonly ReportArtifact[] {
  const weights = report.artifacts.filter((a) => a.role === 'weights');
  return weights.length > 0 ? weights : report.artifacts.filter((a) => a.role !== 'claim');
}

/** `weight file` or `file`. */
export function headlineNoun(report: Judged): string {
  return report.artifacts.some((a) => a.role === 'weights') ? 'weight file' : 'file';
}

/** Everybody whose statements match something, the one that covers most of `files` first. */
export function backings(report: Judged, files: readonly ReportArtifact[]): readonly Backing[] {
  const found = new Map<string, { source: TrustSource; files: Map<string, Check>; tensors: Map<string, Check> }>();
  for (const check of report.checks) {
    const { kind, outcome, path, source } = check;
    if (outcome !== 'matches' || path === undefined || !(WHOLE.has(kind) || TENSORS.has(kind))) continue;
    const key = `${source.kind}\n${source.name}`;
    const backing = found.get(key) ?? { source, files: new Map(), tensors: new Map() };
    found.set(key, backing);
    const into = WHOLE.has(kind) ? backing.files : backing.tensors;
    // Of several digests of one file the strongest, which lists and claims put in no particular order, stands for it.
    if (!into.has(path) || check.algorithm === 'sha256') into.set(path, check);
  }
  const covers = (b: Backing): number => files.filter((f) => b.files.has(f.path)).length;
  const rank = (b: Backing): number => RANK.indexOf(b.source.kind) + (b.files.size > 0 ? 0 : RANK.length);
  return [...found.values()].sort((a, b) => covers(b) - covers(a) || rank(a) - rank(b));
}

/** Paths among `files` that some whole-file statement, or else some statement about their tensors, matches. */
export function covered(all: readonly Backing[], files: readonly ReportArtifact[]): ReadonlySet<string> {
  return new Set(files.map((f) => f.path).filter((path) => all.some((b) => b.files.has(path) || b.tensors.has(path))));
}

const ASKED: ReadonlySet<string> = new Set([
  'claim-unreadable',
  'claim-line',
  'file-digest',
  'digest-nowhere',
  'tensor-digest',
  'tensor-data-digest',
  'same-weights',
]);

/** Comparisons that somebody's statement calls for and that could not be made; those about whole claims first. */
export function unanswered(report: Judged): readonly Check[] {
  return report.checks
    .filter((c) => c.outcome === 'could-not-check' && ASKED.has(c.kind))
    .sort((a, b) => Number(b.kind === 'claim-unreadable') - Number(a.kind === 'claim-unreadable'));
}
