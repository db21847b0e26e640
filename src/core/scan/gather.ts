/** Collects every statement there is about a model: beside the files, at the Hub, and what the person gave. */
import type { HttpTransport } from '../bytes/transport.ts';
import { openSource, type OpenContext } from '../bytes/open.ts';
import type { CheckDraft } from '../claims/check-list.ts';
import type { Claim } from '../claims/claim.ts';
import { claimOfSnapshot } from '../claims/hub.ts';
import { claimOfPointers, parseLfsPointer } from '../claims/layout-lfs.ts';
import { findClaims, parseAgainstText } from '../claims/registry.ts';
import { AppError, toErrorData } from '../errors.ts';
import type { HubAccess } from '../hub/access.ts';
import { readSnapshot } from '../hub/client.ts';
import { showHubRef } from '../hub/parse-ref.ts';
import type { HubSnapshot } from '../hub/ref.ts';
import type { JobContext } from '../progress.ts';
import { allNames, underOwnNames } from './links.ts';
import type { Against, ModelOrigin, PlannedArtifact } from './model.ts';

/** A Git-LFS pointer is at most this long (git-lfs, docs/spec.md). Bytes. */
const LFS_POINTER_MAX = 1024;

export interface Gathered {
  readonly claims: readonly Claim[];
  /** Statements that could not be read or fetched, and why. */
  readonly checks: readonly CheckDraft[];
  /** Repositories that were listed, with how to ask them further. */
  readonly hubs: readonly { readonly snapshot: HubSnapshot; readonly access: HubAccess }[];
}

export interface GatherInput {
  readonly artifacts: readonly Pick<PlannedArtifact, 'path' | 'size' | 'spec' | 'aliases'>[];
  readonly origin: ModelOrigin;
  /** The listing of the model itself, when it is on the Hub. */
  readonly snapshot?: HubSnapshot;
  readonly against: readonly Against[];
  readonly offline: boolean;
}

/** @throws AppError SOURCE_ABORTED; everything else becomes a check */
export async function gatherClaims(input: GatherInput, open: OpenContext, ctx: JobContext): Promise<Gathered> {
  const claims: Claim[] = [];
  const checks: CheckDraft[] = [];
  const hubs: { snapshot: HubSnapshot; access: HubAccess }[] = [];
  const unreadable = (error: unknown, name: string, kind: string): void => {
    const reason = toErrorData(error);
    if (reason.code === 'SOURCE_ABORTED') throw new AppError('SOURCE_ABORTED');
    const source = { kind, name, independent: true };
    checks.push({ axis: 'bytes', kind: 'claim-unreadable', outcome: 'could-not-check', source, reason });
  };

  if (input.snapshot) claims.push(claimOfSnapshot(input.snapshot, true));
  try {
    claims.push(...(await beside(input.artifacts, open, ctx)));
  } catch (error) {
    unreadable(error, 'the files beside it', 'sums');
  }
  for (const given of input.against) {
    try {
      if (given.kind === 'text') {
        claims.push(parseAgainstText(given.text, given.name));
        continue;
      }
      const access = hubAccess(given, open.http, input.offline);
      const snapshot = await readSnapshot(access, given.ref, ctx.signal);
      const same = input.origin.kind === 'hub' && input.origin.repo === snapshot.repo;
      claims.push(claimOfSnapshot(snapshot, same, given.ref.file));
      hubs.push({ snapshot, access });
    } catch (error) {
      if (given.kind === 'text') unreadable(error, given.name, 'sums');
      else unreadable(error, showHubRef(given.ref), 'hub');
    }
  }
  return { claims, checks, hubs };
}

/** @throws AppError SOURCE_OFFLINE when requests are not allowed, ENGINE_UNSUPPORTED without a network */
function hubAccess(
  given: Against & { kind: 'hub' },
  transport: HttpTransport | undefined,
  offline: boolean,
): HubAccess {
  if (offline) throw new AppError('SOURCE_OFFLINE', { url: showHubRef(given.ref), asked: true });
  if (transport === undefined) throw new AppError('ENGINE_UNSUPPORTED', { kind: 'http' });
  return {
    transport,
    ...(given.endpoint === undefined ? {} : { endpoint: given.endpoint }),
    ...(given.token === undefined ? {} : { token: given.token }),
  };
}

/** Statements that lie among the files themselves, pointers included. */
async function beside(artifacts: GatherInput['artifacts'], open: OpenContext, ctx: JobContext): Promise<Claim[]> {
  const named = allNames(artifacts);
  const byPath = new Map(named.map((a) => [a.path, a]));
  const read = async (path: string, limit: number): Promise<Uint8Array> => {
    const artifact = byPath.get(path);
    if (artifact === undefined) throw new AppError('SOURCE_NOT_FOUND', { path });
    if (artifact.size > limit) throw new AppError('SOURCE_TOO_LARGE', { path, size: artifact.size, most: limit });
    const source = await openSource(artifact.spec, open, ctx.signal);
    return source.read(0, source.size, ctx.signal);
  };
  const claims = [...underOwnNames(await findClaims({ files: named, read }), artifacts)];
  const pointers = [];
  for (const { path, size, spec } of artifacts) {
    // Remote listings state digests themselves; a request per small file would only spend the rate limit.
    if (size === 0 || size > LFS_POINTER_MAX || spec.kind === 'http') continue;
    const pointer = await read(path, LFS_POINTER_MAX).then(parseLfsPointer, unreadable);
    if (pointer) pointers.push({ ...pointer, path });
  }
  const paths = new Set(pointers.map((p) => p.path));
  const others = artifacts.map((a) => a.path).filter((path) => !paths.has(path));
  const claim = claimOfPointers(pointers, others);
  if (claim) claims.push(claim);
  return claims;
}

/** A small file that cannot be read is no pointer; its scan says why. */
function unreadable(error: unknown): null {
  if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
  return null;
}
