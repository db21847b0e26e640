/** Every attestation among the files of a model, examined with digests that the scan has computed already. */
import { openSource, type OpenContext } from '../bytes/open.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Attestation } from '../claims/attestations/attestation.ts';
import {
  NO_EXPECTATIONS,
  type AttestationKind,
  type AttestedFolder,
  type Expectations,
  type FileHeader,
} from '../claims/attestations/kind.ts';
import { examineWithKept } from '../claims/attestations/kept.ts';
import { withRemembered } from '../claims/attestations/remembered.ts';
import { TrustMemory } from '../claims/attestations/sigstore/trust-memory.ts';
import {
  ATTESTATION_KINDS,
  attestationKind,
  isAttestationName,
  isSharedName,
} from '../claims/attestations/registry.ts';
import { AppError, throwIfAborted, toErrorData } from '../errors.ts';
import { describeFile } from '../formats/describe.ts';
import { formatByName } from '../formats/registry.ts';
import { hasWeightsName } from '../formats/weights-names.ts';
import type { Algorithm, HashProvider } from '../hash/hasher.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { ATTESTATIONS_MAX, CLAIM_BUNDLE_MAX, HEADERS_READ_MAX, SAFETENSORS_HEADER_MAX } from '../limits.ts';
import type { CheckDraft } from '../claims/check-list.ts';
import type { ArtifactScan, Depth, PlannedArtifact } from './model.ts';

export interface AttestInput {
  readonly artifacts: readonly PlannedArtifact[];
  readonly scans: ReadonlyMap<string, ArtifactScan>;
  readonly depth: Depth;
  /** Look at this file alone, whatever its name. */
  readonly only?: string;
  readonly expect?: Expectations;
  /** ISO time that counts as now. */
  readonly now: string;
}

export interface Attested {
  readonly attestations: readonly Attestation[];
  /** Files with the name of an attestation that are none, or could not be read. */
  readonly checks: readonly CheckDraft[];
}

/** @throws AppError SOURCE_ABORTED; everything else becomes a check */
export async function attest(
  input: AttestInput,
  tools: OpenContext & { readonly hashes?: HashProvider },
  signal: AbortSignal,
): Promise<Attested> {
  const hashes = tools.hashes ?? wasmHashes();
  const { only } = input;
  const headers = await headersOf(input, tools, signal);
  const inside = embeddedIn(headers).filter(({ path }) => only === undefined || path === only);
  const named = input.artifacts
    .filter(({ path, size }) =>
      only === undefined ? isAttestationName(path) && size <= CLAIM_BUNDLE_MAX : path === only && inside.length === 0,
    )
    .map(({ path }): Found => ({ path }));
  const attestations: Attestation[] = [];
  const checks: CheckDraft[] = [];
  const folder = folderOf(input, headers, tools, hashes, signal);
  const { expect = NO_EXPECTATIONS, now } = input;
  const trustMemory = new TrustMemory();
  for (const { path, embedded } of [...named, ...inside].slice(0, ATTESTATIONS_MAX)) {
    throwIfAborted(signal);
    try {
      const bytes = embedded === undefined ? await folder.read(path, CLAIM_BUNDLE_MAX) : new Uint8Array(0);
      const kind = embedded ?? attestationKind(path, bytes);
      if (kind === null) {
        const other = only === undefined && isSharedName(path);
        if (!other) checks.push(unread(path, new AppError('ATTEST_BUNDLE', { why: 'it is of no known kind' })));
        continue;
      }
      const known = withRemembered(expect, kind.id);
      attestations.push(
        ...(await examineWithKept(kind, { path, bytes, folder, expect: known, hashes, now, signal, trustMemory })),
      );
    } catch (error) {
      const failed =
        error instanceof AppError ? error : new AppError('ENGINE_INTERNAL', toErrorData(error).detail, error);
      if (failed.code === 'SOURCE_ABORTED') throw failed;
      checks.push(unread(path, failed));
    }
  }
  return { attestations, checks };
}

interface Found {
  readonly path: string;
  /** The kind, when it stands in the header of a model file. */
  readonly embedded?: AttestationKind;
}

function embeddedIn(headers: ReadonlyMap<string, FileHeader>): readonly Found[] {
  return [...headers].flatMap(([path, header]) =>
    ATTESTATION_KINDS.filter((kind) => kind.embeddedIn?.(header)).map((embedded) => ({ path, embedded })),
  );
}

