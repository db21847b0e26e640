/** A report as Markdown, for issues, model cards and chats: the sentence, the axes, the three groups, the files. */
import type { Axis, Check } from '../claims/check.ts';
import { coverageOf } from './covered.ts';
import { groupChecks } from './groups.ts';
import type { Report } from './report.ts';
import { longDate } from './words/causes.ts';
import { clean } from './words/detail.ts';
import { modelWords } from './words/models.ts';
import { coverageSentence } from './words/coverage.ts';
import { importWords } from './words/imports.ts';
import { statement } from './words/statement.ts';
import { formatBytes, formatCount, plural } from './words/units.ts';

const MARKS: Readonly<Record<Check['outcome'], string>> = {
  matches: '✓',
  contradicts: '✕',
  'could-not-check': '?',
  'no-claim': '–',
};
const AXES: readonly (readonly [Axis, string])[] = [
  ['bytes', 'Bytes'],
  ['signer', 'Signer'],
  ['lineage', 'Lineage'],
  ['contents', 'Contents'],
];
/** Rows of one group or table; the rest is counted. Issue trackers cut long texts anywhere. */
const ROWS_MAX = 40;

/** Plain GitHub-flavoured Markdown. Text from files is escaped: a file name cannot become a link, an image or HTML. */
export function toMarkdown(report: Report): string {
  const { verdict, subject, tool, database } = report;
  const groups = groupChecks(report);
  const coverage = coverageSentence(coverageOf(report));
  const lines = [
    `## ${escape(`${MARKS[verdict.outcome]} ${verdict.sentence}`)}`,
    ...(verdict.note === undefined ? [] : ['', escape(verdict.note)]),
    '',
    ...AXES.map(
      ([axis, title]) => `- **${title}** ${MARKS[report.axes[axis].outcome]} ${escape(report.axes[axis].line)}`,
    ),
    ...(coverage === null ? [] : ['', escape(coverage)]),
    ...group('Contradicted', groups.contradicted),
    ...group('Verified', groups.verified),
    ...group('Could not be checked', groups.unchecked),
    ...modelLines(report),
    ...importLines(report),
    ...fileTable(report),
    '',
    `${escape(subject.name)}, ${plural(subject.files, 'file')}, ${formatBytes(subject.bytes)}; ${formatBytes(report.read.bytes)} read${report.depth === 'headers' ? ' (headers only)' : ''}${report.stopped ? ' (stopped)' : ''} on ${longDate(report.created)}.`,
    `Made by assay ${escape(tool.version)}${tool.commit === undefined ? '' : ` (${escape(tool.commit)})`}${database === null ? '' : `, database of ${longDate(database.created)}`}.`,
  ];
  return `${lines.join('\n')}\n`;
}

function group(title: string, checks: readonly Check[]): string[] {
  const out = ['', `### ${title} (${formatCount(checks.length)})`, ''];
  if (checks.length === 0) return [...out, 'Nothing.'];
  for (const check of checks.slice(0, ROWS_MAX)) {
    out.push(`- ${MARKS[check.outcome]} ${escape(statement(check).text)}`);
    const { expected, actual } = check;
    if (check.outcome === 'contradicts' && expected !== undefined && actual !== undefined) {
      out.push(`  - stated \`${code(expected)}\``, `  - computed \`${code(actual)}\``);
    }
  }
  if (checks.length > ROWS_MAX) out.push(`- and ${formatCount(checks.length - ROWS_MAX)} more`);
  return out;
}

function modelLines({ models = [] }: Report): string[] {
  if (models.length === 0) return [];
  const lines = models.slice(0, ROWS_MAX).map((model) => `- ${escape(`${model.config}: ${modelWords(model)}`)}`);
  return ['', '### Models', '', ...lines];
}

function importLines({ artifacts }: Report): string[] {
  const loaded = artifacts.filter(({ imports = [] }) => imports.length > 0);
  if (loaded.length === 0) return [];
  const lines = loaded
    .slice(0, ROWS_MAX)
    .map(({ path, imports = [] }) => `- ${escape(`${path}: ${importWords(imports)}`)}`);
  return ['', '### Imports', '', ...lines];
}

function fileTable({ artifacts }: Report): string[] {
  const rows = artifacts.slice(0, ROWS_MAX).map(({ path, size, digests, status }) => {
    const sha256 = digests['sha256'];
    return `| ${escape(path)} | ${formatCount(size)} | ${sha256 === undefined ? status.replace('-', ' ') : `\`${code(sha256)}\``} |`;
  });
  const more = artifacts.length - rows.length;
  return [
    '',
    '| file | bytes | SHA-256 |',
    '|---|--:|---|',
    ...rows,
    ...(more > 0 ? ['', `and ${plural(more, 'more file')}.`] : []),
  ];
}

/** Entities, because a backslash stops neither HTML nor mentions. */
const ENTITY = /[<>&@]/g;
/** Emphasis, code, links, tables; `_` only where it can open emphasis, so that `model_name` stays readable. */
const MARKUP = /[\\`*[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;

/** Characters that mean something in Markdown or HTML, escaped; one line. */
function escape(text: string): string {
  const plain = clean(text, 1000)
    .replace(ENTITY, (c) => `&#${c.charCodeAt(0)};`)
    .replace(MARKUP, (c) => `\\${c}`);
  // A bare address would become a link of its own.
  return plain.replace(/:\/\//g, ':&#47;/').replace(/\bwww\./gi, 'www&#46;');
}

function code(text: string): string {
  return clean(text, 200).replaceAll('`', '');
}
