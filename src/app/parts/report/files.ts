/** The files table: one outcome per file, the worst of its checks, and who it was compared with. */
import type { Check, Outcome } from '../../../core/claims/check.ts';
import type { Report, ReportArtifact } from '../../../core/report/report.ts';

export interface FileRow {
  readonly artifact: ReportArtifact;
  readonly outcome: Outcome;
  readonly word: string;
  /** Names of those compared with, without repeats. */
  readonly sources: readonly string[];
}

/** One contradiction beats any number of matches. */
const WORST_FIRST: readonly Outcome[] = ['contradicts', 'could-not-check', 'matches', 'no-claim'];
const WORDS: Readonly<Record<Outcome, string>> = {
  contradicts: 'differs',
  'could-not-check': 'not compared',
  matches: 'identical',
  'no-claim': 'no claim',
};

/** Checks that compare a file's bytes with a statement; bounds and findings are told elsewhere. */
const isComparison = (check: Check): boolean =>
  check.axis === 'bytes' && check.path !== undefined && check.tensor === undefined && check.algorithm !== undefined;

export function fileRows(report: Pick<Report, 'artifacts' | 'checks'>): FileRow[] {
  const byPath = new Map<string, Check[]>();
  for (const check of report.checks) {
    if (!isComparison(check) || check.path === undefined) continue;
    const list = byPath.get(check.path);
    if (list) list.push(check);
    else byPath.set(check.path, [check]);
  }
  return report.artifacts.map((artifact) => {
    const checks = byPath.get(artifact.path) ?? [];
    const outcome = WORST_FIRST.find((o) => checks.some((check) => check.outcome === o)) ?? 'no-claim';
    const told = checks.filter((check) => check.outcome === outcome);
    return { artifact, outcome, word: word(artifact, outcome), sources: [...new Set(told.map((c) => c.source.name))] };
  });
}

function word(artifact: ReportArtifact, outcome: Outcome): string {
  if (outcome === 'matches' || outcome === 'contradicts') return WORDS[outcome];
  // A checksum list is what others are compared with.
  if (outcome === 'no-claim' && artifact.role === 'claim') return 'states digests';
  switch (artifact.status) {
    case 'complete':
      return WORDS[outcome];
    case 'headers-only':
      return 'header read';
    case 'failed':
      return 'could not be read';
    case 'aborted':
    case 'not-read':
      return 'not read';
  }
}
