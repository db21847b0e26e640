/** In-toto statements (github.com/in-toto/attestation, spec v0.1 and v1): what a signed text says about which bytes. */
import { AppError } from '../../../errors.ts';
import { ALGORITHMS, DIGEST_BYTES, type Algorithm } from '../../../hash/hasher.ts';
import { IN_TOTO_SUBJECTS_MAX } from '../../../limits.ts';
import { field, isObject, listField, strictJson, textField, type JsonObject } from '../json.ts';

export interface Subject {
  /** A label for people: subjects are found by digest alone (spec/v1/statement.md). */
  readonly name: string;
  /** Strong digests that can be computed here: lower-case hex by algorithm. */
  readonly digests: Partial<Record<Algorithm, string>>;
  /** All digests as stated, `algorithm:value`: some are of things that are no files. */
  readonly others: readonly string[];
}

export interface Statement {
  readonly type: string;
  readonly predicateType: string;
  readonly subjects: readonly Subject[];
  readonly predicate: JsonObject;
}

const TYPES: ReadonlySet<string> = new Set(['https://in-toto.io/Statement/v0.1', 'https://in-toto.io/Statement/v1']);

/** `application/vnd.in-toto+json` and `application/vnd.in-toto.<predicate>+json` (spec/v1/bundle.md). */
const PAYLOAD_TYPE = /^application\/vnd\.in-toto(?:\.[A-Za-z0-9.-]+)?\+json$/;

/** Digests that collide on purpose establish nothing about whose bytes these are. */
const WEAK: ReadonlySet<string> = new Set(['md5', 'sha1', 'xxh64', 'xxh3', 'git-blob-sha1']);

/** @throws AppError ATTEST_PAYLOAD_TYPE, ATTEST_JSON, ATTEST_STATEMENT_TYPE, ATTEST_PREDICATE_TYPE, ATTEST_SUBJECT */
export function parseStatement(payloadType: string, payload: Uint8Array): Statement {
  if (!PAYLOAD_TYPE.test(payloadType)) throw new AppError('ATTEST_PAYLOAD_TYPE', { actual: payloadType });
  const value = strictJson(payload);
  const type = textField(value, '_type');
  if (type === undefined || !TYPES.has(type)) throw new AppError('ATTEST_STATEMENT_TYPE', { actual: type ?? 'none' });
  const predicateType = textField(value, 'predicateType');
  if (predicateType === undefined) throw new AppError('ATTEST_PREDICATE_TYPE', { actual: 'none' });
  const listed = listField(value, 'subject');
  if (listed.length === 0 || listed.length > IN_TOTO_SUBJECTS_MAX)
    throw new AppError('ATTEST_SUBJECT', { subjects: listed.length });
  const predicate = field(value, 'predicate');
  return { type, predicateType, subjects: listed.map(subjectOf), predicate: isObject(predicate) ? predicate : {} };
}

function subjectOf(value: unknown): Subject {
  const stated = field(value, 'digest');
  const digests: Partial<Record<Algorithm, string>> = {};
  for (const algorithm of ALGORITHMS) {
    const digest = textField(stated, algorithm)?.toLowerCase();
    if (digest === undefined || WEAK.has(algorithm)) continue;
    if (digest.length === 2 * DIGEST_BYTES[algorithm] && /^[0-9a-f]+$/.test(digest)) digests[algorithm] = digest;
  }
  const others = isObject(stated) ? Object.entries(stated).map(([name, digest]) => `${name}:${String(digest)}`) : [];
  return { others, name: textField(value, 'name') ?? textField(value, 'uri') ?? '', digests };
}
