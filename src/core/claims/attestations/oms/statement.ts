/** The signed text of an OpenSSF model signature, v1.0 (ossf/model-signing-spec, spec/v1.0.md). */
import { AppError } from '../../../errors.ts';
import type { Algorithm } from '../../../hash/hasher.ts';
import { OMS_RESOURCES_MAX, PATH_MAX } from '../../../limits.ts';
import { IN_TOTO_TYPE, type Envelope } from '../dsse.ts';
import { field, listField, strictJson, textField } from '../json.ts';

export const OMS_PREDICATE = 'https://model_signing/signature/v1.0';
const STATEMENT = 'https://in-toto.io/Statement/v1';

export interface Resource {
  /** Path of a file, `/`-separated, as signed. */
  readonly path: string;
  /** Bytes it covers, end exclusive; absent: the whole file. */
  readonly range?: readonly [start: number, end: number];
  /** Lower-case hex. */
  readonly digest: string;
}

export interface OmsStatement {
  readonly name: string;
  /** SHA-256 over the raw digests of the resources in their order, lower-case hex. */
  readonly root: string;
  readonly algorithm: Algorithm;
  readonly method: 'files' | 'shards';
  readonly shardSize?: number;
  readonly allowSymlinks: boolean;
  readonly ignore: readonly string[];
  /** In the order they were signed, which decides the root digest. */
  readonly resources: readonly Resource[];
}

/** `blake2` is what the reference calls BLAKE2b on its command line. */
const HASHES: Readonly<Record<string, readonly [Algorithm, digits: number]>> = {
  sha256: ['sha256', 64],
  blake2b: ['blake2b', 128],
  blake2: ['blake2b', 128],
  blake3: ['blake3', 64],
};

const SERIALIZATION: ReadonlySet<string> = new Set([
  'method',
  'hash_type',
  'shard_size',
  'allow_symlinks',
  'ignore_paths',
]);

/**
 * Fields that are not known are passed over, as in-toto asks of readers, but for those of `serialization`.
 *
 * @throws AppError ATTEST_PAYLOAD_TYPE, ATTEST_JSON, ATTEST_STATEMENT_TYPE, ATTEST_PREDICATE_TYPE, ATTEST_SUBJECT,
 *   ATTEST_SERIALIZATION, ATTEST_RESOURCES, ATTEST_RESOURCE_NAME, ATTEST_RESOURCE_DIGEST, ATTEST_SHARDS
 */
export function parseOmsStatement(envelope: Envelope): OmsStatement {
  if (envelope.payloadType !== IN_TOTO_TYPE)
    throw new AppError('ATTEST_PAYLOAD_TYPE', { actual: envelope.payloadType });
  const statement = strictJson(envelope.payload);
  expectText('ATTEST_STATEMENT_TYPE', textField(statement, '_type'), STATEMENT);
  expectText('ATTEST_PREDICATE_TYPE', textField(statement, 'predicateType'), OMS_PREDICATE);
  const subjects = listField(statement, 'subject');
  const name = textField(subjects[0], 'name');
  const root = textField(field(subjects[0], 'digest'), 'sha256');
  const digests = Object.values(field(subjects[0], 'digest') ?? {});
  const hex = digests.every((one) => typeof one === 'string' && /^[0-9a-f]+$/.test(one));
  if (subjects.length !== 1 || !name || root === undefined || !hex || root.length !== 64) {
    throw new AppError('ATTEST_SUBJECT', { subjects: subjects.length });
  }
  const predicate = field(statement, 'predicate');
  const how = serialization(field(predicate, 'serialization'));
  const listed = listField(predicate, 'resources');
  if (listed.length === 0 || listed.length > OMS_RESOURCES_MAX) {
    throw new AppError('ATTEST_RESOURCES', { why: `${listed.length} files` });
  }
  const resources = listed.map((one) => resource(one, how, listed.length === 1));
  if (how.method === 'files') refuseRepeated(resources);
  else checkShards(resources, how.shardSize!);
  return { name, root, ...how, resources };
}

function expectText(
  code: 'ATTEST_STATEMENT_TYPE' | 'ATTEST_PREDICATE_TYPE',
  actual: string | undefined,
  expected: string,
): void {
  if (actual !== expected) throw new AppError(code, { actual: actual ?? 'none', expected });
}

type Serialization = Pick<OmsStatement, 'algorithm' | 'method' | 'shardSize' | 'allowSymlinks' | 'ignore'> & {
  readonly hashType: string;
  readonly digits: number;
};

