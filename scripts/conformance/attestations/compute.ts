/** Examines one attestation with the files of its case. Runs in a worker of Node or of the browser. */
import { MemorySource } from '../../../src/core/bytes/memory.ts';
import type { ByteSource } from '../../../src/core/bytes/source.ts';
import type { Attestation } from '../../../src/core/claims/attestations/attestation.ts';
import {
  NO_EXPECTATIONS,
  type AttestationKind,
  type AttestedFolder,
  type Expectations,
  type Supplied,
} from '../../../src/core/claims/attestations/kind.ts';
import { ATTESTATION_KINDS, attestationKind } from '../../../src/core/claims/attestations/registry.ts';
import { AppError, toErrorData, type ErrorData } from '../../../src/core/errors.ts';
import { describeFile } from '../../../src/core/formats/describe.ts';
import { formatByName } from '../../../src/core/formats/registry.ts';
import { wasmHashes } from '../../../src/core/hash/wasm.ts';
import type { CaseFiles } from '../kinds.ts';
import { omsForm } from './oms-form.ts';

/** A file of a case: its path as the attestation sees it, and where its bytes are, from the base folder. */
export interface CaseFile {
  readonly path: string;
  readonly file: string;
  readonly size: number;
  /** Digests of a file that is not there itself, lower-case hex by algorithm. */
  readonly digests?: Readonly<Record<string, string>>;
}

export interface AttestationJob {
  /** Id of the kind that examines it; `any`: the one that takes it for its own. */
  readonly kind: string;
  readonly attestation: CaseFile;
  /** Beside it; the attestation itself only when it lies among them. */
  readonly files: readonly CaseFile[];
  readonly expect: {
    readonly keys?: readonly string[];
    readonly roots?: readonly string[];
    readonly trustedRoots?: readonly string[];
    readonly policies?: readonly string[];
    /** A policy as text, where the case states it and no file does. */
    readonly policyText?: string;
    readonly signers?: Expectations['signers'];
    readonly ignore?: readonly string[];
    readonly allowExtra?: boolean;
    readonly method?: Expectations['method'];
  };
  /** A model signature of which only the form is judged. */
  readonly formOnly?: true;
}

export type Examined =
  | { readonly ok: true; readonly attestations: readonly Attestation[]; readonly milliseconds: number }
  | { readonly ok: false; readonly error: ErrorData };

export async function compute(job: unknown, files: CaseFiles): Promise<Examined> {
  const { kind: id, attestation, files: listed, expect, formOnly } = job as AttestationJob;
  const started = performance.now();
  try {
    const bytes = await whole(await files.open(attestation.file));
    if (formOnly) {
      const attestations = [await omsForm(attestation.path, bytes)];
      return { ok: true, attestations, milliseconds: performance.now() - started };
    }
    const inside = id === 'any' ? await embeddedKind(attestation.path, bytes) : undefined;
    const kind =
      inside ??
      (id === 'any' ? attestationKind(attestation.path, bytes) : ATTESTATION_KINDS.find((one) => one.id === id));
    if (kind === null) throw new AppError('ATTEST_BUNDLE', { why: 'it is of no known kind' });
    if (kind === undefined) throw new Error(`no kind ${id}`);
    const attestations = await kind.examine({
      path: attestation.path,
      bytes: inside === undefined ? bytes : new Uint8Array(0),
      folder: folderOf(inside === undefined ? listed : [attestation, ...listed], files),
      expect: await expectations(expect, files),
      hashes: wasmHashes(),
      now: new Date().toISOString(),
      signal: new AbortController().signal,
    });
    return { ok: true, attestations, milliseconds: performance.now() - started };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}

/** The kind of statement that a model carries in its own header. */
async function embeddedKind(path: string, bytes: Uint8Array): Promise<AttestationKind | undefined> {
  if (formatByName(path) === null) return undefined;
  const { opened } = await describeFile(new MemorySource(path, bytes));
  return opened === undefined ? undefined : ATTESTATION_KINDS.find((kind) => kind.embeddedIn?.(opened));
}

async function expectations(given: AttestationJob['expect'], files: CaseFiles): Promise<Expectations> {
  const read = async (paths: readonly string[] = []): Promise<Supplied[]> =>
    Promise.all(
      paths.map(async (path) => ({
        bytes: await whole(await files.open(path)),
        origin: { from: 'given' as const, name: path },
      })),
    );
  const policies = await read(given.policies);
  if (given.policyText !== undefined) {
    policies.push({ bytes: new TextEncoder().encode(given.policyText), origin: { from: 'given', name: 'policy' } });
  }
  const { signers = [], ignore = [], allowExtra = false, method } = given;
  return {
    ...NO_EXPECTATIONS,
    keys: await read(given.keys),
    roots: await read(given.roots),
    trustedRoots: await read(given.trustedRoots),
    policies,
    signers,
    ignore,
    allowExtra,
    ...(method === undefined ? {} : { method }),
  };
}

function folderOf(listed: readonly CaseFile[], files: CaseFiles): AttestedFolder {
  const open = async (path: string): Promise<ByteSource> => {
    const found = listed.find((file) => file.path === path);
    if (found === undefined) throw new AppError('SOURCE_NOT_FOUND', { path });
    return files.open(found.file);
  };
  return {
    files: listed.map(({ path, size }) => ({ path, size })),
    async digest(path, algorithm, range) {
      const stated = listed.find((file) => file.path === path)?.digests?.[algorithm];
      if (stated !== undefined) return stated;
      const source = await open(path);
      const [start, end] = range ?? [0, source.size];
      const hasher = await wasmHashes().create(algorithm, end - start);
      for await (const chunk of source.stream(start, end)) hasher.update(chunk);
      return hasher.digest();
    },
    async read(path, limit) {
      const source = await open(path);
      if (source.size > limit) throw new AppError('SOURCE_TOO_LARGE', { path, size: source.size, most: limit });
      return whole(source);
    },
    async range(path, start, end) {
      return (await open(path)).read(start, end);
    },
    async *stream(path) {
      const source = await open(path);
      yield* source.stream(0, source.size);
    },
  };
}

function whole(source: ByteSource): Promise<Uint8Array> {
  return source.read(0, source.size);
}