/** As the scan read them. Where one file is asked about and nothing was scanned, what it needs is read here. */
async function headersOf(
  { artifacts, scans, only }: AttestInput,
  tools: OpenContext,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FileHeader>> {
  const headers = new Map<string, FileHeader>();
  const add = (path: string, { format, metadata, tensors }: FileHeader): unknown =>
    headers.set(path, { ...(format === undefined ? {} : { format }), metadata, tensors });
  for (const { path } of artifacts) {
    const scan = scans.get(path);
    if (scan?.format !== undefined) add(path, scan);
  }
  const weightsToo = only !== undefined && comparesHeaders(only);
  const asked = artifacts.filter(
    ({ path }) =>
      !scans.has(path) && (path === only ? formatByName(path) !== null : weightsToo && hasWeightsName(path)),
  );
  for (const { path, spec } of asked.slice(0, HEADERS_READ_MAX)) {
    try {
      const { opened } = await describeFile(await openSource(spec, tools, signal), signal);
      if (opened !== undefined) add(path, opened);
    } catch (error) {
      // That another file cannot be read says nothing about the one that is asked about.
      if (path === only || !(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
    }
  }
  return headers;
}

function comparesHeaders(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return ATTESTATION_KINDS.some((kind) => kind.comparesHeaders === true && kind.names.test(name));
}

function unread(path: string, error: AppError): CheckDraft {
  const source = { kind: 'signature', name: path.slice(path.lastIndexOf('/') + 1), independent: false };
  return { axis: 'signer', kind: 'signature', outcome: 'could-not-check', source, path, reason: error.toData() };
}

function folderOf(
  { artifacts, scans, depth }: AttestInput,
  headers: ReadonlyMap<string, FileHeader>,
  tools: OpenContext,
  hashes: HashProvider,
  signal: AbortSignal,
): AttestedFolder {
  const byPath = new Map(artifacts.map((artifact) => [artifact.path, artifact]));
  const open = async (path: string): Promise<ByteSource> => {
    const artifact = byPath.get(path);
    if (artifact === undefined) throw new AppError('SOURCE_NOT_FOUND', { path });
    return openSource(artifact.spec, tools, signal);
  };
  /** A header is read in many small pieces, and opening an address takes a request. */
  const opened = new Map<string, Promise<ByteSource>>();
  /** A body is read again only for digests that the one read of it did not make: parts, and hashes no plan foresaw. */
  const bodyOf = async (path: string): Promise<ByteSource> => {
    const source = await open(path);
    if (depth === 'headers' && source.size > CLAIM_BUNDLE_MAX) throw new AppError('ATTEST_NO_BYTES', { path });
    return source;
  };
  return {
    files: artifacts.map(({ path, size }) => ({ path, size })),
    async digest(path, algorithm, range) {
      const known = range === undefined ? scanned(scans.get(path), algorithm) : undefined;
      if (known !== undefined) return known;
      const source = await bodyOf(path);
      const [start, end] = range ?? [0, source.size];
      const hasher = await hashes.create(algorithm, end - start);
      for await (const chunk of source.stream(start, end, signal)) hasher.update(chunk);
      await source.settle(signal);
      return hasher.digest();
    },
    async read(path, limit) {
      const source = await open(path);
      if (source.size > limit) throw new AppError('SOURCE_TOO_LARGE', { path, size: source.size, most: limit });
      return source.read(0, source.size, signal);
    },
    async range(path, start, end) {
      if (end - start > SAFETENSORS_HEADER_MAX) throw new AppError('SOURCE_TOO_LARGE', { path });
      const source = opened.get(path) ?? open(path);
      opened.set(path, source);
      return (await source).read(start, end, signal);
    },
    async *stream(path) {
      const source = await bodyOf(path);
      yield* source.stream(0, source.size, signal);
      await source.settle(signal);
    },
    header: (path) => headers.get(path),
  };
}

function scanned(scan: ArtifactScan | undefined, algorithm: Algorithm): string | undefined {
  if (scan === undefined) return undefined;
  // A file that changed while it was read, or that cannot be read, has no second chance here.
  if (scan.status === 'failed' && scan.error !== undefined) throw new AppError(scan.error.code, scan.error.detail);
  return scan.digests[algorithm];
}
