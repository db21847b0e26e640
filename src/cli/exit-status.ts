/** The exit status of `assay verify`, from the report alone. */
import type { Report } from '../core/report/report.ts';

/** 0: all that was asked matches. 1: something contradicts. 2: something could not be checked, or nothing was compared. */
export type ExitStatus = 0 | 1 | 2;

/** Facts about a container compare a file with itself; they never make "verified" alone. */
const SELF_CHECKS = new Set(['container-bounds']);

/**
 * A contradiction beats everything. A check that could not be made beats matches. A run in which no statement by
 * anybody was compared is not a success: a pipeline that forgot its `--against` must not pass.
 */
export function exitStatus(report: Pick<Report, 'checks' | 'stopped'>): ExitStatus {
  const { checks, stopped } = report;
  if (checks.some((c) => c.outcome === 'contradicts')) return 1;
  if (stopped || checks.some((c) => c.outcome === 'could-not-check')) return 2;
  return checks.some((c) => c.outcome === 'matches' && !SELF_CHECKS.has(c.kind)) ? 0 : 2;
}
