/** One line per axis. Each is derived from the checks of its axis; there is no score. */
import type { Axis, Check, Outcome } from '../claims/check.ts';
import { backings, covered, headlineFiles, headlineNoun, unanswered, type Judged } from './coverage.ts';
import type { Report, ReportArtifact } from './report.ts';
import type { Verdict } from './verdict.ts';
import { sightingPlace } from './verdict-notes.ts';
import { clean } from './words/detail.ts';
import { isUnknownImport } from './words/imports.ts';
import { sourceName } from './words/sources.ts';
import { allOf, capital, formatCount, plural } from './words/units.ts';

type Standing = Report['axes'][Axis];

/** Lines are for cards: longer ones are cut. */
const LINE_MAX = 200;

export function axesOf(report: Judged, verdict: Verdict): Report['axes'] {
  const cut = ({ outcome, line }: Standing): Standing => ({ outcome, line: clean(line, LINE_MAX) });
  return {
    bytes: cut(bytes(report, verdict)),
    signer: cut(signer(report)),
    lineage: lineage(report),
    contents: cut(contents(report)),
  };
}

function bytes(report: Judged, verdict: Verdict): Standing {
  const files = headlineFiles(report);
  const noun = headlineNoun(report);
  const wrong = contradicted(report, 'bytes');
  if (wrong.length > 0) {
    // The row about a record names the record itself, which does not differ: its files do.
    const about = wrong.filter((c) => c.kind !== 'record');
    const paths = new Set(about.map((c) => c.path)).size;
    if (wrong.every((c) => c.path === undefined)) {
      return { outcome: 'contradicts', line: `No file here matches ${sourceName(wrong[0]!.source)}` };
    }
    const names = [...new Set(wrong.map((c) => sourceName(c.source)))];
    // A description that does not fit, or a record that breaks its rules, says nothing of any one file’s bytes.
    if (about.length === 0) {
      const line = `${names.join(', ')} ${names.length === 1 ? 'does' : 'do'} not fit what lies here`;
      return { outcome: 'contradicts', line };
    }
    return {
      outcome: 'contradicts',
      line: `${plural(paths, 'file')} ${paths === 1 ? 'differs' : 'differ'} from what ${names.join(', ')} ${names.length === 1 ? 'states' : 'state'}`,
    };
  }
  const all = backings(report, files);
  const n = covered(all, files).size;
  const [best] = all;
  // A contradiction on another axis takes the headline; here the question is only what was compared.
  const full = n > 0 && n === files.length ? 'matches' : 'no-claim';
  const said: Outcome = verdict.outcome === 'contradicts' ? full : verdict.outcome;
  // Equal numbers are no equal bytes: a match on another axis is none here.
  const outcome: Outcome = said === 'matches' && n === 0 && report.sightings.length === 0 ? 'no-claim' : said;
  if (best !== undefined && n > 0) {
    const who =
      n === files.length
        ? `${capital(allOf(n, noun))} ${n === 1 ? 'matches' : 'match'}`
        : `${formatCount(n)} of ${plural(files.length, noun)} ${n === 1 ? 'matches' : 'match'}`;
    // Several may state digests, each of other files.
    const others = all.filter((b) => b !== best && covered([b], files).size > 0).length;
    const alone = covered([best], files).size === n;
    const more = alone ? '' : ` and ${plural(others, 'other statement')}`;
    return { outcome, line: `${who} ${sourceName(best.source)}${more}` };
  }
  const seen = report.sightings.find((s) => !s.disputed);
  if (seen !== undefined) return { outcome, line: `Published before as ${sightingPlace(seen)}` };
  if (report.depth === 'headers') return { outcome, line: 'Only headers were read' };
  const [open] = unanswered(report);
  if (open !== undefined) return { outcome, line: `Not compared with ${sourceName(open.source)}` };
  if (best !== undefined) return { outcome, line: 'The weights were compared with nothing' };
  if (files.length > 0 && files.every((f) => f.status !== 'complete')) return { outcome, line: 'Not read' };
  return { outcome, line: 'Compared with nothing: nobody’s digests are at hand' };
}

function signer(report: Judged): Standing {
  const before = signerBefore(report);
  if (before !== null) return before;
  const checks = report.checks.filter((c) => c.axis === 'signer' && c.kind === 'signature' && c.outcome !== 'no-claim');
  const [check] = ['contradicts', 'matches', 'could-not-check'].flatMap((o) => checks.filter((c) => c.outcome === o));
  if (check === undefined) return { outcome: 'no-claim', line: 'No signature lies beside these files' };
  const inside = check.detail?.['embedded'] === true ? 'The manifest inside ' : '';
  const name = `${inside}${clean(check.path ?? 'A signature')}`;
  const others = checks.length === 1 ? '' : `; ${plural(checks.length - 1, 'more signature')} below`;
  if (check.outcome === 'contradicts') return { outcome: 'contradicts', line: `${name} does not hold${others}` };
  if (check.outcome === 'could-not-check')
    return { outcome: 'could-not-check', line: `${name}: who signed is not established${others}` };
  return {
    outcome: 'matches',
    line: `Signed by ${clean(String(check.detail?.['signer'] ?? 'the key you gave'), 80)}${others}`,
  };
}

