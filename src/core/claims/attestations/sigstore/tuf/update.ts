/**
 * One target of a TUF repository, by the client workflow of the TUF specification 1.0.34 (section 5): root by root from the
 * one that is known, then timestamp, snapshot, targets, and the file itself. Nothing is returned before all of it holds.
 */
import type { HttpTransport } from '../../../../bytes/transport.ts';
import { AppError } from '../../../../errors.ts';
import {
  TUF_ROOT_MAX,
  TUF_ROOTS_MAX,
  TUF_SNAPSHOT_MAX,
  TUF_TARGET_MAX,
  TUF_TARGETS_MAX,
  TUF_TIMESTAMP_MAX,
} from '../../../../limits.ts';
import { loadTuf, type TufEngine } from '../load.ts';
import type { Metadata, Root, Snapshot, Timestamp } from './engine.ts';
import { DIGESTS, Repository, type Stated } from './fetch.ts';
import { readMetadata, requireCurrent, requireSigned, type Role } from './metadata.ts';

/** Versions that were seen: older ones are refused later (sections 5.3.5, 5.4.3, 5.5.5). */
export interface SeenVersions {
  readonly root: number;
  readonly timestamp: number;
  readonly snapshot: number;
  readonly targets: number;
  /** Ids of the keys for timestamps and snapshots. Other keys: their versions are forgotten (section 5.3.11). */
  readonly keys: string;
}

export interface TargetRequest {
  /** Address of the repository, ending in a slash. */
  readonly base: string;
  /** Path of the target. */
  readonly target: string;
  /** Root metadata that is trusted to begin with. It may have expired. */
  readonly root: Uint8Array;
  readonly seen?: SeenVersions;
  /** ISO time that counts as now. */
  readonly now: string;
}

export interface FoundTarget {
  readonly bytes: Uint8Array;
  readonly seen: SeenVersions;
}

/**
 * @throws AppError TRUST_CHAIN, TRUST_THRESHOLD, TRUST_ROLLBACK, TRUST_EXPIRED, TRUST_HASH, TRUST_METADATA; SOURCE_* of
 *   the network
 */
export async function updateTarget(
  request: TargetRequest,
  http: HttpTransport,
  signal: AbortSignal,
): Promise<FoundTarget> {
  const engine = await loadTuf();
  const files = new Repository(request.base, http, signal);
  // One clock for the whole update (section 5.1): a slow one must not expire half-way.
  const now = new Date(request.now);
  const root = await latestRoot(engine, files, request, now);
  const keys = rolesKeys(root);
  const seen = request.seen?.keys === keys ? request.seen : undefined;

  const timestamp = await latestTimestamp(engine, files, root, seen, now);
  const consistent = root.signed.consistentSnapshot;
  const read = async <R extends 'snapshot' | 'targets'>(role: R, stated: Stated & { version: number }, by: Role) => {
    const name = `${role}.json`;
    const path = consistent ? `${stated.version}.${name}` : name;
    const most = role === 'snapshot' ? TUF_SNAPSHOT_MAX : TUF_TARGETS_MAX;
    const metadata = readMetadata(engine, role, await files.getStated(path, name, by, stated, most));
    requireSigned(root, role, metadata);
    const { version } = metadata.signed;
    if (version !== stated.version) {
      throw new AppError('TRUST_METADATA', { role, why: `version ${version} and not ${stated.version}` });
    }
    return metadata;
  };

  const snapshot: Metadata<Snapshot> = await read('snapshot', timestamp.signed.snapshotMeta, 'timestamp');
  const meta = Object.hasOwn(snapshot.signed.meta, 'targets.json') ? snapshot.signed.meta['targets.json'] : undefined;
  if (meta === undefined) throw new AppError('TRUST_METADATA', { role: 'snapshot', why: 'it names no targets' });
  requireNotOlder('targets', meta.version, seen?.targets);
  requireCurrent('snapshot', snapshot, now);

  const targets = await read('targets', meta, 'snapshot');
  requireCurrent('targets', targets, now);

  const bytes = await download(files, targets.signed.targets, request.target, consistent);
  return {
    bytes,
    seen: {
      root: root.signed.version,
      timestamp: timestamp.signed.version,
      snapshot: snapshot.signed.version,
      targets: targets.signed.version,
      keys,
    },
  };
}

