/** Why a check could not be made, as half a sentence: `…: this device is offline`. The screens tell more. */
import type { ErrorCode, ErrorData } from '../../errors.ts';
import { fact, num } from './detail.ts';
import { formatBytes } from './units.ts';

type Reason = string | ((detail: ErrorData['detail']) => string);

/** Codes that checks carry often. The others are covered by their group, below. */
const REASONS: Readonly<Partial<Record<ErrorCode, Reason>>> = {
  SOURCE_ABORTED: 'you stopped before it was read',
  SOURCE_CHANGED: 'it changed while it was read',
  SOURCE_CORS: 'its server does not let web pages read it',
  SOURCE_FORBIDDEN_ORIGIN: 'its address is not one that may be asked',
  SOURCE_LENGTH: 'it gave another number of bytes than it has',
  SOURCE_NOT_FOUND: 'it is not there',
  SOURCE_OFFLINE: (d) => (d['asked'] === true ? 'you are offline' : 'the network cannot be reached'),
  SOURCE_STALLED: 'the server went silent',
  SOURCE_TOO_LARGE: 'it is too large for this',
  SOURCE_UNREADABLE: 'the system refused to read it',
  SOURCE_HTTP: (d) => `its server answered ${num(d, 'status') ?? 'with an error'}`,

  FORMAT_TRUNCATED: (d) => {
    const missing = num(d, 'missing');
    return missing === null ? 'it ends too early' : `it ends ${formatBytes(missing)} early`;
  },
  FORMAT_TRAILING_BYTES: 'it goes on after its end',
  FORMAT_VERSION: 'it has a version of its format that is not known here',
  FORMAT_UNKNOWN: 'its format is not known here',
  FORMAT_UNKNOWN_TYPE: 'it holds a type that is not known here',

  CLAIM_ALGORITHM: (d) => `${fact(d, 'algorithm') || 'its algorithm'} is not a digest that can be computed here`,
  CLAIM_DIGEST: 'it is not a digest of the stated kind',
  CLAIM_DUPLICATE: 'it states two different digests for the same name',
  CLAIM_EMPTY: 'it states nothing',
  CLAIM_PATH: 'it names a file outside its folder',
  CLAIM_SYNTAX: 'it is in no known form',
  CLAIM_TOO_LARGE: 'it is too large to be a list',

  ATTEST_ASSERTION: 'a part of it is not the one that was signed',
  ATTEST_BILL_FILES: 'the files are not the ones it lists',
  ATTEST_BINDING: (d) =>
    fact(d, 'path') === '' ? 'it is not bound to the file' : 'the file is not the one that was signed',
  ATTEST_BUNDLE: 'it is in no known form',
  ATTEST_CBOR: 'what is signed is not plain CBOR',
  ATTEST_CERTIFICATE: 'its certificate does not hold',
  ATTEST_CLAIM: 'what is signed is no complete claim',
  ATTEST_DER: 'a signature or key in it is not encoded as it must be',
  ATTEST_EXPIRED: 'its certificate has expired',
  ATTEST_FILES: 'the files are not the ones it lists',
  ATTEST_IDENTITY: (d) =>
    `it is signed by ${fact(d, 'actual') || 'somebody else'}, and ${fact(d, 'expected') || 'another'} was expected`,
  ATTEST_JSON: 'what is signed is not plain JSON',
  ATTEST_KEY: 'the public key cannot be used',
  ATTEST_LOG: 'its entry in the public log does not hold',
  ATTEST_MATERIAL: 'what it carries does not fit together',
  ATTEST_NOT_REACHED: 'an earlier step did not hold',
  ATTEST_NO_AUTHORITY:
    'its signature holds with the certificate inside it, and no root certificate was given to say whose that is',
  ATTEST_NO_BINDING: 'the file it was made for was not compared',
  ATTEST_CONSISTENCY: (d) =>
    `it states ${fact(d, 'stated') || 'something else'} as ${fact(d, 'what') || 'a fact'}, and ${fact(d, 'where') || 'a file here'} says ${fact(d, 'actual') || 'another'}`,
  ATTEST_NO_BYTES: 'only headers were read',
  ATTEST_NO_FILE: 'none of the files it speaks of is here',
  ATTEST_NO_FILE_NAMED: 'it does not say which file it means',
  ATTEST_NO_HASHES: 'it states no hash of any file',
  ATTEST_NO_READER: (d) => `${fact(d, 'form') || 'its form'} is not read here`,
  ATTEST_NO_IDENTITY: 'nobody was named as the expected signer',
  ATTEST_NO_MANIFEST: 'the manifest itself is not here',
  ATTEST_NO_INSTANCE: 'it is of another Sigstore instance than the public one, and its trust root was not given',
  ATTEST_NO_KEY: 'no public key was given to check it with',
  ATTEST_NO_POLICY: 'nothing was said about how it should have been made',
  ATTEST_NO_SIGNED_FILE: 'the file it signs is not here',
  ATTEST_NO_USABLE_KEY: (d) => `${fact(d, 'name') || 'what you gave'} is no key for it`,
  ATTEST_NO_VERIFIER: 'Assay does not check signatures of this kind',
  ATTEST_NO_ROOT: 'no root certificate was given to check it with',
  ATTEST_NO_TIME: 'nothing in it says when it was signed',
  ATTEST_OTHER_KEY: 'it was signed with another key than the one given',
  ATTEST_POLICY: 'it was not made as expected',
  ATTEST_PREDICATE_TYPE: 'it is a statement about something else',
  ATTEST_ROOT_DIGEST: 'its list of files does not add up',
  ATTEST_SCHEMA: 'it breaks the rules of its standard',
  ATTEST_SIGNATURE: 'the signature does not hold',
  ATTEST_SIGNED_INSIDE: 'the signature inside it is not checked here',
  ATTEST_SUBJECT: 'it is about other bytes',
  ATTEST_TIME: 'nobody vouches for when it was signed',
  ATTEST_TRUST_ROOT: 'the trust root cannot be used',

  DB_MANIFEST_MISSING: 'there is none here',
  DB_ROLLED_BACK: 'it is older than the one used before',
  DB_SHARD_DIGEST: (d) =>
    `its file ${fact(d, 'file', 'shard', 'path') || ''} is not the published one`.replace('  ', ' '),
  DB_SHARD_MISSING: (d) => `its file ${fact(d, 'file', 'shard', 'path') || ''} is not at hand`.replace('  ', ' '),
  DB_TOO_NEW: 'it is newer than this program',

  HUB_FORBIDDEN: 'Hugging Face does not let you read it',
  HUB_GATED: 'its owner asks for acceptance of terms first',
  HUB_NOT_FOUND: 'Hugging Face has nothing of this name',
  HUB_RATE_LIMITED: 'Hugging Face asks for fewer requests',
  HUB_REFERENCE: 'this does not name a repository',
  HUB_REVISION: 'the repository has no such revision',
  HUB_SERVER: 'Hugging Face has trouble at the moment',
  HUB_UNAUTHORISED: 'Hugging Face wants to know who asks',

  ENGINE_INTERNAL: 'something in Assay went wrong',
  ENGINE_WORKER_DIED: 'reading it stopped unexpectedly',
};

const GROUPS: readonly (readonly [prefix: string, words: string])[] = [
  ['SOURCE_', 'it could not be read'],
  ['FORMAT_', 'it breaks the rules of its format'],
  ['CLAIM_', 'it cannot be used'],
  ['ATTEST_', 'its signature or record does not hold'],
  ['DB_', 'it could not be read'],
  ['HUB_', 'Hugging Face gave no usable answer'],
  ['ENGINE_', 'this program lacks something it needs'],
];

/** Half a sentence without capital and full stop. Every code has one. */
export function because(error: ErrorData): string {
  const own = REASONS[error.code];
  if (own !== undefined) return typeof own === 'function' ? own(error.detail) : own;
  return GROUPS.find(([prefix]) => error.code.startsWith(prefix))?.[1] ?? 'it was not possible';
}
