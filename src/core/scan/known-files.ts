/** Looks the files of a model up in the database of known files. */
import type { CheckDraft } from '../claims/check-list.ts';
import { DB_STALE_DAYS, openDatabase, type Database, type DatabaseFiles } from '../db/lookup.ts';
import { AppError, toErrorData } from '../errors.ts';
import type { JobContext } from '../progress.ts';
import type { DatabaseInfo, Sighting } from '../report/report.ts';
import type { ArtifactScan } from './model.ts';

export interface KnownFiles {
  readonly database: DatabaseInfo | null;
  readonly sightings: readonly Sighting[];
  /** `known-file`: a match per file that was found, one row for all that were not. `database`: it could not be used. */
  readonly checks: readonly CheckDraft[];
}

const NAME = 'the database of known files';

/**
 * @param now ISO time of the report: a database ages, and its age is said
 * @param seen highest sequence of this database that was used before; a lower one is refused
 * @throws AppError SOURCE_ABORTED; a database that cannot be used becomes a check, never "not known"
 */
export async function lookUp(
  files: DatabaseFiles,
  scans: readonly Pick<ArtifactScan, 'path' | 'digests'>[],
  { now, seen }: { readonly now: string; readonly seen?: number },
  ctx: JobContext,
): Promise<KnownFiles> {
  const checks: CheckDraft[] = [];
  const sightings: Sighting[] = [];
  const source = { kind: 'known-files', name: NAME, independent: true };
  const failed = (error: unknown, path?: string): void => {
    const reason = toErrorData(error);
    if (reason.code === 'SOURCE_ABORTED') throw new AppError('SOURCE_ABORTED');
    const about = path === undefined ? {} : { path };
    checks.push({ axis: 'bytes', kind: 'database', outcome: 'could-not-check', source, reason, ...about });
  };
  let database: Database;
  try {
    database = await openDatabase({ files, sha256, ...(seen === undefined ? {} : { seen }) }, ctx.signal);
  } catch (error) {
    failed(error);
    return { database: null, sightings, checks };
  }
  const unknown: string[] = [];
  for (const { path, digests } of scans) {
    const digest = digests.sha256;
    if (digest === undefined) continue;
    try {
      const found = await database.find(digest, ctx.signal);
      sightings.push(...found.map((sighting) => toSighting(path, digest, sighting)));
      const [best] = found;
      if (best === undefined) {
        unknown.push(path);
        continue;
      }
      const { repo, file, revision, trust, disputed } = best;
      const at = revision === null ? {} : { revision };
      const detail = { repo, file, ...at, trust, disputed, places: found.length };
      const match = { axis: 'bytes', kind: 'known-file', outcome: 'matches', source, path } as const;
      checks.push({ ...match, algorithm: 'sha256', expected: digest, actual: digest, detail });
    } catch (error) {
      failed(error, path);
    }
  }
  if (unknown.length > 0) {
    const { counts, created } = database.manifest;
    const days = ageInDays(created, now);
    const detail = {
      files: unknown.length,
      known: counts.files,
      date: created,
      ...(days > DB_STALE_DAYS ? { days } : {}),
    };
    const about = unknown.length === 1 ? { path: unknown[0]! } : {};
    checks.push({ axis: 'bytes', kind: 'known-file', outcome: 'no-claim', source, detail, ...about });
  }
  const { id, created, counts, sequence } = database.manifest;
  const info = { id, created, files: counts.files, sequence, signature: database.signature } as const;
  return { database: info, sightings, checks };
}

function ageInDays(created: string, now: string): number {
  const age = Math.floor((Date.parse(now) - Date.parse(created)) / 86_400_000);
  return Number.isFinite(age) ? age : 0;
}

function toSighting(path: string, sha256: string, found: Awaited<ReturnType<Database['find']>>[number]): Sighting {
  const { repo, file, revision, license, trust, moved, old, disputed, source } = found;
  return {
    path,
    sha256,
    repo,
    file,
    ...(revision === null ? {} : { revision }),
    ...(license === null ? {} : { license }),
    trust,
    moved,
    old,
    disputed,
    source: { name: source.name, url: source.url, license: source.license, read: source.read },
  };
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
