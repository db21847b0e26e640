/** Parts of headlines and notes that several verdicts share. */
import type { Check } from '../claims/check.ts';
import { headlineFiles, headlineNoun, type Judged } from './coverage.ts';
import type { Sighting } from './report.ts';
import { countImports, isUnknownImport } from './words/imports.ts';
import { clean } from './words/detail.ts';
import { repoName, revisionWords } from './words/places.ts';
import { statement } from './words/statement.ts';
import { signerChange } from './words/statement-signers.ts';
import { allOf, formatCount, plural } from './words/units.ts';

/** What would run or reach something, or might, in one sentence; empty when there is nothing of either kind. */
export function dangers(report: Judged): string {
  const n = report.findings.filter((f) => f.severity === 'danger' && !isUnknownImport(f)).length;
  const names = countImports(report.artifacts.flatMap(({ imports = [] }) => imports)).unknown;
  // Findings of one kind are cut after some; the list of imports goes further.
  const u = Math.max(names, report.findings.filter(isUnknownImport).length);
  if (n === 0 && u === 0) return '';
  const would = n === 0 ? '' : `${plural(n, 'thing')} inside could run or reach something when the model is loaded`;
  const unknown = `loading it would import ${plural(u, 'name')} that nobody here knows`;
  return `Look at the contents first: ${[would, u === 0 ? '' : unknown].filter((text) => text !== '').join(', and ')}.`;
}

/** That another one signed than before, or nobody, stands beside every headline that is about something else; else empty. */
export function signerNote({ checks }: Judged): string {
  const changed = checks.filter((c) => c.kind === 'signer-changed');
  const unsigned = checks.find((c) => c.kind === 'signer-memory' && c.detail?.['event'] === 'unsigned');
  const lead = changed.find((c) => c.outcome === 'contradicts') ?? changed[0] ?? unsigned;
  if (lead === undefined) return '';
  return lead.kind === 'signer-changed' ? signerChange(lead) : statement(lead).text;
}

/** `name.gguf in org/name on Hugging Face at a1b2c3d`. */
export function sightingPlace(sighting: Sighting): string {
  return `${clean(sighting.file)} in ${repoName(sighting.repo)}${revisionWords(sighting.revision)}`;
}

const TRUST: Readonly<Record<Sighting['trust'], (source: string) => string>> = {
  commit: (source) => `A commit states this digest (${source}).`,
  pinned: (source) => `The digest was read at a fixed commit (${source}).`,
  enforced: (source) => `The digest is one that a build or app insists on (${source}).`,
  listed: (source) => `The digest stands in a list (${source}).`,
};

const PROVES = 'That tells which bytes these are, not who made them.';

/** The headline when only the database knows these bytes; null when it does not. */
export function sightingWords(
  report: Judged,
): { outcome: 'matches' | 'no-claim'; sentence: string; note: string } | null {
  const files = headlineFiles(report);
  // Best evidence first, and a row that a better source contradicts only when there is no other.
  const best = new Map<string, Sighting>();
  for (const s of report.sightings) {
    const before = best.get(s.path);
    if (before === undefined || (before.disputed && !s.disputed)) best.set(s.path, s);
  }
  const known = files.flatMap((f) => best.get(f.path) ?? []);
  const [first] = known;
  if (first === undefined) return null;
  const source = clean(first.source.name);
  if (known.length === 1 && first.disputed) {
    const sentence = `One list names these bytes as ${sightingPlace(first)}, and a better source contradicts it.`;
    return { outcome: 'no-claim', sentence, note: PROVES };
  }
  const cautions = [
    TRUST[first.trust](source),
    first.moved ? 'The same name has had other bytes as well.' : '',
    first.old ? 'The entry is old.' : '',
    PROVES,
  ].filter((text) => text !== '');
  const all = known.length === files.length;
  const outcome = all && known.every((s) => !s.disputed) ? 'matches' : 'no-claim';
  if (files.length === 1) {
    return { outcome, sentence: `These bytes were published as ${sightingPlace(first)}.`, note: cautions.join(' ') };
  }
  const noun = headlineNoun(report);
  const oneRepo = new Set(known.map((s) => s.repo)).size === 1 && known.length > 1;
  const where = oneRepo ? `in ${repoName(first.repo)}` : `${clean(first.path)} as ${sightingPlace(first)}`;
  const who = all ? allOf(files.length, noun) : `${formatCount(known.length)} of ${plural(files.length, noun)}`;
  const sentence = `The bytes of ${who} were published before${oneRepo ? ',' : ':'} ${where}.`;
  return { outcome, sentence, note: cautions.join(' ') };
}

/** What else is worth saying beside a match: missing files, and the database. */
export function besides(report: Judged): string[] {
  const missing = report.checks.filter((c) => c.kind === 'file-missing' && c.outcome === 'could-not-check');
  const n = missing.reduce((sum, c) => sum + (c.path === undefined ? numberOf(c, 'files') : 1), 0);
  return n === 0 ? [] : [`${plural(n, 'listed file')} ${n === 1 ? 'is' : 'are'} not here.`];
}

function numberOf(check: Check, key: string): number {
  const value = check.detail?.[key];
  return typeof value === 'number' ? value : 0;
}
