/**
 * Timestamp tokens (RFC 3161 over CMS, RFC 5652), ECDSA and RSA: what was stamped, when, and whether the certificate that
 * is in the token signed it. Whose certificate that is, is decided by a root that a person gives.
 */
import { toHex } from '../bytes/hex.ts';
import { AppError } from '../errors.ts';
import { certificateKey, hasPurpose, readCertificates, type X509Certificate } from './certificates.ts';
import { DER_INTEGER, DER_OID, DER_SEQUENCE, derElements, derOid, derOne, type DerValue } from './der.ts';
import { parsePublicKey, verifySignature, type Hash } from './public-key.ts';

export interface Timestamp {
  /** Digest that was stamped, lower-case hex, and with which hash it was made. */
  readonly imprint: string;
  readonly hash: Hash;
  readonly time: Date;
  /** The certificate whose key signed it, and the others in the token. */
  readonly signer: X509Certificate;
  readonly others: readonly X509Certificate[];
}

const OCTETS = 0x04;
const SET = 0x31;
const GENERALIZED_TIME = 0x18;
/** Context-specific, constructed: [0]. */
const TAG_0 = 0xa0;
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
/** RFC 2634 and RFC 5035: digest of the signer's certificate, so that no other can take its place. */
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const HASHES: Readonly<Record<string, Hash>> = {
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};
/** The hash that a signature algorithm names; null: the one of `digestAlgorithm`. */
const SIGNATURES: Readonly<Record<string, Hash | null>> = {
  '1.2.840.113549.1.1.1': null,
  '1.2.840.113549.1.1.11': 'SHA-256',
  '1.2.840.113549.1.1.12': 'SHA-384',
  '1.2.840.113549.1.1.13': 'SHA-512',
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
};

/**
 * Reads a token (or a whole response) and checks the signature in it.
 *
 * @throws AppError ATTEST_TIME {why}; ATTEST_DER, ATTEST_CERTIFICATE, ATTEST_KEY of malformed parts
 */
export async function readTimestamp(der: Uint8Array): Promise<Timestamp> {
  const parts = derElements(derOne(der, DER_SEQUENCE));
  // A response is a status and the token; a token begins with an object identifier.
  const token =
    parts[0]?.tag === DER_OID ? parts : derElements(need(parts[1], DER_SEQUENCE, 'a response without a token'));
  if (oid(token[0]) !== SIGNED_DATA) throw bad('it is no signed data');
  const [, , content, ...rest] = derElements(derOne(need(token[1], TAG_0, 'content'), DER_SEQUENCE));
  const [type, wrapped] = derElements(need(content, DER_SEQUENCE, 'content'));
  if (oid(type) !== TST_INFO) throw bad('it stamps something else');
  const info = derOne(need(wrapped, TAG_0, 'content'), OCTETS);
  const held = rest.find(({ tag }) => tag === TAG_0);
  const certificates = readCertificates(held === undefined ? [] : derElements(held.value).map(({ whole }) => whole));
  const signers = derElements(need(rest.at(-1), SET, 'signers'));
  if (signers.length !== 1) throw bad('not exactly one signer');
  const signer = await verified(signers[0]!, info, certificates);
  return { ...stampOf(info), signer, others: certificates.filter((one) => one !== signer) };
}

function stampOf(info: Uint8Array): Pick<Timestamp, 'imprint' | 'hash' | 'time'> {
  const [, , imprint, , time] = derElements(derOne(info, DER_SEQUENCE));
  const [algorithm, digest] = derElements(need(imprint, DER_SEQUENCE, 'imprint'));
  const hash = HASHES[oid(derElements(need(algorithm, DER_SEQUENCE, 'imprint'))[0])];
  if (hash === undefined) throw bad('a digest that is not supported');
  return { hash, imprint: toHex(need(digest, OCTETS, 'imprint')), time: timeOf(need(time, GENERALIZED_TIME, 'time')) };
}

function timeOf(bytes: Uint8Array): Date {
  const text = new TextDecoder('latin1').decode(bytes);
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d{1,9})?Z$/.exec(text) ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time.getTime())) throw bad('a time that is none');
  return time;
}