/** Another signer than before, or none where there was one, is more than anything a signature says of itself. */
function signerBefore({ checks }: Judged): Standing | null {
  const changed = checks.filter((c) => c.kind === 'signer-changed');
  const lead = changed.find((c) => c.outcome === 'contradicts') ?? changed[0];
  if (lead !== undefined) {
    const who = lead.detail?.['signer'] === undefined ? '' : `: ${clean(String(lead.detail['signer']), 80)}`;
    const than = lead.outcome === 'contradicts' ? 'the one you accepted' : 'before';
    return { outcome: lead.outcome, line: `Another signer than ${than}${who}` };
  }
  const unsigned = checks.find((c) => c.kind === 'signer-memory' && c.detail?.['event'] === 'unsigned');
  if (unsigned === undefined) return null;
  const publisher = clean(String(unsigned.detail?.['publisher'] ?? ''), 80);
  return { outcome: unsigned.outcome, line: `No signature, although models of ${publisher} were signed before` };
}

/** The worst of what was found in comparisons with other models. */
function lineage(report: Judged): Standing {
  const checks = report.checks.filter((c) => c.axis === 'lineage');
  const order: readonly Outcome[] = ['contradicts', 'could-not-check', 'matches', 'no-claim'];
  const [first] = order.flatMap((outcome) => checks.filter((c) => c.outcome === outcome));
  if (first === undefined) {
    return { outcome: 'no-claim', line: 'The weights were not compared with those of other models' };
  }
  const other = sourceName(first.source);
  const line = {
    matches: `The same numbers as ${other}`,
    contradicts: `Not the same numbers as ${other}`,
    'could-not-check': `Not fully compared with ${other}`,
    'no-claim': `Nothing but constants in common with ${other}`,
  }[first.outcome];
  return { outcome: first.outcome, line };
}

function contents(report: Judged): Standing {
  const wrong = contradicted(report, 'contents');
  const found = findings(report);
  if (wrong.length > 0) {
    const paths = new Set(wrong.map((c) => c.path)).size;
    if (wrong.every((c) => c.kind === 'set'))
      return { outcome: 'contradicts', line: `The model is not complete${found}` };
    return {
      outcome: 'contradicts',
      line: `${plural(paths, 'file')} ${paths === 1 ? 'is' : 'are'} not what ${paths === 1 ? 'its name or header says' : 'their names or headers say'}${found}`,
    };
  }
  const open = report.checks.filter((c) => c.axis === 'contents' && c.outcome === 'could-not-check');
  if (open.length > 0) {
    return {
      outcome: 'could-not-check',
      line: `The contents of ${plural(open.length, 'file')} could not be read${found}`,
    };
  }
  const opened = report.artifacts.filter((a) => a.format !== undefined);
  if (opened.length === 0) return { outcome: 'no-claim', line: `No container of weights was opened${found}` };
  const tensors = opened.reduce((sum, a) => sum + a.tensors.length, 0);
  const line = `${formatCounts(opened)}, ${plural(tensors, 'tensor')}${found}`;
  // A mark that says "verified" must not stand beside something that would run, or that nobody knows.
  const danger = report.findings.some((f) => f.severity === 'danger' || isUnknownImport(f));
  return { outcome: danger ? 'no-claim' : 'matches', line };
}

/** `1 safetensors file, 2 gguf files`. */
function formatCounts(opened: readonly ReportArtifact[]): string {
  const counts = new Map<string, number>();
  for (const { format = '' } of opened) counts.set(format, (counts.get(format) ?? 0) + 1);
  return [...counts].map(([format, n]) => plural(n, `${format} file`)).join(', ');
}

function findings(report: Judged): string {
  const count = (severity: string): number =>
    report.findings.filter((f) => f.severity === severity && !isUnknownImport(f)).length;
  const unknown = report.findings.filter(isUnknownImport).length;
  const danger = count('danger');
  const caution = count('caution');
  const parts = [
    danger === 0 ? '' : plural(danger, 'danger'),
    unknown === 0 ? '' : plural(unknown, 'unknown import'),
    caution === 0 ? '' : plural(caution, 'caution'),
  ];
  const said = parts.filter((part) => part !== '').join(', ');
  return said === '' ? '' : `; ${said}`;
}

function contradicted(report: Judged, axis: Axis): readonly Check[] {
  return report.checks.filter((c) => c.axis === axis && c.outcome === 'contradicts');
}
