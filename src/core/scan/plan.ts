import { openSource, type OpenContext } from '../bytes/open.ts';
import { attestationKind, isAttestationName } from '../claims/attestations/registry.ts';
import type { Claim } from '../claims/claim.ts';
import type { Folder } from '../claims/folder.ts';
import { claimOfSnapshot } from '../claims/hub.ts';
import { findClaims, parseAgainstText } from '../claims/registry.ts';
import { wantedAlgorithms } from '../claims/wanted.ts';
import { AppError, throwIfAborted, toErrorData, type ErrorData } from '../errors.ts';
import { unfinishedByCompanion } from '../formats/disguise/unfinished.ts';
import { formatByName, identify } from '../formats/registry.ts';
import { namedModels, recogniseModels, type FolderFile, type ModelFolder } from '../formats/set/model-folders.ts';
import type { Algorithm } from '../hash/hasher.ts';
import type { HubSnapshot } from '../hub/ref.ts';
import { ATTESTATIONS_MAX, CLAIM_BUNDLE_MAX } from '../limits.ts';
import type { JobContext } from '../progress.ts';
import { listIntake, type Listing } from './listing.ts';
import { allNames, mergeBlobs, underOwnNames, type NamedFile } from './links.ts';
import type { Against, Depth, Intake, Plan, PlannedArtifact } from './model.ts';
import { isReadWhole } from './describe-artifact.ts';
import { plannedChecks, type ExpectedClaims } from './planned-checks.ts';
import { readConfigs } from './read-configs.ts';
import { roleByName, type Role } from './roles.ts';

export interface PlanRequest {
  readonly intake: Intake;
  readonly against: readonly Against[];
  readonly depth: Depth;
  /** The listing of the repository, when another plan of the same commit has made it already. */
  readonly snapshot?: HubSnapshot;
}

type PlannedListing = Omit<Listing, 'files'> & { readonly files: readonly NamedFile[] };

/** First bytes that formats are known by. */
const HEAD = 4096;
/** Files whose first bytes are looked at because their name tells nothing: an Ollama store has a few hundred. */
const LOOKED_AT_MAX = 1000;
/** What reading a header costs on average: the first and last 64 KiB. For the estimate only. */
const HEADER_COST = 128 * 1024;

/**
 * What will be read, which digests are wanted of it, and which questions that answers. Reads listings, statements and
 * a few first bytes; no body.
 *
 * @throws AppError HUB_*, SOURCE_*, USAGE; ENGINE_UNSUPPORTED when something remote is asked for and there is no network
 */
export async function makePlan(request: PlanRequest, tools: OpenContext, ctx: JobContext): Promise<Plan> {
  const { intake, against, depth } = request;
  ctx.progress({ phase: 'listing', done: 0 });
  const listed = await listIntake(intake, tools, ctx.signal, request.snapshot);
  const listing = { ...listed, files: mergeBlobs(listed.files) };
  const roles = await assignRoles(listing, tools, ctx.signal);
  const expected = await expectClaims(listing, intake, against, tools, ctx.signal);
  const content = listing.files.filter((file) => roles.get(file.path) !== 'claim').map((file) => file.path);
  const wanted = wantedAlgorithms(expected.claims, content);
  const attested = await attestedAlgorithms(listing.files, tools, ctx.signal);
  const unfinished = unfinishedByCompanion(listing.files.map((file) => file.path));
  const artifacts = listing.files.map(({ path, size, spec, aliases }): PlannedArtifact => {
    const { algorithms = [], tensorAlgorithms = [] } = wanted.get(path) ?? {};
    return {
      path,
      size,
      spec,
      role: roles.get(path)!,
      algorithms:
        roles.get(path) === 'claim' ? algorithms : [...new Set([...algorithms, ...(attested.get(path) ?? [])])].sort(),
      tensorAlgorithms,
      ...(aliases === undefined ? {} : { aliases }),
      ...(unfinished.has(path) ? { unfinished: `${path}.aria2` } : {}),
    };
  });
  artifacts.sort(byImportance);
  const models = await plannedModels(artifacts, listing, tools, ctx.signal);
  return {
    name: listing.name,
    origin: listing.origin,
    depth,
    artifacts,
    bytes: bytesToRead(artifacts, depth),
    checks: plannedChecks(depth, artifacts, expected),
    ...(models.length === 0 ? {} : { models }),
    ...(listing.snapshot === undefined ? {} : { snapshot: listing.snapshot }),
  };
}

const RANK: Readonly<Record<Role, number>> = { weights: 0, side: 1, claim: 2, other: 3 };

/** Weights first; each kind by path, shard after shard. */
function byImportance(a: PlannedArtifact, b: PlannedArtifact): number {
  return RANK[a.role] - RANK[b.role] || (a.path < b.path ? -1 : 1);
}

