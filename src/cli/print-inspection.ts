/** An inspection as text for a terminal, bounded unless everything is asked for; and as JSON. */
import { explain } from '../app/text/errors.ts';
import { describeFinding } from '../app/text/findings.ts';
import type { Finding } from '../core/content/finding.ts';
import type { PickleImport } from '../core/content/pickle/import.ts';
import type { MetaValue } from '../core/formats/format.ts';
import { explainNotAModel } from '../core/report/words/not-a-model.ts';
import { statement } from '../core/report/words/statement.ts';
import { formatBytes, formatCount, plural } from '../core/report/words/units.ts';
import type { MadeTensor } from '../core/scan/decode-scans.ts';
import type { ArtifactScan } from '../core/scan/model.ts';
import type { Options } from './args.ts';
import type { Inspection } from './inspect.ts';
import { describeTensors, numberLines, jsonNumbers } from './print-numbers.ts';
import { printable } from './progress-bar.ts';

const VALUE_WIDTH = 100;
/** Lines of one part that are printed unless all are asked for. */
const SHOWN = { metadata: 40, tensors: 60, made: 30, findings: 40, imports: 20 } as const;

type Wanted = Pick<Options, 'all' | 'canonical' | 'stats'>;

export function printInspection({ model, sets, findings }: Inspection, wanted: Wanted): string {
  // Side files (config, tokenizer) have no container to look into: only what was found in them is told.
  const files = model.scans.filter((s) => s.format ?? s.formatError ?? s.notAModel ?? s.error ?? s.findings[0]);
  const parts = files.map((scan) => describeScan(scan, wanted));
  const made = describeMade(model.made, wanted);
  if (made.length > 0) parts.push(made);
  const whole = [
    ...model.undecoded.map((u) => `  ? ${u.name}: not decoded (scheme ${u.scheme}, ${u.why})`),
    ...sets.map((check) => `  ${check.outcome === 'matches' ? '✓' : '✕'} ${statement(check).text}`),
    ...bounded(findings.map(findingLine), SHOWN.findings, wanted.all),
    ...(model.digest === null ? [] : [`  assay-model-v1:${model.digest}`]),
  ];
  if (whole.length > 0) parts.push(['The model as a whole', ...whole]);
  if (parts.length === 0) return 'No file here has a container that Assay reads.';
  return parts.map((lines) => lines.map(printable).join('\n')).join('\n\n');
}

/** The first lines, and how many more there are. */
function bounded(lines: readonly string[], most: number, all: boolean): readonly string[] {
  if (all || lines.length <= most + 1) return lines;
  return [...lines.slice(0, most), `  … and ${formatCount(lines.length - most)} more (--all)`];
}

function describeScan(scan: ArtifactScan, wanted: Wanted): string[] {
  const out = [`${scan.path}  ${formatBytes(scan.size)}`];
  for (const problem of [scan.error, scan.formatError]) {
    if (!problem) continue;
    const words = explain(problem);
    out.push(`  ✕ ${words.title} (${problem.code})`, `    ${words.why}`, `    ${words.next}`);
  }
  if (scan.notAModel) {
    const words = explainNotAModel(scan.notAModel, scan.size);
    out.push(`  ✕ ${words.title}`, `    ${words.why}`, `    ${words.next}`);
  }
  if (scan.format) out.push(`  ${scan.format}${facts(scan)}`);
  const sha256 = scan.digests.sha256;
  if (sha256 !== undefined) out.push(`  sha256:${sha256}`);
  const metadata = scan.metadata.map(({ key, type, value }) => `  ${key} (${type}) = ${shown(value, wanted.all)}`);
  out.push(...bounded(metadata, SHOWN.metadata, wanted.all));
  if (scan.tensors.length > 0) {
    out.push(`  ${plural(scan.tensors.length, 'tensor')}, ${formatCount(parameters(scan))} values`);
    const lines = describeTensors(scan, wanted);
    const whole = wanted.all || lines.length <= SHOWN.tensors + 1;
    out.push(...(whole ? lines : lines.slice(0, SHOWN.tensors)).flat());
    if (!whole) out.push(`    … and ${plural(lines.length - SHOWN.tensors, 'more tensor')} (--all)`);
  }
  out.push(...describeImports(scan.imports ?? [], wanted.all));
  out.push(...bounded(scan.findings.map(findingLine), SHOWN.findings, wanted.all));
  return out;
}

