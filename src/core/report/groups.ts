/** The three groups of every report, in the order in which they are always shown. */
import type { Axis, Check } from '../claims/check.ts';
import type { Report } from './report.ts';

export interface CheckGroups {
  readonly contradicted: readonly Check[];
  readonly verified: readonly Check[];
  /** What could not be checked, then what there is no claim about: absence is listed, not hidden. */
  readonly unchecked: readonly Check[];
}

const AXES: readonly Axis[] = ['bytes', 'signer', 'lineage', 'contents'];

/** Weights before other files, bytes before contents, else the order of the report. */
export function groupChecks(report: Pick<Report, 'checks' | 'artifacts'>): CheckGroups {
  const weights = new Set(report.artifacts.filter((a) => a.role === 'weights').map((a) => a.path));
  const place = ({ axis, path }: Check): number =>
    AXES.indexOf(axis) * 2 + (path === undefined || weights.has(path) ? 0 : 1);
  const sorted = [...report.checks].sort((a, b) => place(a) - place(b));
  const having = (outcome: Check['outcome']): Check[] => sorted.filter((c) => c.outcome === outcome);
  return {
    contradicted: having('contradicts'),
    verified: having('matches'),
    unchecked: [...having('could-not-check'), ...having('no-claim')],
  };
}