function bytesToRead(artifacts: readonly PlannedArtifact[], depth: Depth): number {
  return artifacts.reduce((sum, { role, size, path }) => {
    if (depth === 'full') return sum + size;
    if (role === 'weights') return sum + Math.min(size, HEADER_COST);
    return role !== 'claim' && isReadWhole(path, size) ? sum + size : sum;
  }, 0);
}

/** Configurations are read where that is no request; elsewhere names have to do until the run. */
async function plannedModels(
  artifacts: readonly PlannedArtifact[],
  { origin }: PlannedListing,
  tools: OpenContext,
  signal: AbortSignal,
): Promise<readonly ModelFolder[]> {
  if (origin.kind !== 'local') return namedModels(artifacts.map(({ path }) => path));
  const files = artifacts.map(({ path, role }): FolderFile => {
    const format = formatByName(path)?.id;
    return { path, weights: role === 'weights', tensors: 0, ...(format === undefined ? {} : { format }) };
  });
  return recogniseModels(await readConfigs(artifacts, tools, signal), files).models;
}

async function assignRoles(
  { files, snapshot }: PlannedListing,
  tools: OpenContext,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Role>> {
  const roles = new Map<string, Role>();
  let looked = 0;
  for (const file of files) {
    let role = roleByName(file.path);
    // A request per file is too dear for names like LICENSE, which are most of these on the Hub.
    if (role === null && snapshot === undefined && looked++ < LOOKED_AT_MAX)
      role = await roleByContent(file, tools, signal);
    // Whoever gives one file alone asks what it is.
    if (files.length === 1 && (role === null || role === 'other')) role = 'weights';
    roles.set(file.path, role ?? 'other');
  }
  return roles;
}

async function roleByContent({ path, size, spec }: NamedFile, tools: OpenContext, signal: AbortSignal): Promise<Role> {
  throwIfAborted(signal);
  try {
    const source = await openSource(spec, tools, signal);
    const head = await source.read(0, Math.min(HEAD, source.size), signal);
    return identify(head, path, size)?.by === 'content' ? 'weights' : 'other';
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
    // Its scan will say why it cannot be read.
    return 'other';
  }
}

async function expectClaims(
  { files, snapshot }: PlannedListing,
  intake: Intake,
  against: readonly Against[],
  tools: OpenContext,
  signal: AbortSignal,
): Promise<ExpectedClaims> {
  const found = await findClaims(folderOf(allNames(files), tools, signal));
  const claims: Claim[] = [...underOwnNames(found, files)];
  const unusable: { name: string; error: ErrorData }[] = [];
  if (snapshot !== undefined) {
    claims.push(claimOfSnapshot(snapshot, true, intake.kind === 'hub' ? intake.ref.file : undefined));
  }
  for (const given of against) {
    if (given.kind !== 'text') continue;
    try {
      claims.push(parseAgainstText(given.text, given.name));
    } catch (error) {
      unusable.push({ name: given.name, error: toErrorData(error) });
    }
  }
  return { claims, repositories: against.filter((given) => given.kind === 'hub').length, unusable };
}

/** Digests that signatures and records are over, by file. What cannot be read says so when it is examined. */
async function attestedAlgorithms(
  files: readonly NamedFile[],
  tools: OpenContext,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<Algorithm>>> {
  const folder = folderOf(files, tools, signal);
  const wanted = new Map(files.map(({ path }) => [path, new Set<Algorithm>()]));
  const named = files.filter(({ path, size }) => isAttestationName(path) && size <= CLAIM_BUNDLE_MAX);
  for (const { path } of named.slice(0, ATTESTATIONS_MAX)) {
    try {
      const bytes = await folder.read(path, CLAIM_BUNDLE_MAX);
      const kind = attestationKind(path, bytes);
      const algorithms = kind?.wants?.(bytes) ?? [];
      if (algorithms.length === 0) continue;
      const about = kind?.namedAfter === true ? namedAfter(path, files) : [];
      for (const one of about.length > 0 ? about : wanted.keys())
        for (const algorithm of algorithms) wanted.get(one)?.add(algorithm);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
    }
  }
  return wanted;
}

/** `model.bin` for `model.bin.minisig`; everything below `data` for `data.dvc`. */
function namedAfter(path: string, files: readonly NamedFile[]): readonly string[] {
  const stem = path.replace(/\.[^./]+$/, '');
  return files.map((file) => file.path).filter((one) => one === stem || one.startsWith(`${stem}/`));
}

/** The files as claims look at them: by path and size, and a few small ones whole. */
export function folderOf(files: readonly NamedFile[], tools: OpenContext, signal: AbortSignal): Folder {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    files,
    async read(path, limit) {
      const file = byPath.get(path);
      if (file === undefined) throw new AppError('SOURCE_NOT_FOUND', { path });
      const source = await openSource(file.spec, tools, signal);
      if (source.size > limit) throw new AppError('SOURCE_TOO_LARGE', { name: path, size: source.size, limit });
      return source.read(0, source.size, signal);
    },
  };
}
