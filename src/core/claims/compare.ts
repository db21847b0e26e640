/** Claims × evidence → checks. */
import type { Check } from './check.ts';
import { CheckList } from './check-list.ts';
import type { Claim, DigestStatement } from './claim.ts';
import { reportExtra, reportMissing, reportNowhere } from './compare-absent.ts';
import { compareFile } from './compare-file.ts';
import { compareTensors } from './compare-tensors.ts';
import { whyUnread, type Evidence } from './evidence.ts';
import { isBookkeeping } from './hub.ts';
import { resolvePaths, type Resolved } from './resolve.ts';

/** Where a check comes from that no claim stands behind. */
const NOBODY = { kind: 'none', name: 'nobody', independent: true } as const;

/**
 * Compares every claim with what was computed: one check per file and digest; tensors that match are one check per file.
 * Size equality is never a match: where no digest could be computed the outcome is `could-not-check`.
 *
 * @param evidence every artifact, claims included
 */
export function compareClaims(claims: readonly Claim[], evidence: readonly Evidence[]): readonly Check[] {
  const out = new CheckList();
  const spokenOf = new Set<string>();
  for (const claim of claims) {
    reportLines(claim, out);
    for (const path of compareClaim(claim, evidence, out)) spokenOf.add(path);
  }
  const weights = evidence.filter((e) => e.role === 'weights');
  const listed = out.list().filter((check) => check.kind === 'file-extra' || check.kind === 'digest-nowhere');
  for (const check of listed) if (check.path !== undefined) spokenOf.add(check.path);
  const silent = weights.filter((e) => !spokenOf.has(e.path));
  if (silent.length < weights.length) {
    for (const { path } of silent) {
      out.add({ axis: 'bytes', kind: 'file-unclaimed', outcome: 'no-claim', source: NOBODY, path });
    }
  }
  return out.list();
}

/** @returns paths of the artifacts that were compared with something */
function compareClaim(claim: Claim, evidence: readonly Evidence[], out: CheckList): ReadonlySet<string> {
  const spokenOf = new Set<string>();
  const listed = [...new Set(claim.statements.flatMap((s) => (s.path === null ? [] : [s.path])))];
  const named = new Set(listed);
  const isContent = (e: Evidence): boolean => e.role !== 'claim' && !isBookkeeping(e.path);
  const content = evidence.filter((e) => e.path !== claim.path && isContent(e));
  const here = evidence.filter((e) => e.path !== claim.path && (isContent(e) || named.has(e.path)));
  if (content.length === 0 || claim.statements.length === 0) return spokenOf;
  const byPath = new Map(here.map((e) => [e.path, e]));
  const resolved = resolvePaths(listed, [...byPath.keys()], !claim.exhaustive);
  for (const { path } of resolved.values()) spokenOf.add(path);

  if (onlyHeaders(claim, resolved, byPath, content, out)) return spokenOf;
  const twins = digestIndex(claim.statements, (s) => s.path);
  const absent: DigestStatement[] = [];
  for (const statement of claim.statements) {
    const at = statement.path === null ? undefined : resolved.get(statement.path);
    if (statement.scope !== 'file') continue;
    if (at === undefined) {
      absent.push(statement);
      continue;
    }
    const target = byPath.get(at.path)!;
    const actual = target.digests[statement.algorithm];
    const twin = twins.get(`${statement.algorithm}:${actual}`);
    out.add(
      compareFile({ source: claim.source, statement, evidence: target, exact: at.exact, twin: twin ?? undefined }),
    );
  }
  compareTensorStatements(claim, resolved, byPath, content, spokenOf, out);
  const left = matchByDigest(claim, absent, content, spokenOf, out);
  const unnamed = left.absent.filter((s) => s.path === null);
  const unfound = left.absent.filter((s) => s.path !== null);
  reportMissing(claim, unfound, content.length === 1, out);
  for (const path of reportNowhere(claim, unnamed, left.matched, content, out)) spokenOf.add(path);
  reportExtra(
    claim,
    content.filter((e) => !spokenOf.has(e.path)),
    content,
    out,
  );
  return spokenOf;
}

