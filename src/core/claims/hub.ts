/** What Hugging Face states about the files of a repository at a commit. */
import type { HubFile, HubRef, HubSnapshot } from '../hub/ref.ts';
import type { Claim, DigestStatement } from './claim.ts';

/** How many digits of a commit stand in sentences: git's usual abbreviation. */
const SHORT_COMMIT = 7;

/** `org/name at a1b2c3d`. */
export function snapshotName(repo: string, commit: string): string {
  return `${repo} at ${commit.slice(0, SHORT_COMMIT)}`;
}

/**
 * A listing as a claim: SHA-256 for files in LFS or Xet, git blob id for the others. The listing is complete, so what
 * is missing or extra shows, unless the reference names one file only.
 *
 * @param sameHost true when the bytes come from the Hub as well: then the digests prove an undamaged transfer, no more
 * @param file the one file the reference names; its statement then fits the only artifact, whatever that is called
 */
export function claimOfSnapshot(snapshot: HubSnapshot, sameHost: boolean, file?: HubRef['file']): Claim {
  const { repo, commit, read } = snapshot;
  const files = file === undefined ? snapshot.files : snapshot.files.filter((f) => f.path === file);
  return {
    source: { kind: 'hub', name: snapshotName(repo, commit), independent: !sameHost, date: read },
    statements: files.map((f) =>
      file === undefined ? statementOf(f) : { ...statementOf(f), path: null, label: f.path },
    ),
    exhaustive: file === undefined,
    skipped: [],
    commit,
  };
}

function statementOf({ path, size, sha256, blobId }: HubFile): DigestStatement {
  if (sha256 !== undefined) return { path, size, algorithm: 'sha256', digest: sha256, scope: 'file' };
  return { path, size, algorithm: 'git-blob-sha1', digest: blobId, scope: 'file' };
}

/**
 * Files that lie in folders without being part of the model: they are never counted as extra or missing. What git and
 * the Hub's client write themselves, and what operating systems leave behind.
 */
export function isBookkeeping(path: string): boolean {
  return /(?:^|\/)(?:\.git|\.cache|\.huggingface|__MACOSX)\/|(?:^|\/)(?:\.gitattributes|\.gitignore|\.DS_Store|Thumbs\.db|desktop\.ini)$/i.test(
    path,
  );
}
