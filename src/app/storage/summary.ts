/** What a list of reports shows of each. */
import type { Outcome } from '../../core/claims/check.ts';
import type { Report } from '../../core/report/report.ts';

export interface ReportSummary {
  readonly id: string;
  /** ISO time. */
  readonly created: string;
  readonly name: string;
  readonly outcome: Outcome;
  readonly sentence: string;
}

export function summarise(id: string, report: Report): ReportSummary {
  return {
    id,
    created: report.created,
    name: report.subject.name,
    outcome: report.verdict.outcome,
    sentence: report.verdict.sentence,
  };
}