function facts(scan: ArtifactScan): string {
  const pairs = Object.entries(scan.facts).map(([k, v]) => `${k} ${cut(String(v), false)}`);
  return pairs.length > 0 ? `: ${pairs.join(', ')}` : '';
}

function parameters(scan: ArtifactScan): number {
  return scan.tensors.reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b, 1), 0);
}

/** What the stored tensors stand for. */
function describeMade(made: readonly MadeTensor[], wanted: Wanted): string[] {
  if (made.length === 0) return [];
  const blocks = made.map((tensor): string[] => {
    const { name, scheme, dtype, shape, bits, groupSize, block, parts, numbers } = tensor;
    const groups =
      groupSize !== undefined ? ` in groups of ${groupSize}` : block ? ` in blocks of ${block.join(' x ')}` : '';
    const line = `  ${name}  ${dtype} [${shape.join(', ')}]  ${scheme}, ${bits} bits${groups}`;
    return [line, `      from ${parts.join(', ')}`, ...numberLines(numbers, wanted)];
  });
  const whole = wanted.all || blocks.length <= SHOWN.made + 1;
  return [
    `${plural(made.length, 'quantised tensor')}: what stored tensors stand for`,
    ...(whole ? blocks : blocks.slice(0, SHOWN.made)).flat(),
    ...(whole ? [] : [`  … and ${formatCount(blocks.length - SHOWN.made)} more (--all)`]),
  ];
}

/** Dangerous and unknown names first, so that no bound hides them; allowed ones are counted. */
function describeImports(imports: readonly PickleImport[], all: boolean): readonly string[] {
  if (imports.length === 0) return [];
  const rank = { dangerous: 0, unknown: 1, allowed: 2 } as const;
  const sorted = [...imports].sort((a, b) => rank[a.class] - rank[b.class]);
  const count = (kind: PickleImport['class']): number => imports.filter((one) => one.class === kind).length;
  const counts = (['dangerous', 'unknown', 'allowed'] as const)
    .filter((kind) => count(kind) > 0)
    .map((kind) => `${formatCount(count(kind))} ${kind}`);
  const lines = sorted.map((one) => {
    const mark = { dangerous: '!', unknown: '?', allowed: '·' }[one.class];
    const place = one.offset ?? one.position;
    const where =
      one.member === undefined || one.offset !== undefined ? `byte ${place}` : `${one.member}, byte ${place}`;
    return `    ${mark} ${one.class} ${one.module}.${one.name}${one.called ? ', called' : ''} (${where})`;
  });
  return [
    `  Loading it would import ${plural(imports.length, 'name')}: ${counts.join(', ')}`,
    ...bounded(lines, SHOWN.imports, all),
  ];
}

function findingLine(finding: Finding): string {
  const { severity, offset, length, path } = finding;
  const end = offset === undefined || length === undefined ? '' : ` to ${offset + length}`;
  const place = offset === undefined ? '' : ` (byte ${offset}${end})`;
  const file = path === undefined ? '' : `${path}: `;
  return `  ${severity === 'danger' ? '!' : '·'} ${file}${describeFinding(finding).title}${place}`;
}

function shown(value: MetaValue, all: boolean): string {
  if (value === null || typeof value !== 'object') return cut(String(value), all);
  if ('invalidUtf8' in value) return cut(`(not UTF-8: ${value.invalidUtf8})`, all);
  const more = value.values.length < value.length ? ', …' : '';
  return cut(`${value.elementType}[${value.length}] ${value.values.map((v) => shown(v, all)).join(', ')}${more}`, all);
}

function cut(text: string, all: boolean): string {
  return all || text.length <= VALUE_WIDTH
    ? text
    : `${text.slice(0, VALUE_WIDTH)}… (${formatCount(text.length)} characters)`;
}

/** Everything, for programs. Infinities and NaN, which JSON does not have, are their names. */
export function inspectionJson({ plan, model, sets, findings }: Inspection): unknown {
  return {
    format: 'assay-inspection',
    version: 1,
    name: plan.name,
    depth: plan.depth,
    digest: model.digest === null ? null : `assay-model-v1:${model.digest}`,
    artifacts: model.scans.map(({ tensorNumbers, ...scan }) => ({
      ...scan,
      ...(tensorNumbers === undefined ? {} : { tensorNumbers: tensorNumbers.map(jsonNumbers) }),
    })),
    made: model.made.map(({ numbers, ...tensor }) => ({
      ...tensor,
      ...(numbers === undefined ? {} : { numbers: jsonNumbers(numbers) }),
    })),
    undecoded: model.undecoded,
    sets,
    findings,
  };
}