async function verified(
  signerInfo: DerValue,
  info: Uint8Array,
  certificates: readonly X509Certificate[],
): Promise<X509Certificate> {
  const parts = derElements(need(signerInfo, DER_SEQUENCE, 'signer'));
  const [, sid, digestAlgorithm, attributes, algorithm, signature] = parts;
  const hash = HASHES[oid(derElements(need(digestAlgorithm, DER_SEQUENCE, 'signer'))[0])];
  const named = SIGNATURES[oid(derElements(need(algorithm, DER_SEQUENCE, 'signer'))[0])];
  if (hash === undefined || named === undefined) throw bad('an algorithm that is not supported');
  const told = attributesOf(need(attributes, TAG_0, 'signed attributes'));
  const [type] = derElements(told.get(CONTENT_TYPE) ?? new Uint8Array(0));
  if (oid(type) !== TST_INFO) throw bad('the signed type is another one');
  const digest = derOne(told.get(MESSAGE_DIGEST) ?? new Uint8Array(0), OCTETS);
  if (toHex(digest) !== toHex(await digestOf(hash, info))) throw bad('what was signed is not what is stamped');
  const leaf = certificates.find((one) => isNamed(one, sid));
  if (leaf === undefined) throw bad('the signer’s certificate is not in it');
  await requireNamed(leaf, told);
  if (!hasPurpose(leaf, TIME_STAMPING)) throw bad('the certificate is not for timestamps');
  // What is signed is the set itself, not the tag it has here (RFC 5652 section 5.4).
  const signed = attributes!.whole.slice();
  signed[0] = SET;
  const key = parsePublicKey(certificateKey(leaf));
  if (!(await verifySignature(key, signed, need(signature, OCTETS, 'signature'), { hash: named ?? hash }))) {
    throw bad('its signature does not hold');
  }
  return leaf;
}

function attributesOf(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const one of derElements(bytes)) {
    const [type, values] = derElements(need(one, DER_SEQUENCE, 'signed attributes'));
    if (found.has(oid(type))) throw bad('an attribute twice');
    found.set(oid(type), need(values, SET, 'signed attributes'));
  }
  return found;
}

/** By issuer and serial number. Key identifiers are not used by timestamp authorities. */
function isNamed(certificate: X509Certificate, sid: DerValue | undefined): boolean {
  const [issuer, serial] = derElements(need(sid, DER_SEQUENCE, 'signer'));
  const tbs = derElements(
    derOne(derElements(derOne(new Uint8Array(certificate.rawData), DER_SEQUENCE))[0]!.whole, DER_SEQUENCE),
  );
  const [number, , own] = tbs[0]?.tag === TAG_0 ? tbs.slice(1) : tbs;
  if (issuer === undefined || serial === undefined || number === undefined || own === undefined) return false;
  return (
    serial.tag === DER_INTEGER &&
    toHex(serial.whole) === toHex(number.whole) &&
    toHex(issuer.whole) === toHex(own.whole)
  );
}

/** RFC 3161 section 2.4.2 demands the attribute. */
async function requireNamed(leaf: X509Certificate, told: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const second = told.get(SIGNING_CERTIFICATE_V2);
  const value = second ?? told.get(SIGNING_CERTIFICATE);
  if (value === undefined) throw bad('it does not name its certificate');
  const [list] = derElements(derOne(value, DER_SEQUENCE));
  const [first] = derElements(need(list, DER_SEQUENCE, 'its certificate'));
  const [algorithm, digest] = derElements(need(first, DER_SEQUENCE, 'its certificate'));
  const stated = algorithm?.tag === DER_SEQUENCE ? digest : algorithm;
  const other = algorithm?.tag === DER_SEQUENCE ? HASHES[oid(derElements(algorithm.value)[0])] : 'SHA-256';
  const hash = second === undefined ? 'SHA-1' : other;
  if (hash === undefined) throw bad('a digest that is not supported');
  const actual = await digestOf(hash, new Uint8Array(leaf.rawData));
  if (toHex(actual) !== toHex(need(stated, OCTETS, 'its certificate'))) throw bad('it names another certificate');
}

async function digestOf(hash: Hash | 'SHA-1', bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(hash, bytes.slice()));
}

function need(value: DerValue | undefined, tag: number, why: string): Uint8Array {
  if (value?.tag !== tag) throw bad(`${why} is malformed`);
  return value.value;
}

function oid(value: DerValue | undefined): string {
  return derOid(need(value, DER_OID, 'an identifier'));
}

function bad(why: string): AppError {
  return new AppError('ATTEST_TIME', { why });
}
