import type { Check } from '../claims/check.ts';
import { axesOf } from './axes.ts';
import type { Report } from './report.ts';
import { verdict } from './verdict.ts';

/**
 * A report with further checks, its axes and sentence made anew: for comparisons that are made beside the run itself
 * ("the same weights as …"). Pure.
 */
export function withChecks(report: Report, checks: readonly Omit<Check, 'id'>[]): Report {
  const taken = new Set(report.checks.map(({ id }) => id));
  const added = checks.map((check): Check => {
    const base = [check.axis, check.source.kind, check.kind, check.path].filter((part) => part !== undefined).join('/');
    let id = base;
    for (let n = 2; taken.has(id); n++) id = `${base}#${n}`;
    taken.add(id);
    return { ...check, id };
  });
  const whole = { ...report, checks: [...report.checks, ...added] };
  const judged = verdict(whole);
  return { ...whole, axes: axesOf(whole, judged), verdict: judged };
}