/** Files whose name the claim does not have may still have bytes that it states: renamed, or stated without a name. */
function matchByDigest(
  claim: Claim,
  absent: readonly DigestStatement[],
  content: readonly Evidence[],
  spokenOf: Set<string>,
  out: CheckList,
): { readonly absent: readonly DigestStatement[]; readonly matched: ReadonlySet<string> } {
  const open = new Map<string, Evidence[]>();
  for (const e of content) {
    if (spokenOf.has(e.path)) continue;
    for (const [algorithm, digest] of Object.entries(e.digests)) {
      const key = `${algorithm}:${digest}`;
      const known = open.get(key);
      if (known === undefined) open.set(key, [e]);
      else known.push(e);
    }
  }
  const matched = new Set<string>();
  const left: DigestStatement[] = [];
  for (const statement of absent) {
    const found = open.get(`${statement.algorithm}:${statement.digest}`) ?? [];
    if (found.length === 0) left.push(statement);
    for (const evidence of found) {
      const exact = statement.path === null && statement.label === undefined;
      out.add(compareFile({ source: claim.source, statement, evidence, exact }));
      spokenOf.add(evidence.path);
      if (statement.path === null) matched.add(statement.algorithm);
    }
  }
  return { absent: left, matched };
}

function compareTensorStatements(
  claim: Claim,
  resolved: ReadonlyMap<string, Resolved>,
  byPath: ReadonlyMap<string, Evidence>,
  content: readonly Evidence[],
  spokenOf: Set<string>,
  out: CheckList,
): void {
  const groups = new Map<string, DigestStatement[]>();
  for (const statement of claim.statements) {
    if (statement.scope === 'file' || statement.path === null) continue;
    const group = groups.get(statement.path);
    if (group === undefined) groups.set(statement.path, [statement]);
    else group.push(statement);
  }
  const missing: DigestStatement[] = [];
  for (const [path, statements] of groups) {
    const at = resolved.get(path);
    const target = at === undefined ? undefined : byPath.get(at.path);
    if (at === undefined || target === undefined) missing.push(statements[0]!);
    else compareTensors(claim.source, statements, target, at.exact ? null : path, out);
    if (target !== undefined) spokenOf.add(target.path);
  }
  reportMissing(claim, missing, content.length === 1, out);
}

/** At header depth there are no digests at all: one row says so, and sizes that differ still contradict. */
function onlyHeaders(
  claim: Claim,
  resolved: ReadonlyMap<string, Resolved>,
  byPath: ReadonlyMap<string, Evidence>,
  content: readonly Evidence[],
  out: CheckList,
): boolean {
  if (content.some((e) => e.status !== 'headers-only')) return false;
  const { source, statements } = claim;
  for (const statement of statements) {
    const at = statement.path === null ? undefined : resolved.get(statement.path);
    const target = at === undefined ? undefined : byPath.get(at.path);
    if (at === undefined || target === undefined || statement.size === undefined) continue;
    if (statement.scope !== 'file' || statement.size === target.size) continue;
    out.add(compareFile({ source, statement, evidence: target, exact: at.exact }));
  }
  const files = new Set([...resolved.values()].map((r) => r.path)).size;
  const detail = { depth: 'headers', files: files || content.length };
  out.add({ axis: 'bytes', kind: 'file-digest', outcome: 'could-not-check', source, detail });
  return true;
}

function reportLines(claim: Claim, out: CheckList): void {
  const { source, statements, refused = [], skipped, skippedTotal = skipped.length } = claim;
  for (const { line, path, error } of refused) {
    const whole = statements.length === 0 && refused.length === 1;
    const kind = whole ? 'claim-unreadable' : 'claim-line';
    const about = path === undefined ? {} : { path };
    out.add({ axis: 'bytes', kind, outcome: 'could-not-check', source, ...about, reason: error, detail: { line } });
  }
  const [first] = skipped;
  if (first === undefined) return;
  const detail = { lines: skippedTotal, line: first.line, text: first.text };
  out.add({ axis: 'bytes', kind: 'claim-skipped', outcome: 'no-claim', source, detail });
}

function digestIndex(
  statements: readonly DigestStatement[],
  value: (s: DigestStatement) => string | null,
): ReadonlyMap<string, string> {
  const index = new Map<string, string>();
  for (const s of statements) {
    const path = value(s);
    if (s.scope === 'file' && path !== null) index.set(`${s.algorithm}:${s.digest}`, path);
  }
  return index;
}

/** Every artifact that could not be read, or not to its end: the reason, once. */
export function compareReads(evidence: readonly Evidence[]): readonly Check[] {
  const out = new CheckList();
  for (const e of evidence) {
    const reason = whyUnread(e);
    if (reason === undefined) continue;
    const source = { kind: 'format', name: 'the file itself', independent: false };
    out.add({ axis: 'bytes', kind: 'file-read', outcome: 'could-not-check', source, path: e.path, reason });
  }
  return out.list();
}
