/** `assay inspect`: what headers alone tell. */
import { explain } from '../app/text/errors.ts';
import { describeFinding } from '../app/text/findings.ts';
import { explainNotAModel } from '../core/report/words/not-a-model.ts';
import type { MetaValue } from '../core/formats/format.ts';
import { formatBytes, formatCount, plural } from '../core/report/words/units.ts';
import type { ArtifactScan } from '../core/scan/model.ts';
import type { Options } from './args.ts';
import { printable } from './progress-bar.ts';
import { planTarget, scanPlan } from './session.ts';

const VALUE_WIDTH = 100;

/** @returns exit status: 1 when a container breaks its format or a file is no model, 2 when one could not be read */
export async function inspect(options: Options, signal: AbortSignal): Promise<number> {
  const plan = await planTarget(options, 'headers', signal);
  const scans = await scanPlan(plan, signal);
  // Side files (config, tokenizer) have no container to look into.
  const shown = scans.filter((s) => s.format ?? s.formatError ?? s.notAModel ?? s.error);
  if (options.json) console.log(JSON.stringify(shown, null, 2));
  else console.log(shown.map(describeScan).join('\n\n') || 'No file here has a container that Assay reads.');
  if (scans.some((s) => s.status === 'failed' || s.status === 'aborted')) return 2;
  return scans.some((s) => s.formatError ?? s.notAModel) ? 1 : 0;
}

function describeScan(scan: ArtifactScan): string {
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
  for (const m of scan.metadata) out.push(`  ${m.key} = ${shown(m.value)}`);
  if (scan.tensors.length > 0) {
    const width = Math.min(60, Math.max(...scan.tensors.map((t) => t.name.length)));
    out.push(`  ${plural(scan.tensors.length, 'tensor')}, ${formatCount(parameters(scan))} values`);
    for (const t of scan.tensors)
      out.push(
        `    ${t.name.padEnd(width)}  ${t.dtype.padEnd(5)} [${t.shape.join(', ')}]  ${formatBytes(t.byteLength)}`,
      );
  }
  for (const f of scan.findings) {
    const place = f.offset === undefined ? '' : ` (byte ${f.offset})`;
    out.push(`  ${f.severity === 'danger' ? '!' : '·'} ${describeFinding(f).title}${place}`);
  }
  return out.map(printable).join('\n');
}

function facts(scan: ArtifactScan): string {
  const pairs = Object.entries(scan.facts).map(([k, v]) => `${k} ${v}`);
  return pairs.length > 0 ? `: ${pairs.join(', ')}` : '';
}

function parameters(scan: ArtifactScan): number {
  return scan.tensors.reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b, 1), 0);
}

function shown(value: MetaValue): string {
  let text: string;
  if (value !== null && typeof value === 'object') {
    text =
      'invalidUtf8' in value
        ? `(not UTF-8: ${value.invalidUtf8})`
        : `${value.elementType}[${value.length}] ${value.values.map(shown).join(', ')}${value.values.length < value.length ? ', …' : ''}`;
  } else text = String(value);
  return text.length > VALUE_WIDTH ? `${text.slice(0, VALUE_WIDTH)}… (${formatCount(text.length)} characters)` : text;
}
