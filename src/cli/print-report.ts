/** A report as text for a terminal: the sentence first, then what contradicts, what was verified, what could not be checked. */
import { coverageOf } from '../core/report/covered.ts';
import { groupChecks } from '../core/report/groups.ts';
import type { Report } from '../core/report/report.ts';
import { modelWords } from '../core/report/words/models.ts';
import { coverageSentence } from '../core/report/words/coverage.ts';
import { importWords } from '../core/report/words/imports.ts';
import { statement } from '../core/report/words/statement.ts';
import { formatBytes, formatSeconds, plural } from '../core/report/words/units.ts';
import { describeFinding } from '../app/text/findings.ts';
import { printable } from './progress-bar.ts';
import { reliedOnLines } from './relied-on.ts';

/** Names of one file that are not on the reviewed list, before the rest is counted. */
const IMPORTS_SHOWN = 20;
const MARK = { contradicts: '✕', matches: '✓', 'could-not-check': '?', 'no-claim': '–' } as const;

/** Lines of plain text; model-supplied text has its control characters escaped. */
export function printReport(report: Report): string {
  const out: string[] = [`${MARK[report.verdict.outcome]} ${report.verdict.sentence}`];
  if (report.verdict.note) out.push(`  ${report.verdict.note}`);
  out.push('');
  for (const [axis, { outcome, line }] of Object.entries(report.axes))
    out.push(`  ${axis.padEnd(9)} ${MARK[outcome]} ${line}`);
  const coverage = coverageSentence(coverageOf(report));
  if (coverage !== null) out.push('', `  ${coverage}`);
  for (const model of report.models ?? []) out.push('', `  ${model.config}: ${modelWords(model)}`);
  const groups = groupChecks(report);
  for (const [title, checks] of [
    ['Contradicted', groups.contradicted],
    ['Verified', groups.verified],
    ['Could not be checked', groups.unchecked],
  ] as const) {
    out.push('', `${title} (${checks.length})`);
    for (const check of checks) {
      const words = statement(check);
      out.push(`  ${MARK[check.outcome]} ${words.text}`);
      if (check.outcome === 'contradicts' && check.expected !== undefined && check.actual !== undefined) {
        out.push(`      stated   ${check.expected}`, `      computed ${check.actual}`);
      }
      if (words.next) out.push(`      ${words.next}`);
    }
  }
  const relied = reliedOnLines(report);
  if (relied.length > 0) out.push('', ...relied);
  if (report.sightings.length > 0) {
    out.push('', `Published before (${report.sightings.length})`);
    for (const s of report.sightings) {
      const cautions = [
        s.moved && 'the label has moved since',
        s.old && 'an older entry',
        s.disputed && 'disputed',
      ].filter(Boolean);
      out.push(
        `  ${s.path}: ${s.repo} ${s.file}${s.revision ? ` at ${s.revision.slice(0, 12)}` : ''}, ${s.trust} by ${s.source.name}${cautions.length > 0 ? ` (${cautions.join(', ')})` : ''}`,
      );
    }
  }
  const loaded = report.artifacts.filter(({ imports = [] }) => imports.length > 0);
  if (loaded.length > 0) {
    out.push('', `Imports (${plural(loaded.length, 'file')})`);
    for (const { path, imports = [] } of loaded) {
      out.push(`  ${path}: ${importWords(imports)}`);
      const odd = imports.filter((found) => found.class !== 'allowed');
      for (const { module, name, class: kind, called } of odd.slice(0, IMPORTS_SHOWN))
        out.push(`      ${kind === 'dangerous' ? '!' : '?'} ${kind} ${module}.${name}${called ? ', called' : ''}`);
      if (odd.length > IMPORTS_SHOWN) out.push(`      and ${odd.length - IMPORTS_SHOWN} more`);
    }
  }
  if (report.findings.length > 0) {
    out.push('', `Findings (${report.findings.length})`);
    for (const f of report.findings) {
      const words = describeFinding(f);
      out.push(
        `  ${f.severity === 'danger' ? '!' : '·'} ${f.path ? `${f.path}: ` : ''}${words.title}${f.offset === undefined ? '' : ` (byte ${f.offset})`}`,
      );
    }
  }
  out.push(
    '',
    `${plural(report.artifacts.length, 'file')}, ${formatBytes(report.read.bytes)} read in ${formatSeconds(report.read.seconds)}.`,
  );
  return out.map(printable).join('\n');
}