function serialization(value: unknown): Serialization {
  const method = textField(value, 'method');
  const hashType = textField(value, 'hash_type');
  const hash = hashType !== undefined && Object.hasOwn(HASHES, hashType) ? HASHES[hashType] : undefined;
  if (method !== 'files' && method !== 'shards')
    throw new AppError('ATTEST_SERIALIZATION', { actual: method ?? 'none' });
  if (hash === undefined) throw new AppError('ATTEST_SERIALIZATION', { actual: hashType ?? 'none' });
  const shardSize = field(value, 'shard_size');
  const sized = typeof shardSize === 'number' && Number.isSafeInteger(shardSize) && shardSize > 0;
  if (method === 'shards' && !sized) throw new AppError('ATTEST_SERIALIZATION', { actual: 'shards without a size' });
  if (method === 'files' && shardSize !== undefined)
    throw new AppError('ATTEST_SERIALIZATION', { actual: 'a size of shards for whole files' });
  const allowSymlinks = field(value, 'allow_symlinks');
  if (typeof allowSymlinks !== 'boolean') throw new AppError('ATTEST_SERIALIZATION', { actual: 'no allow_symlinks' });
  const stated = field(value, 'ignore_paths');
  const ignore = stated === undefined ? [] : stated;
  if (!Array.isArray(ignore) || !ignore.every((path): path is string => typeof path === 'string' && path !== ''))
    throw new AppError('ATTEST_SERIALIZATION', { actual: 'ignore_paths that are no paths' });
  // What another reader might do about it would change what the digests are of.
  const unknown = Object.keys(value as object).find((key) => !SERIALIZATION.has(key));
  if (unknown !== undefined) throw new AppError('ATTEST_SERIALIZATION', { actual: unknown.slice(0, 60) });
  return {
    method,
    hashType: hashType!,
    algorithm: hash[0],
    digits: hash[1],
    ...(sized ? { shardSize } : {}),
    allowSymlinks,
    ignore,
  };
}

function resource(value: unknown, how: Serialization, only: boolean): Resource {
  const name = textField(value, 'name');
  const digest = textField(value, 'digest');
  if (name === undefined) throw new AppError('ATTEST_RESOURCES', { why: 'one without a name' });
  if (textField(value, 'algorithm') !== how.hashType || digest?.length !== how.digits || !/^[0-9a-f]+$/.test(digest)) {
    throw new AppError('ATTEST_RESOURCE_DIGEST', { path: name });
  }
  if (how.method === 'files') return { path: portable(name, only), digest };
  // The last two numbers: a file name may hold colons itself.
  const shard = /^(.+):(\d{1,16}):(\d{1,16})$/s.exec(name);
  if (shard === null) throw new AppError('ATTEST_SHARDS', { path: name });
  return { path: portable(shard[1]!, only), range: [Number(shard[2]), Number(shard[3])], digest };
}

/**
 * A path as every system reads it, or none. Older releases call the one file of a single-file model `.`.
 *
 * @throws AppError ATTEST_RESOURCE_NAME
 */
export function portable(path: string, only: boolean): string {
  if (path === '.' && only) return path;
  const segments = path.split('/');
  const odd = segments.some((segment) => segment === '' || segment === '.' || segment === '..');
  if (odd || path.length > PATH_MAX || /[\\\0]/.test(path)) throw new AppError('ATTEST_RESOURCE_NAME', { path });
  return path;
}

/** @throws AppError ATTEST_RESOURCE_NAME */
export function refuseRepeated(resources: readonly Resource[]): void {
  const seen = new Set<string>();
  for (const { path } of resources) {
    if (seen.has(path)) throw new AppError('ATTEST_RESOURCE_NAME', { path });
    seen.add(path);
  }
}

/** Shards of a file follow each other from its beginning, each of the stated size but the last. */
function checkShards(resources: readonly Resource[], size: number): void {
  const ends = new Map<string, { end: number; short: boolean }>();
  const sorted = [...resources].sort((a, b) => a.range![0] - b.range![0]);
  for (const { path, range } of sorted) {
    const [start, end] = range!;
    const before = ends.get(path) ?? { end: 0, short: false };
    const length = end - start;
    if (start !== before.end || before.short || length <= 0 || length > size)
      throw new AppError('ATTEST_SHARDS', { path });
    ends.set(path, { end, short: length < size });
  }
}
