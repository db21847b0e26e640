/**
 * Everything that can go wrong, as a closed list of codes.
 *
 * A code says which boundary failed: SOURCE (reading bytes), FORMAT (the bytes are not what their format allows),
 * CLAIM (somebody's statement cannot be read), ATTEST (a signed statement does not hold, or lacks what it needs), DB (the fingerprint database), HUB (Hugging Face), ENGINE (workers), SIGNAL
 * (comparing models), TRUST (what signatures are checked with cannot be renewed or kept),
 * USAGE (what was asked makes no sense). Words for people live in `src/app/text/errors.ts`, one entry per code, so a
 * code without words does not compile.
 */
export const ERROR_CODES = [
  'SOURCE_ABORTED',
  'SOURCE_CHANGED',
  'SOURCE_CORS',
  'SOURCE_FORBIDDEN_ORIGIN',
  'SOURCE_HTTP',
  'SOURCE_LENGTH',
  'SOURCE_NOT_FOUND',
  'SOURCE_OFFLINE',
  'SOURCE_RANGE_IGNORED',
  'SOURCE_RANGE_LIED',
  'SOURCE_STALLED',
  'SOURCE_TOO_LARGE',
  'SOURCE_UNREADABLE',

  'FORMAT_ALIGNMENT',
  'FORMAT_ARCHIVE',
  'FORMAT_ARRAY_TOO_LONG',
  'FORMAT_BOMB',
  'FORMAT_BOUNDS',
  'FORMAT_CHECKSUM',
  'FORMAT_COMPRESSION',
  'FORMAT_COUNT_TOO_LARGE',
  'FORMAT_CYCLE',
  'FORMAT_DEPTH',
  'FORMAT_DTYPE',
  'FORMAT_DUPLICATE_ENTRY',
  'FORMAT_DUPLICATE_KEY',
  'FORMAT_DUPLICATE_TENSOR',
  'FORMAT_ENCRYPTED',
  'FORMAT_ENDIAN_MIXED',
  'FORMAT_FIELD_NUMBER',
  'FORMAT_HEADER',
  'FORMAT_HEADER_LENGTH',
  'FORMAT_HOLE',
  'FORMAT_JSON',
  'FORMAT_JSON_SHAPE',
  'FORMAT_JSON_TYPE',
  'FORMAT_KEY',
  'FORMAT_LENGTH',
  'FORMAT_MAGIC',
  'FORMAT_METADATA',
  'FORMAT_MISSING_ENTRY',
  'FORMAT_MISSING_FIELD',
  'FORMAT_MISSING_FILE',
  'FORMAT_MISSING_TENSOR',
  'FORMAT_NOT_DECODED',
  'FORMAT_NO_DATA',
  'FORMAT_NUMBER',
  'FORMAT_OFFSETS',
  'FORMAT_OVERFLOW',
  'FORMAT_OVERLAP',
  'FORMAT_PATH',
  'FORMAT_PERSISTENT_ID',
  'FORMAT_PICKLE',
  'FORMAT_SHAPE',
  'FORMAT_SIZE_MISMATCH',
  'FORMAT_STRING_TOO_LONG',
  'FORMAT_TOO_LARGE',
  'FORMAT_TRAILING_BYTES',
  'FORMAT_TRUNCATED',
  'FORMAT_UNKNOWN',
  'FORMAT_UNKNOWN_TYPE',
  'FORMAT_UTF8',
  'FORMAT_VARINT',
  'FORMAT_VERSION',
  'FORMAT_WIRE_TYPE',

  'CLAIM_ALGORITHM',
  'CLAIM_DIGEST',
  'CLAIM_DUPLICATE',
  'CLAIM_EMPTY',
  'CLAIM_PATH',
  'CLAIM_SYNTAX',
  'CLAIM_TOO_LARGE',

  'ATTEST_BILL_FILES',
  'ATTEST_ASSERTION',
  'ATTEST_BINDING',
  'ATTEST_BUNDLE',
  'ATTEST_CBOR',
  'ATTEST_CERTIFICATE',
  'ATTEST_CHAIN',
  'ATTEST_CLAIM',
  'ATTEST_COMMENT',
  'ATTEST_CONSISTENCY',
  'ATTEST_DER',
  'ATTEST_EVENTS',
  'ATTEST_EXPIRED',
  'ATTEST_FILES',
  'ATTEST_IDENTITY',
  'ATTEST_JSON',
  'ATTEST_KEY',
  'ATTEST_LOG',
  'ATTEST_MATERIAL',
  'ATTEST_MEMORY_FILE',
  'ATTEST_NAMESPACE',
  'ATTEST_NOT_REACHED',
  'ATTEST_NO_ANSWER',
  'ATTEST_NO_BUILDER',
  'ATTEST_NO_AUTHORITY',
  'ATTEST_NO_BINDING',
  'ATTEST_NO_BYTES',
  'ATTEST_NO_CURRENT_KEY',
  'ATTEST_NO_CURRENT_ROOT',
  'ATTEST_NO_FILE',
  'ATTEST_NO_FILE_NAMED',
  'ATTEST_NO_HASHES',
  'ATTEST_NO_IDENTITY',
  'ATTEST_NO_INSTANCE',
  'ATTEST_NO_KEY',
  'ATTEST_NO_MANIFEST',
  'ATTEST_NO_MEASUREMENTS',
  'ATTEST_NO_NONCE',
  'ATTEST_NO_POLICY',
  'ATTEST_NO_READER',
  'ATTEST_NO_ROOT',
  'ATTEST_NO_SIGNED_FILE',
  'ATTEST_NO_TIME',
  'ATTEST_NO_USABLE_KEY',
  'ATTEST_NO_VERIFIER',
  'ATTEST_OTHER_KEY',
  'ATTEST_PAYLOAD_TYPE',
  'ATTEST_POLICY',
  'ATTEST_POLICY_FILE',
  'ATTEST_PREDICATE_TYPE',
  'ATTEST_REGISTERS',
  'ATTEST_RESOURCES',
  'ATTEST_RESOURCE_DIGEST',
  'ATTEST_RESOURCE_NAME',
  'ATTEST_ROOT_DIGEST',
  'ATTEST_SCHEMA',
  'ATTEST_SERIALIZATION',
  'ATTEST_SHARDS',
  'ATTEST_SIGNATURE',
  'ATTEST_SIGNED_INSIDE',
  'ATTEST_STATEMENT_TYPE',
  'ATTEST_SUBJECT',
  'ATTEST_TIME',
  'ATTEST_TRUST_ROOT',

  'TRUST_CHAIN',
  'TRUST_EXPIRED',
  'TRUST_HASH',
  'TRUST_KEPT',
  'TRUST_METADATA',
  'TRUST_ROLLBACK',
  'TRUST_THRESHOLD',

  'DB_FORMAT',
  'DB_MANIFEST_MISSING',
  'DB_ROLLED_BACK',
  'DB_SHARD_DIGEST',
  'DB_SHARD_MISSING',
  'DB_TOO_NEW',

  'HUB_FORBIDDEN',
  'HUB_GATED',
  'HUB_NOT_FOUND',
  'HUB_RATE_LIMITED',
  'HUB_REFERENCE',
  'HUB_RESPONSE',
  'HUB_REVISION',
  'HUB_SERVER',
  'HUB_UNAUTHORISED',

  'ENGINE_INTERNAL',
  'ENGINE_UNSUPPORTED',
  'ENGINE_WORKER_DIED',

  'SIGNAL_LAYOUT',
  'SIGNAL_MPK_STOPS',
  'SIGNAL_NO_COUNTERPART',
  'SIGNAL_TOKENIZER',

  'USAGE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Facts for the words: names, sizes in bytes, offsets in bytes. Strings may come from a hostile file: show as text. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean>>;

/** The same error as plain data, as it crosses a worker boundary or stands in a report. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;
}

/** The only error type that core code throws on purpose. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail = {}, cause?: unknown) {
    super(`${code} ${JSON.stringify(detail)}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.detail = detail;
  }

  toData(): ErrorData {
    return { code: this.code, detail: this.detail };
  }
}

/** Anything thrown, as data. What is not an AppError is a defect of ours and says so. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof AppError) return error.toData();
  if (error instanceof DOMException && error.name === 'AbortError') return { code: 'SOURCE_ABORTED', detail: {} };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'ENGINE_INTERNAL', detail: { message: message.slice(0, 500) } };
}

/** Throws SOURCE_ABORTED when the signal was fired. Called once per chunk by every loop over a file. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('SOURCE_ABORTED');
}
