/** The files that a person's words stand for: a repository becomes a commit and its listing, an address one file. */
import { openSource, type OpenContext } from '../bytes/open.ts';
import { AppError } from '../errors.ts';
import type { HubAccess } from '../hub/access.ts';
import { hubFileSpec, readSnapshot } from '../hub/client.ts';
import type { HubRef, HubSnapshot } from '../hub/ref.ts';
import { ARTIFACTS_MAX } from '../limits.ts';
import type { Intake, LocalFile, ModelOrigin } from './model.ts';

export interface Listing {
  readonly name: string;
  readonly origin: ModelOrigin;
  readonly files: readonly LocalFile[];
  readonly snapshot?: HubSnapshot;
}

/**
 * @param known the listing of this very commit, when it was made before: then the Hub is not asked again
 * @throws AppError HUB_*, SOURCE_*; HUB_NOT_FOUND {file} when the reference names a file that the repository does not
 *   have; USAGE {problem} for no files or too many; ENGINE_UNSUPPORTED when these surroundings have no network
 */
export async function listIntake(
  intake: Intake,
  tools: OpenContext,
  signal: AbortSignal,
  known?: HubSnapshot,
): Promise<Listing> {
  const listing = await list(intake, tools, signal, known);
  const count = listing.files.length;
  if (count === 0) throw new AppError('USAGE', { problem: `There are no files in ${listing.name}.` });
  if (count > ARTIFACTS_MAX) {
    throw new AppError('USAGE', {
      problem: `${listing.name} has ${count} files; at most ${ARTIFACTS_MAX} are checked.`,
    });
  }
  return listing;
}

async function list(
  intake: Intake,
  tools: OpenContext,
  signal: AbortSignal,
  known: HubSnapshot | undefined,
): Promise<Listing> {
  switch (intake.kind) {
    case 'local':
      return { name: intake.name, origin: { kind: 'local' }, files: intake.files };
    case 'hub':
      return listHub(intake.ref, hubAccess(intake, tools), signal, known);
    case 'url': {
      const name = nameOfUrl(intake.url);
      const spec = { kind: 'http', name, url: intake.url } as const;
      const { size } = await openSource(spec, tools, signal);
      return { name, origin: { kind: 'url', url: intake.url }, files: [{ path: name, size, spec: { ...spec, size } }] };
    }
  }
}

/** How the Hub is asked for this. @throws AppError ENGINE_UNSUPPORTED without a network */
export function hubAccess(
  { endpoint, token }: { readonly endpoint?: string; readonly token?: string },
  { http }: OpenContext,
): HubAccess {
  if (http === undefined) throw new AppError('ENGINE_UNSUPPORTED', { kind: 'http' });
  return {
    transport: http,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(token === undefined ? {} : { token }),
  };
}

async function listHub(
  ref: HubRef,
  access: HubAccess,
  signal: AbortSignal,
  known: HubSnapshot | undefined,
): Promise<Listing> {
  const same =
    known !== undefined && (known.repo === ref.repo || known.asked === ref.repo) && known.commit === ref.revision;
  const snapshot = same ? known : await readSnapshot(access, ref, signal);
  const { repo, commit, revision } = snapshot;
  const chosen = ref.file === undefined ? snapshot.files : snapshot.files.filter((file) => file.path === ref.file);
  if (ref.file !== undefined && chosen.length === 0) {
    throw new AppError('HUB_NOT_FOUND', { repo, revision: commit, file: ref.file });
  }
  return {
    name: repo,
    origin: { kind: 'hub', repo, commit, ...(revision === undefined ? {} : { revision }) },
    files: chosen.map((file) => ({ path: file.path, size: file.size, spec: hubFileSpec(access, snapshot, file) })),
    snapshot,
  };
}

/** The last part of the path; the host when there is none. */
function nameOfUrl(url: string): string {
  if (!URL.canParse(url)) throw new AppError('USAGE', { problem: `“${url.slice(0, 200)}” is not an address.` });
  const { pathname, host } = new URL(url);
  const last = pathname.split('/').findLast((part) => part !== '') ?? '';
  try {
    // An encoded slash must not become a folder.
    return decodeURIComponent(last).replaceAll('/', '_') || host;
  } catch {
    return last || host;
  }
}
