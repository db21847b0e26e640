import { HUB_HISTORY_MAX } from '../limits.ts';
import { endpointOf, type HubAccess } from './access.ts';
import { listFiles } from './client.ts';
import { hubPages } from './pages.ts';
import type { HubFile } from './ref.ts';
import { commitsSchema, parsed } from './schemas.ts';

export interface HubCommit {
  /** 40 lower-case hex digits. */
  readonly id: string;
  /** ISO time. */
  readonly date: string;
  /** First line of the message: text from strangers. */
  readonly title: string;
}

/** What a local file is known by; one of the two is enough. Lower-case hex. */
export interface FileIdentity {
  readonly sha256?: string;
  readonly blobId?: string;
}

export interface HistoryMatch {
  readonly commit: HubCommit;
  /** How many commits are newer. */
  readonly age: number;
}

export interface HistorySearch {
  /** Newest commit that states every given file as given; absent when none of those looked at does. */
  readonly match?: HistoryMatch;
  /** For each path: newest commit that states this file as given. Paths that none states are absent. */
  readonly files: ReadonlyMap<string, HistoryMatch>;
  /** Commits whose listings were read. */
  readonly looked: number;
  /** True when there are older commits that were not looked at. */
  readonly more: boolean;
}

/**
 * The newest commits of a revision, newest first.
 * @throws AppError HUB_*, SOURCE_*
 */
export async function listCommits(
  access: HubAccess,
  repo: string,
  revision: string,
  limit: number,
  signal?: AbortSignal,
): Promise<{ readonly commits: readonly HubCommit[]; readonly more: boolean }> {
  const address = `${endpointOf(access)}/api/models/${repo}/commits/${encodeURIComponent(revision)}`;
  const commits: HubCommit[] = [];
  for await (const page of hubPages(access, `${address}?limit=${limit + 1}`, { repo, revision }, signal)) {
    commits.push(...parsed(commitsSchema, page, repo));
    if (commits.length > limit) return { commits: commits.slice(0, limit), more: true };
  }
  return { commits, more: false };
}

/**
 * Which of the last commits stated these files: "differs from main, equals the commit of 3 May". One listing is read per
 * commit, newest first, and the walk ends at the first commit that states them all.
 *
 * @param wanted path → identity; a file matches when its SHA-256 (LFS) or its git blob id (others) is the stated one
 * @param limit commits to look at, at most HUB_HISTORY_MAX
 * @throws AppError HUB_*, SOURCE_*
 */
export async function findInHistory(
  access: HubAccess,
  repo: string,
  revision: string,
  wanted: ReadonlyMap<string, FileIdentity>,
  limit: number = HUB_HISTORY_MAX,
  signal?: AbortSignal,
): Promise<HistorySearch> {
  const { commits, more } = await listCommits(access, repo, revision, Math.min(limit, HUB_HISTORY_MAX), signal);
  const files = new Map<string, HistoryMatch>();
  for (const [age, commit] of commits.entries()) {
    const listed = new Map((await listFiles(access, repo, commit.id, signal)).map((file) => [file.path, file]));
    const stated = [...wanted].filter(([path, identity]) => states(listed.get(path), identity));
    const match = { commit, age };
    for (const [path] of stated) if (!files.has(path)) files.set(path, match);
    if (wanted.size > 0 && stated.length === wanted.size) {
      return { match, files, looked: age + 1, more: more || age + 1 < commits.length };
    }
  }
  return { files, looked: commits.length, more };
}

function states(file: HubFile | undefined, identity: FileIdentity): boolean {
  if (file === undefined) return false;
  // The blob id of a file in LFS is that of its pointer, and says nothing about content at hand.
  if (file.sha256 !== undefined) return file.sha256 === identity.sha256;
  return file.blobId === identity.blobId;
}
