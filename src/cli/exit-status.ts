/** The exit status of `assay verify`, from the report alone. */
import { CLAIM_KINDS_COMPARED } from '../core/claims/kinds.ts';
import type { Report } from '../core/report/report.ts';

/** 0: all that was asked matches. 1: something contradicts. 2: something could not be checked, or nothing was compared. */
export type ExitStatus = 0 | 1 | 2;

/**
 * A contradiction beats everything. A check that could not be made beats matches. A run in which no statement by
 * anybody was compared is not a success: a pipeline that forgot its `--against` must not pass.
 */
export function exitStatus(report: Pick<Report, 'checks' | 'stopped'>): ExitStatus {
  const { checks, stopped } = report;
  if (checks.some((c) => c.outcome === 'contradicts')) return 1;
  if (stopped || checks.some((c) => c.outcome === 'could-not-check')) return 2;
  return checks.some((c) => c.outcome === 'matches' && isStatement(c.kind)) ? 0 : 2;
}

/** Somebody's statement about these bytes; a container that agrees with itself, or shards that fit together, is none. */
function isStatement(kind: string): boolean {
  return CLAIM_KINDS_COMPARED.has(kind) || kind === 'known-file' || kind === 'same-weights';
}
