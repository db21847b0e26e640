/** The last step: everything that was computed, against everything that is stated, as a report. */
import type { OpenContext } from '../bytes/open.ts';
import type { Check } from '../claims/check.ts';
import type { CheckDraft } from '../claims/check-list.ts';
import type { Expectations } from '../claims/attestations/kind.ts';
import { compareClaims, compareReads } from '../claims/compare.ts';
import type { Evidence } from '../claims/evidence.ts';
import { httpDatabase } from '../db/http-files.ts';
import type { DatabaseFiles } from '../db/lookup.ts';
import type { HashProvider } from '../hash/hasher.ts';
import type { JobContext } from '../progress.ts';
import { buildReport, type ReportFile } from '../report/build.ts';
import type { Report } from '../report/report.ts';
import { thisTool } from '../report/tool.ts';
import { attestedChecks } from '../report/attested.ts';
import { absences } from './absences.ts';
import { attest } from './attest.ts';
import { withDataFiles } from './data-files.ts';
import { emptyScan } from './empty.ts';
import { folderChecks } from './folder-checks.ts';
import { gatherClaims } from './gather.ts';
import { withHistory } from './hub-history.ts';
import { lookUp, type KnownFiles } from './known-files.ts';
import type { Against, ArtifactScan, Plan } from './model.ts';
import { selfChecks } from './self-checks.ts';
import { withStructure } from './structure.ts';

/** What crosses to the worker that concludes; `workers/protocol.ts` calls it `ConcludeRequest`. */
export interface Conclusion {
  readonly plan: Plan;
  readonly against: readonly Against[];
  /** One per planned artifact that was worked on, in any order. */
  readonly scans: readonly ArtifactScan[];
  /** Where the database's static files are; null: do not look up. */
  readonly database: string | null;
  /** Highest sequence of this database that was used before; a lower one is refused (`DB_ROLLED_BACK`). */
  readonly databaseSeen?: number;
  /** True: make no request to the Hub, say so in the report. */
  readonly offline: boolean;
  readonly stopped: boolean;
  /** ISO time to stamp the report with. */
  readonly now: string;
  /** Keys, roots and signers to check signatures with; absent: only what is shipped. */
  readonly expect?: Expectations;
  /** Wall time of the scans, when it was measured. */
  readonly seconds?: number;
}

export interface ConcludeTools extends OpenContext {
  /** How digests are made that no scan has; default: WASM. */
  readonly hashes?: HashProvider;
  /** Files of a database that is not behind an address; the command line reads folders. Default: over `http`. */
  readonly databaseFiles?: (base: string) => DatabaseFiles;
}

/**
 * Collects all statements, compares, looks up, judges. Reads claims and index files again (bounded), never a body.
 *
 * @throws AppError SOURCE_ABORTED; whatever else goes wrong stands in the report as something that could not be checked
 */
export async function conclude(given: Conclusion, tools: ConcludeTools, ctx: JobContext): Promise<Report> {
  const request = { ...given, scans: withStructure(withDataFiles(given.scans)) };
  const { plan, against, offline } = request;
  ctx.progress({ phase: 'comparing', done: 0 });
  const files = filesOf(request);
  const scans = new Map(request.scans.map((scan) => [scan.path, scan]));
  const roles = new Map(plan.artifacts.map((a) => [a.path, a.role]));

  const { artifacts, origin, snapshot } = plan;
  const input = { artifacts, origin, against, offline, ...(snapshot === undefined ? {} : { snapshot }) };
  const gathered = await gatherClaims(input, tools, ctx);
  let compared = compareClaims(gathered.claims, files);
  for (const hub of gathered.hubs) compared = await withHistory(compared, scans, hub, ctx.signal);

  const folders = await folderChecks(artifacts, scans, tools, ctx.signal);
  const known = await lookUpKnown(request, files, tools, ctx);
  const attested = await attest(
    {
      artifacts,
      scans,
      depth: plan.depth,
      now: request.now,
      ...(request.expect === undefined ? {} : { expect: request.expect }),
    },
    tools,
    ctx.signal,
  );
  const paths = [...roles.keys()];
  const stated = attested.attestations.flatMap((attestation) => attestedChecks(attestation, paths));
  const signed = attested.attestations.length + attested.checks.length > 0;
  const asked = signed || gathered.claims.length > 0 || gathered.checks.length > 0 || against.length > 0;
  const checks = numbered([
    ...withoutSpokenFor(compared, stated),
    ...gathered.checks,
    ...unreadFiles(files, compared),
    ...known.checks,
    ...selfChecks(request.scans, roles),
    ...folders.checks,
    ...stated,
    ...attested.checks,
    ...absences(paths, gathered.claims, asked, signed),
  ]);
  return buildReport({
    tool: thisTool(),
    created: request.now,
    subject: subjectOf(plan),
    depth: plan.depth,
    stopped: request.stopped,
    files,
    models: folders.models,
    checks,
    findings: folders.findings,
    sightings: known.sightings,
    attestations: attested.attestations,
    database: known.database,
    ...(request.seconds === undefined ? {} : { seconds: request.seconds }),
  });
}

