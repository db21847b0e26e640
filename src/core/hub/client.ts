import { openHttp } from '../bytes/http.ts';
import type { ByteSource, SourceSpec } from '../bytes/source.ts';
import { systemClock } from '../bytes/transport.ts';
import { AppError } from '../errors.ts';
import { SIDE_FILE_MAX } from '../limits.ts';
import { authorization, endpointOf, hubGet, hubJson, type HubAccess } from './access.ts';
import { hubPages } from './pages.ts';
import { encodePath } from './parse-ref.ts';
import type { HubFile, HubRef, HubSnapshot } from './ref.ts';
import { pathFault, repoFault } from './repo-path.ts';
import { parsed, revisionSchema, treeSchema, type TreeEntry } from './schemas.ts';

/** A repository at a commit, before its files are listed. */
export interface ResolvedRef {
  readonly repo: string;
  /** 40 lower-case hex digits. */
  readonly commit: string;
  /** The name asked for, when the Hub knows the repository by another one now. */
  readonly asked?: string;
}

/**
 * A branch or tag as the commit it stands for now. Everything after this uses the commit, so that a push in the middle
 * of a check changes nothing.
 *
 * @throws AppError HUB_*, SOURCE_*
 */
export async function resolveRevision(access: HubAccess, ref: HubRef, signal?: AbortSignal): Promise<ResolvedRef> {
  const revision = ref.revision ?? 'main';
  const url = `${endpointOf(access)}/api/models/${ref.repo}/revision/${encodeURIComponent(revision)}`;
  const { value } = await hubJson(access, url, { repo: ref.repo, revision }, signal);
  const { id, sha } = parsed(revisionSchema, value, ref.repo);
  // Asked for a whole commit, the Hub must name that one.
  if (/^[0-9a-f]{40}$/.test(revision) && sha !== revision) {
    throw new AppError('HUB_RESPONSE', { repo: ref.repo, reason: 'commit' });
  }
  if (id === ref.repo) return { repo: id, commit: sha };
  if (repoFault(id) !== null) throw new AppError('HUB_RESPONSE', { repo: ref.repo, reason: 'name' });
  return { repo: id, commit: sha, asked: ref.repo };
}

/**
 * The repository at the commit its revision stands for, with every file's size and digest as the Hub states them.
 *
 * @throws AppError HUB_*, SOURCE_*; HUB_RESPONSE when the listing is not one (paths that lead out of it, duplicates,
 * sizes that disagree): nothing of such a listing is used
 */
export async function readSnapshot(access: HubAccess, ref: HubRef, signal?: AbortSignal): Promise<HubSnapshot> {
  const resolved = await resolveRevision(access, ref, signal);
  const files = await listFiles(access, resolved.repo, resolved.commit, signal);
  const now = (access.transport.clock ?? systemClock).now();
  return {
    repo: resolved.repo,
    commit: resolved.commit,
    ...(ref.revision === undefined || ref.revision === resolved.commit ? {} : { revision: ref.revision }),
    ...(resolved.asked === undefined ? {} : { asked: resolved.asked }),
    files,
    read: new Date(now).toISOString(),
  };
}

/** The files of one commit, sorted by path. @throws AppError HUB_*, SOURCE_* */
export async function listFiles(
  access: HubAccess,
  repo: string,
  commit: string,
  signal?: AbortSignal,
): Promise<readonly HubFile[]> {
  const first = `${endpointOf(access)}/api/models/${repo}/tree/${commit}?recursive=true&expand=false`;
  const files = new Map<string, HubFile>();
  for await (const page of hubPages(access, first, { repo, revision: commit }, signal)) {
    for (const entry of parsed(treeSchema, page, repo)) {
      if (entry.type === 'directory') continue;
      const file = checkedFile(entry, repo);
      if (files.has(file.path)) throw new AppError('HUB_RESPONSE', { repo, reason: 'duplicate', path: file.path });
      files.set(file.path, file);
    }
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function checkedFile(entry: TreeEntry, repo: string): HubFile {
  const { path, size, oid, lfs } = entry;
  const wrong = (reason: string): AppError => new AppError('HUB_RESPONSE', { repo, reason, path: path.slice(0, 200) });
  if (pathFault(path) !== null) throw wrong('path');
  if (size === undefined || oid === undefined) throw wrong('shape');
  if (lfs !== undefined && lfs.size !== size) throw wrong('size');
  return { path, size, blobId: oid, ...(lfs === undefined ? {} : { sha256: lfs.oid }) };
}

/** Where a file's content is: pinned to the commit, redirected by the Hub to its CDN. */
export function resolveUrl(access: HubAccess, repo: string, commit: string, path: string): string {
  return `${endpointOf(access)}/${repo}/resolve/${encodeURIComponent(commit)}/${encodePath(path)}`;
}

type HttpSpec = Extract<SourceSpec, { kind: 'http' }>;
type PinnedRepo = Pick<HubSnapshot, 'repo' | 'commit'>;

/** How to open a listed file in any worker. */
export function hubFileSpec(access: HubAccess, snapshot: PinnedRepo, file: HubFile): HttpSpec {
  const header = authorization(access);
  return {
    kind: 'http',
    name: file.path,
    url: resolveUrl(access, snapshot.repo, snapshot.commit, file.path),
    size: file.size,
    ...(header === undefined ? {} : { authorization: header }),
  };
}

/** Opens a listed file. @throws AppError SOURCE_* */
export async function openHubFile(
  access: HubAccess,
  snapshot: PinnedRepo,
  file: HubFile,
  signal?: AbortSignal,
): Promise<ByteSource> {
  return openHttp(hubFileSpec(access, snapshot, file), access.transport, signal);
}

/**
 * A file as git holds it (`/raw/`): the content of an ordinary file, the pointer of one in LFS. For small files only.
 *
 * @throws AppError HUB_*, SOURCE_*; HUB_RESPONSE {reason: 'too-large' | 'size'}
 */
export async function readRaw(
  access: HubAccess,
  snapshot: PinnedRepo,
  file: HubFile,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { repo, commit } = snapshot;
  const url = `${endpointOf(access)}/${repo}/raw/${commit}/${encodePath(file.path)}`;
  const { bytes } = await hubGet(access, url, { repo, revision: commit, file: file.path }, SIDE_FILE_MAX, signal);
  if (file.sha256 === undefined && bytes.length !== file.size) {
    throw new AppError('HUB_RESPONSE', { repo, reason: 'size', path: file.path, wanted: file.size, got: bytes.length });
  }
  return bytes;
}
