/** Remembered signers as a file: what is exported, imported, and kept by the command line. Everything read is held against a schema. */
import * as v from 'valibot';
import { AppError } from '../errors.ts';
import { POLICY_TEXT_MAX, SIGNER_MATERIAL_MAX, SIGNER_TEXT_MAX, SIGNERS_FILE_MAX, SIGNERS_MAX } from '../limits.ts';
import { publisherKey, readPublisher, recordId, signerId, type SignerRecord } from './signer-memory.ts';

export const SIGNERS_FORMAT = 'assay-signers';
export const SIGNERS_VERSION = 1;

/** What is expected of how a publisher's models are made, as the person accepted it. */
export interface KeptPolicy {
  readonly publisher: string;
  /** JSON of the policy. */
  readonly policy: string;
  /** ISO. */
  readonly acceptedOn: string;
}

export interface SignerFile {
  readonly signers: readonly SignerRecord[];
  readonly policies: readonly KeptPolicy[];
}

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(SIGNER_TEXT_MAX));
const time = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/));
const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const publisher = v.pipe(
  v.string(),
  v.check((name) => readPublisher(name) === name),
);
const signer = v.strictObject({
  method: v.picklist(['key', 'certificate', 'sigstore']),
  name: text,
  issuer: v.optional(text),
  key: v.optional(hex),
  root: v.optional(hex),
});
const material = v.strictObject({
  kind: v.picklist(['key', 'root', 'trust-root']),
  name: text,
  bytes: v.pipe(v.string(), v.base64(), v.maxLength(SIGNER_MATERIAL_MAX)),
});
const record = v.pipe(
  v.strictObject({
    publisher,
    signer,
    attestations: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))), v.maxLength(40)),
    how: v.picklist(['seen', 'questioned', 'accepted']),
    firstSeen: v.optional(time),
    lastSeen: v.optional(time),
    times: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    acceptedOn: v.optional(time),
    subject: v.optional(v.strictObject({ name: text, repo: v.optional(text), commit: v.optional(text) })),
    materials: v.pipe(v.array(material), v.maxLength(4)),
  }),
  v.check((one) => signerId(one.signer as SignerRecord['signer']) !== null),
  // Accepted has its day, met has its days.
  v.check(({ how, acceptedOn }) => (how === 'accepted') === (acceptedOn !== undefined)),
  v.check(({ times, firstSeen, lastSeen }) => times > 0 === (firstSeen !== undefined && lastSeen !== undefined)),
  v.check(({ firstSeen = '', lastSeen = '' }) => firstSeen <= lastSeen),
);
const file = v.strictObject({
  format: v.literal(SIGNERS_FORMAT),
  version: v.literal(SIGNERS_VERSION),
  signers: v.pipe(v.array(record), v.maxLength(SIGNERS_MAX)),
  policies: v.pipe(
    v.array(
      v.strictObject({
        publisher,
        policy: v.pipe(v.string(), v.minLength(2), v.maxLength(POLICY_TEXT_MAX)),
        acceptedOn: time,
      }),
    ),
    v.maxLength(SIGNERS_MAX),
  ),
});

/** @throws AppError ATTEST_MEMORY_FILE {why} */
export function readSignerFile(json: string): SignerFile {
  if (json.length > SIGNERS_FILE_MAX) throw new AppError('ATTEST_MEMORY_FILE', { why: 'it is too large' });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new AppError('ATTEST_MEMORY_FILE', { why: 'it is no JSON' }, error);
  }
  const result = v.safeParse(file, value, { abortEarly: true });
  if (!result.success) {
    const at = v.getDotPath(result.issues[0]) ?? '';
    throw new AppError('ATTEST_MEMORY_FILE', { why: at === '' ? 'its form is another' : `at ${at.slice(0, 100)}` });
  }
  const { signers, policies } = result.output;
  // Optional members that are absent stay absent: valibot leaves them out.
  const records = signers as readonly SignerRecord[];
  if (new Set(records.map(recordId)).size !== records.length)
    throw new AppError('ATTEST_MEMORY_FILE', { why: 'it lists a signer twice' });
  return { signers: records, policies };
}

/** In a fixed order, so that two exports of the same memory are the same file. */
export function formatSignerFile({ signers, policies }: SignerFile): string {
  const sorted = <T>(list: readonly T[], key: (one: T) => string): readonly T[] =>
    [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const content = {
    format: SIGNERS_FORMAT,
    version: SIGNERS_VERSION,
    signers: sorted(signers, recordId),
    policies: sorted(policies, ({ publisher: name }) => publisherKey(name)),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
