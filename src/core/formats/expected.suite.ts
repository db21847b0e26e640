/**
 * Helpers for tests that read the golden files beside the repository (`../shared`), where these are present.
 * Hostile files are read as bytes only.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import { checkExternal } from './external.ts';
import type { Format, OpenArtifact } from './format.ts';
import { rowMajor } from './npy/row-major.ts';

export const SHARED = resolve(import.meta.dirname, '../../../../shared');
export const GOLDEN = join(SHARED, 'golden/formats');
export const CORPORA = join(SHARED, 'corpora');
export const HAS_GOLDEN = existsSync(join(GOLDEN, 'manifest.json'));

export interface ExpectedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byte_length?: number;
  readonly payload_sha256?: string | null;
  readonly file_offset?: number | null;
  readonly f32_sha256?: string | null;
  readonly file?: string;
}

export interface ExpectedFile {
  readonly file: string;
  readonly format: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly tensors: readonly ExpectedTensor[];
}

export interface HostileRow {
  readonly file: string;
  readonly verdict: 'reject' | 'flag' | 'warn' | 'identify' | 'part-of-set';
  readonly codes: readonly string[];
  readonly what: string;
}

/** Every file of the golden set of one format, with its expectation. Empty when the set is not there. */
export function goldenFiles(format: (row: { format: string; file: string }) => boolean): ExpectedFile[] {
  if (!HAS_GOLDEN) return [];
  const manifest = readJson<{ good: { file: string; format: string; expected: string }[] }>(
    join(GOLDEN, 'manifest.json'),
  );
  return manifest.good.filter(format).map((row) => readJson<ExpectedFile>(join(GOLDEN, row.expected)));
}

