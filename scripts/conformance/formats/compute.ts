import { MemorySource } from '../../../src/core/bytes/memory.ts';
import type { ByteSource } from '../../../src/core/bytes/source.ts';
import type { Finding } from '../../../src/core/content/finding.ts';
import type { ErrorData } from '../../../src/core/errors.ts';
import { describeFile } from '../../../src/core/formats/describe.ts';
import type { FormatId, MetaEntry, OpenArtifact } from '../../../src/core/formats/format.ts';
import type { NotAModel } from '../../../src/core/formats/not-a-model.ts';
import { isWeightIndex, judgeSets, type SetJudgement, type SetMember } from '../../../src/core/formats/set.ts';
import { wasmHashes } from '../../../src/core/hash/wasm.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { describeArtifact, type ArtifactDescription } from '../../../src/core/scan/describe-artifact.ts';
import { roleByName } from '../../../src/core/scan/roles.ts';
import type { TensorEntry } from '../../../src/core/tensors/entry.ts';
import type { CaseFiles, Compute } from '../kinds.ts';
import { computeNumbers, type ComputedNumbers } from './values.ts';

export type FormatsJob =
  /** `payloads`: also the digest of each tensor's bytes, and all of the metadata. */
  | { readonly type: 'file'; readonly path: string; readonly payloads: boolean }
  /** Everything in one folder that may belong together, and what lies beside it. */
  | { readonly type: 'sets'; readonly paths: readonly string[]; readonly beside: readonly string[] };

export interface ComputedTensor extends Pick<TensorEntry, 'name' | 'dtype' | 'shape' | 'byteLength'> {
  /** Absolute; null when the bytes do not stand in the file as they are. */
  readonly start: number | null;
  /** The other file that `start` counts in. */
  readonly file?: string;
  /** SHA-256 of the stored row-major bytes; null when not asked for or not contiguous. */
  readonly sha256: string | null;
}

export interface ComputedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly format?: FormatId;
  readonly error?: ErrorData;
  readonly notAModel?: NotAModel;
  readonly findings: readonly Finding[];
  readonly facts: OpenArtifact['facts'];
  readonly metadata: readonly MetaEntry[];
  /** In the order of the container's own table. */
  readonly tensors: readonly ComputedTensor[];
  /** Where payloads were asked for: what the tensors' numbers are. */
  readonly numbers?: ComputedNumbers;
}

/** Files up to this size are read once for all their digests: a Blob answers each read only after some milliseconds. */
const HELD_MAX = 16 * 1024 * 1024;

export const compute: Compute = async (job, files) => {
  const asked = job as FormatsJob;
  return asked.type === 'file'
    ? computeFile(asked.path, asked.payloads, files)
    : computeSets(asked.paths, asked.beside, files);
};

async function computeFile(path: string, payloads: boolean, files: CaseFiles): Promise<ComputedFile> {
  const source = await files.open(path);
  // A name that tells nothing is given alone here, to be told what it is.
  const role = roleByName(path);
  const {
    opened: described,
    notAModel,
    formatError,
    findings,
  }: ArtifactDescription = await describeArtifact(source, {
    role: role === null || role === 'other' ? 'weights' : role,
  });
  const opened = described !== undefined && payloads ? await withAllMetadata(described, source) : described;
  const whole = source.size <= HELD_MAX ? new MemorySource(path, await source.read(0, source.size)) : source;
  const tensors: ComputedTensor[] = [];
  for (const tensor of opened?.tensors ?? []) {
    const { name, dtype, shape, byteLength, storage } = tensor;
    const laid = storage.kind === 'external' || (storage.kind === 'range' && storage.strides === undefined);
    const start = laid ? storage.start : null;
    const sha256 = payloads ? await payloadDigest(whole, opened!, tensor, files) : null;
    const file = storage.kind === 'external' ? { file: storage.path } : {};
    tensors.push({ name, dtype, shape, byteLength, start, sha256, ...file });
  }
  return {
    path,
    bytes: source.size,
    sha256: await digest(whole.stream(0, source.size), source.size),
    ...(opened === undefined ? {} : { format: opened.format }),
    ...(formatError === undefined ? {} : { error: formatError }),
    ...(notAModel === undefined ? {} : { notAModel }),
    findings: [...findings, ...(opened?.findings ?? [])],
    facts: opened === undefined ? {} : await allFacts(opened, whole),
    metadata: opened?.metadata ?? [],
    tensors,
    ...(opened === undefined || !payloads ? {} : { numbers: await computeNumbers(path, whole, opened, files) }),
  };
}

/** The golden rows of safetensors digest the JSON without its length field, which the reader has no use for. */
async function allFacts(
  { facts, format, headerEnd }: OpenArtifact,
  source: ByteSource,
): Promise<OpenArtifact['facts']> {
  if (format !== 'safetensors') return facts;
  const start = 8;
  return { ...facts, header_sha256: await digest(source.stream(start, headerEnd), headerEnd - start) };
}

/** Long arrays are cut for display; the golden values cover them whole. */
async function withAllMetadata(opened: OpenArtifact, source: ByteSource): Promise<OpenArtifact> {
  if (opened.format !== 'gguf') return opened;
  const { openGguf } = await import('../../../src/core/formats/gguf.ts');
  return openGguf(source, undefined, { perArray: Infinity, total: Infinity });
}

async function payloadDigest(
  source: ByteSource,
  opened: OpenArtifact,
  tensor: TensorEntry,
  files: CaseFiles,
): Promise<string | null> {
  const { storage, byteLength } = tensor;
  if (storage.kind === 'assembled') return digest(opened.payload!(tensor), byteLength);
  if (storage.kind === 'external') {
    const other = await files.open(storage.path);
    return digest(other.stream(storage.start, storage.start + byteLength), byteLength);
  }
  if (storage.kind !== 'range' || storage.strides !== undefined) return null;
  return digest(source.stream(storage.start, storage.start + byteLength), byteLength);
}

async function digest(chunks: AsyncIterable<Uint8Array>, size: number): Promise<string> {
  const hashes = wasmHashes();
  if (size === 0) return toHex(await hashes.sha256(new Uint8Array(0)));
  const hasher = await hashes.create('sha256', size);
  for await (const chunk of chunks) hasher.update(chunk);
  return hasher.digest();
}

async function computeSets(
  paths: readonly string[],
  beside: readonly string[],
  files: CaseFiles,
): Promise<SetJudgement> {
  const members: SetMember[] = [];
  const sides: { path: string; bytes: Uint8Array }[] = [];
  for (const path of paths) {
    const source = await files.open(path);
    if (isWeightIndex(path)) {
      sides.push({ path, bytes: await source.read(0, source.size) });
      continue;
    }
    const { opened } = await describeFile(source);
    members.push(opened === undefined ? { path } : { path, opened });
  }
  const sizes = new Map<string, number>();
  for (const path of beside) sizes.set(path, (await files.open(path)).size);
  return judgeSets(members, sides, sizes);
}