/** That nobody states what a file should be is not so when a signature or record does. */
function withoutSpokenFor(compared: readonly Check[], stated: readonly CheckDraft[]): readonly Check[] {
  const spoken = new Set(stated.filter(({ kind }) => kind === 'file-digest').map(({ path }) => path));
  return compared.filter(({ kind, path }) => kind !== 'file-unclaimed' || !spoken.has(path));
}

type ConcludedFile = ReportFile & Evidence;

/** Every planned file with what was computed of it; one that nobody came to is `not-read`. */
function filesOf({ plan, scans }: Conclusion): readonly ConcludedFile[] {
  const done = new Map(scans.map((scan) => [scan.path, scan]));
  return plan.artifacts.map(({ path, size, role }) => {
    const scan = done.get(path);
    if (scan !== undefined) return { ...scan, role };
    // At header depth nothing else is read of files that have no header.
    const status = plan.depth === 'headers' ? 'headers-only' : 'not-read';
    return { ...emptyScan(path, size), role, status };
  });
}

/** A file that could not be read is said once, where no comparison says it already. */
function unreadFiles(files: readonly ConcludedFile[], compared: readonly Check[]): readonly Check[] {
  const said = new Set(compared.filter((c) => c.reason !== undefined && c.kind === 'file-digest').map((c) => c.path));
  return compareReads(files.filter((file) => !said.has(file.path)));
}

async function lookUpKnown(
  { database, databaseSeen, scans, plan, now }: Conclusion,
  files: readonly ConcludedFile[],
  { http, databaseFiles }: ConcludeTools,
  ctx: JobContext,
): Promise<KnownFiles> {
  const nothing: KnownFiles = { database: null, sightings: [], checks: [] };
  if (database === null || plan.depth === 'headers') return nothing;
  const base = databaseFiles === undefined ? httpFiles(database, http, ctx) : databaseFiles(database);
  if (base === null) return nothing;
  // Configurations and lists are in no database of weights; asking for them would only tell the host more.
  const roles = new Map(files.map((file) => [file.path, file.role]));
  const asked = scans.filter(({ path }) => roles.get(path) === 'weights' || roles.get(path) === 'other');
  return lookUp(base, asked, { now, ...(databaseSeen === undefined ? {} : { seen: databaseSeen }) }, ctx);
}

function httpFiles(base: string, http: ConcludeTools['http'], ctx: JobContext): DatabaseFiles | null {
  return http === undefined ? null : httpDatabase(base, http.fetchFn, (event) => ctx.network(event));
}

function subjectOf({ name, origin }: Plan): Omit<Report['subject'], 'files' | 'bytes'> {
  const { kind, ...rest } = origin;
  return { name, origin: kind, ...rest };
}

/** Ids are made per source of checks; together they must still be unique. */
function numbered(checks: readonly (Omit<Check, 'id'> & { readonly id?: string })[]): readonly Check[] {
  const seen = new Map<string, number>();
  return checks.map((check) => {
    const parts = [check.axis, check.source.kind, check.kind, check.path, check.tensor, check.algorithm];
    const id = check.id ?? parts.filter((part) => part !== undefined).join('/');
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    return { ...check, id: times === 1 ? id : `${id}#${times}` };
  });
}