export function hostileRows(folder: string): HostileRow[] {
  if (!HAS_GOLDEN) return [];
  const all = readJson<{ files: HostileRow[] }>(join(GOLDEN, 'hostile/expected.json'));
  return all.files.filter((row) => row.file.startsWith(`${folder}/`));
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** A file as a source that bears its own base name, as a file picked alone does. */
export function fileSource(path: string): ByteSource {
  return new MemorySource(path.slice(path.lastIndexOf('/') + 1), new Uint8Array(readFileSync(path)));
}

/** Opens with the first format that matches, as the registry does, and holds external tensors against the folder. */
export async function openFile(formats: readonly Format[], path: string): Promise<OpenArtifact> {
  const source = fileSource(path);
  const head = await source.read(0, Math.min(4096, source.size));
  const named = (format: Format): boolean => format.extensions.some((extension) => source.name.endsWith(extension));
  const format = formats.find((candidate) => candidate.match(head, source)) ?? formats.find(named);
  if (format === undefined) throw new AppError('FORMAT_UNKNOWN', { name: source.name });
  const artifact = await format.open(source);
  checkExternal(artifact.tensors, (name) => {
    const beside = join(dirname(path), name);
    return existsSync(beside) ? readFileSync(beside).length : null;
  });
  return artifact;
}

/** Stored row-major bytes of a tensor, wherever they are. */
export async function payloadOf(artifact: OpenArtifact, entry: TensorEntry, path: string): Promise<Uint8Array> {
  const { storage } = entry;
  const whole = (file: string): Uint8Array => new Uint8Array(readFileSync(file));
  if (storage.kind === 'range') return whole(path).subarray(storage.start, storage.start + entry.byteLength);
  if (storage.kind === 'external') {
    return whole(join(dirname(path), storage.path)).subarray(storage.start, storage.start + entry.byteLength);
  }
  if (storage.kind === 'absent') return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  for await (const chunk of artifact.payload!(entry)) chunks.push(chunk.slice());
  return new Uint8Array(Buffer.concat(chunks));
}

/** The values of a float32 tensor as the canonical digest takes them, NaN apart. */
async function littleRowMajor(artifact: OpenArtifact, entry: TensorEntry, path: string): Promise<Uint8Array> {
  const { storage } = entry;
  const strides = storage.kind === 'range' ? storage.strides : undefined;
  if (storage.kind === 'range' && strides !== undefined) {
    const rest = new Uint8Array(readFileSync(path)).subarray(storage.start);
    return new Uint8Array(Buffer.concat([...rowMajor(rest, entry.shape, strides, 4)]));
  }
  const bytes = (await payloadOf(artifact, entry, path)).slice();
  if ('order' in storage && storage.order === 'big') {
    for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  }
  return bytes;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Names, dtypes, shapes, lengths, offsets and payload digests, all at once so that a failure shows the whole file. */
export async function expectTensors(
  artifact: OpenArtifact,
  expected: readonly ExpectedTensor[],
  path: string,
): Promise<void> {
  const byName = new Map(artifact.tensors.map((tensor) => [tensor.name, tensor]));
  const actual: unknown[] = [];
  const wanted: unknown[] = [];
  for (const tensor of expected) {
    const entry = byName.get(tensor.name);
    const row: Record<string, unknown> = { name: tensor.name };
    const found: Record<string, unknown> = { name: entry?.name };
    const compare = (key: string, want: unknown, got: unknown): void => {
      if (want === undefined || want === null) return;
      row[key] = want;
      found[key] = got;
    };
    if (entry !== undefined) {
      compare('dtype', tensor.dtype, entry.dtype);
      compare('shape', tensor.shape, entry.shape);
      compare('bytes', tensor.byte_length, entry.byteLength);
      compare('offset', tensor.file_offset, 'start' in entry.storage ? entry.storage.start : entry.storage.kind);
      if (typeof tensor.payload_sha256 === 'string') {
        compare('payload', tensor.payload_sha256, sha256(await payloadOf(artifact, entry, path)));
      }
    }
    if (
      typeof tensor.f32_sha256 === 'string' &&
      entry?.dtype === 'F32' &&
      entry.storage.kind !== 'absent' &&
      entry.transforms === undefined
    ) {
      compare('values', tensor.f32_sha256, sha256(await littleRowMajor(artifact, entry, path)));
    }
    wanted.push(row);
    actual.push(found);
  }
  expect(actual).toEqual(wanted);
  expect([...byName.keys()].sort()).toEqual(expected.map((tensor) => tensor.name).sort());
}

/** Which of our codes say what a golden code names; codes without a row are spelled alike. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  'bad-checksum': ['FORMAT_CHECKSUM'],
  'bad-field-number': ['FORMAT_FIELD_NUMBER'],
  'bad-header': ['FORMAT_HEADER'],
  'bad-json': ['FORMAT_JSON'],
  'bad-json-type': ['FORMAT_NUMBER'],
  'bad-length': ['FORMAT_LENGTH'],
  'bad-magic': ['FORMAT_MAGIC', 'FORMAT_UNKNOWN'],
  'bad-shape': ['FORMAT_SHAPE'],
  'bad-varint': ['FORMAT_VARINT'],
  'bad-offsets': ['FORMAT_OFFSETS'],
  'bad-persistent-id': ['FORMAT_PERSISTENT_ID'],
  'bad-version': ['FORMAT_VERSION'],
  'bad-wire-type': ['FORMAT_WIRE_TYPE'],
  'broken-stream': ['FORMAT_PICKLE'],
  'cyclic-graph': ['FORMAT_CYCLE'],
  'duplicate-entry': ['FORMAT_DUPLICATE_ENTRY'],
  'duplicate-key': ['FORMAT_DUPLICATE_KEY'],
  'duplicate-tensor': ['FORMAT_DUPLICATE_TENSOR'],
  encrypted: ['FORMAT_ENCRYPTED'],
  'int-overflow': ['FORMAT_OVERFLOW'],
  'json-depth': ['FORMAT_DEPTH'],
  'missing-entry': ['FORMAT_MISSING_ENTRY'],
  'missing-field': ['FORMAT_MISSING_FIELD'],
  'missing-file': ['FORMAT_MISSING_FILE'],
  // A length that reaches past the end of the file is both: cut, and out of bounds.
  'out-of-bounds': ['FORMAT_BOUNDS', 'FORMAT_TRUNCATED'],
  'path-traversal': ['FORMAT_PATH'],
  'recursion-depth': ['FORMAT_DEPTH'],
  overlap: ['FORMAT_OVERLAP'],
  resource: ['FORMAT_TOO_LARGE'],
  'size-mismatch': ['FORMAT_SIZE_MISMATCH'],
  'string-too-long': ['FORMAT_STRING_TOO_LONG'],
  'trailing-bytes': ['FORMAT_TRAILING_BYTES'],
  truncated: ['FORMAT_TRUNCATED'],
  'unknown-dtype': ['FORMAT_DTYPE'],
  'unsupported-compression': ['FORMAT_COMPRESSION'],
  'zip-bomb': ['FORMAT_BOMB'],
  'zip-inconsistent': ['FORMAT_ARCHIVE'],
  'not-protobuf': ['FORMAT_UNKNOWN'],
};

/** What came of a hostile file: a coded error, or the codes of its findings. Anything else fails the test. */
export async function verdictOf(
  open: () => Promise<{ readonly findings: OpenArtifact['findings'] }>,
): Promise<string[]> {
  try {
    const artifact = await open();
    return [...new Set(artifact.findings.map((finding) => finding.code as string))];
  } catch (error) {
    if (error instanceof AppError) return [error.code];
    throw error;
  }
}

/** Holds a verdict against its row: `reject` needs an error, `flag` and `warn` a finding, of a category of the row. */
export function expectVerdict(row: HostileRow, verdict: readonly string[]): void {
  const accepted = row.codes.flatMap((code) => [code, ...(SAME[code] ?? [])]);
  const refused = verdict.some((code) => /^[A-Z]/.test(code));
  expect({
    file: row.file,
    refused,
    codes: verdict.filter((code) => accepted.includes(code)).length > 0 ? 'as expected' : verdict,
  }).toEqual({
    file: row.file,
    refused: row.verdict === 'reject' || row.verdict === 'identify',
    codes: 'as expected',
  });
}
