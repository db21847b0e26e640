/** Files that differ from a repository may equal one of its earlier commits: replaced upstream, not tampered with. */
import type { Check } from '../claims/check.ts';
import { snapshotName } from '../claims/hub.ts';
import { AppError, toErrorData } from '../errors.ts';
import type { HubAccess } from '../hub/access.ts';
import { findInHistory, type FileIdentity } from '../hub/history.ts';
import type { HubSnapshot } from '../hub/ref.ts';
import type { ArtifactScan } from './model.ts';

/** More differing files than this are another model, not an older version. */
const FILES_MAX = 50;

/**
 * The checks, with `equalsCommit` and `equalsDate` on those that contradict a repository and equal an older or newer
 * commit of the same branch, else `commitsLooked`. One request per commit looked at.
 *
 * @throws AppError SOURCE_ABORTED; any other failure leaves the checks as they are
 */
export async function withHistory(
  checks: readonly Check[],
  scans: ReadonlyMap<string, ArtifactScan>,
  hub: { readonly snapshot: HubSnapshot; readonly access: HubAccess },
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { snapshot, access } = hub;
  const name = snapshotName(snapshot.repo, snapshot.commit);
  const wanted = new Map<string, FileIdentity>();
  const paths = new Map<string, string>();
  for (const check of checks) {
    const { kind, outcome, source, path } = check;
    if (kind !== 'file-digest' || outcome !== 'contradicts' || source.kind !== 'hub' || source.name !== name) continue;
    const digests = path === undefined ? undefined : scans.get(path)?.digests;
    if (digests === undefined) continue;
    const listed = String(check.detail?.['listedAs'] ?? path);
    paths.set(check.id, listed);
    const blobId = digests['git-blob-sha1'];
    wanted.set(listed, {
      ...(digests.sha256 === undefined ? {} : { sha256: digests.sha256 }),
      ...(blobId === undefined ? {} : { blobId }),
    });
  }
  if (wanted.size === 0 || wanted.size > FILES_MAX) return checks;
  try {
    const found = await findInHistory(access, snapshot.repo, snapshot.revision ?? 'main', wanted, undefined, signal);
    return checks.map((check) => {
      const listed = paths.get(check.id);
      if (listed === undefined) return check;
      const match = found.match ?? found.files.get(listed);
      const facts =
        match === undefined || match.commit.id === snapshot.commit
          ? { commitsLooked: found.looked }
          : { equalsCommit: match.commit.id, equalsDate: match.commit.date };
      return { ...check, detail: { ...check.detail, ...facts } };
    });
  } catch (error) {
    if (toErrorData(error).code === 'SOURCE_ABORTED') throw new AppError('SOURCE_ABORTED');
    return checks;
  }
}