/** Section 5.3: every root is signed by enough holders of the one before it, and of its own. */
async function latestRoot(
  engine: TufEngine,
  files: Repository,
  { root: start, seen }: TargetRequest,
  now: Date,
): Promise<Metadata<Root>> {
  let trusted = readMetadata(engine, 'root', start);
  requireSigned(trusted, 'root', trusted);
  for (let followed = 0; ; followed += 1) {
    const version = trusted.signed.version + 1;
    const bytes = await files.find(`${version}.root.json`, TUF_ROOT_MAX);
    if (bytes === null) break;
    if (followed === TUF_ROOTS_MAX) throw new AppError('TRUST_CHAIN', { why: `more than ${TUF_ROOTS_MAX} newer ones` });
    const next = readMetadata(engine, 'root', bytes);
    requireSigned(trusted, 'root', next);
    requireSigned(next, 'root', next);
    if (next.signed.version !== version) {
      throw new AppError('TRUST_CHAIN', { why: `version ${next.signed.version} in the place of ${version}` });
    }
    trusted = next;
  }
  requireNotOlder('root', trusted.signed.version, seen?.root);
  // Those on the way may have expired, the last may not (section 5.3.10).
  requireCurrent('root', trusted, now);
  return trusted;
}

/** Section 5.4. */
async function latestTimestamp(
  engine: TufEngine,
  files: Repository,
  root: Metadata<Root>,
  seen: SeenVersions | undefined,
  now: Date,
): Promise<Metadata<Timestamp>> {
  const timestamp = readMetadata(engine, 'timestamp', await files.get('timestamp.json', TUF_TIMESTAMP_MAX));
  requireSigned(root, 'timestamp', timestamp);
  requireNotOlder('timestamp', timestamp.signed.version, seen?.timestamp);
  requireNotOlder('snapshot', timestamp.signed.snapshotMeta.version, seen?.snapshot);
  requireCurrent('timestamp', timestamp, now);
  return timestamp;
}

/** @throws AppError TRUST_ROLLBACK {role, version, seen} */
function requireNotOlder(role: Role, version: number, seen: number | undefined): void {
  if (seen !== undefined && version < seen) throw new AppError('TRUST_ROLLBACK', { role, version, seen });
}

/** Section 5.7. With consistent snapshots the digest stands before the name: `targets/<digest>.trusted_root.json`. */
async function download(
  files: Repository,
  targets: Readonly<Record<string, Stated>>,
  name: string,
  consistent: boolean,
): Promise<Uint8Array> {
  const stated = Object.hasOwn(targets, name) ? targets[name] : undefined;
  const [algorithm] = Object.keys(DIGESTS).filter((one) => Object.hasOwn(stated?.hashes ?? {}, one));
  const digest = stated?.hashes?.[algorithm ?? ''];
  if (stated === undefined || digest === undefined || !/^[0-9a-f]{64,128}$/i.test(digest)) {
    throw new AppError('TRUST_METADATA', { role: 'targets', why: `it states no digest of ${name}` });
  }
  const cut = name.lastIndexOf('/') + 1;
  const path = consistent ? `${name.slice(0, cut)}${digest}.${name.slice(cut)}` : name;
  return files.getStated(`targets/${path}`, name, 'targets', stated, TUF_TARGET_MAX);
}

function rolesKeys({ signed: { roles } }: Metadata<Root>): string {
  const of = (role: Role): string => [...(roles[role]?.keyIDs ?? [])].sort().join(',');
  return `${of('timestamp')};${of('snapshot')}`;
}
