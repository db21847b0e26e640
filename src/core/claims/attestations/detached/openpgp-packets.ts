/** OpenPGP signature packets (RFC 9580 sections 4.2 and 5.2, RFC 4880 for version 3), read to say what they state. */
import { toHex } from '../../../bytes/hex.ts';
import { AppError } from '../../../errors.ts';
import { PGP_PACKETS_MAX } from '../../../limits.ts';

const SIGNATURE = 2;
const ONE_PASS = 4;
const COMPRESSED = 8;
const LITERAL = 11;

/** Nothing of it is believed: it is what the packet claims. */
export interface PgpSignature {
  readonly version: number;
  /** 0 over a file, 1 over text. */
  readonly type: number;
  readonly hash: string;
  readonly algorithm: string;
  /** Fingerprint, or key id where only that is stated; hex, upper-case. */
  readonly issuer?: string;
  readonly created?: string;
}

interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
}

const ALGORITHMS: Readonly<Record<number, string>> = {
  1: 'RSA',
  3: 'RSA',
  17: 'DSA',
  19: 'ECDSA',
  22: 'EdDSA',
  27: 'Ed25519',
  28: 'Ed448',
};
const HASHES: Readonly<Record<number, string>> = {
  1: 'MD5',
  2: 'SHA-1',
  3: 'RIPEMD-160',
  8: 'SHA-256',
  9: 'SHA-384',
  10: 'SHA-512',
  11: 'SHA-224',
  12: 'SHA3-256',
  14: 'SHA3-512',
};
/** Numbers a signature ends with: so many multiprecision integers, or so many bytes. */
const INTEGERS: Readonly<Record<number, number>> = { 1: 1, 3: 1, 17: 2, 19: 2, 22: 2 };
const OCTETS: Readonly<Record<number, number>> = { 27: 64, 28: 114 };
/** Salt of version 6 by hash (RFC 9580 section 9.5). */
const SALTS: Readonly<Record<number, number>> = { 8: 16, 9: 24, 10: 32, 11: 16, 12: 16, 14: 32 };
const TYPES_OVER_FILES: ReadonlySet<number> = new Set([0, 1]);

/** What a run of packets is: signatures alone, or a message that begins as a signed one does. */
export type PgpContent =
  | { readonly form: 'detached'; readonly signatures: readonly PgpSignature[] }
  | { readonly form: 'message'; readonly signatures: readonly PgpSignature[] };

/** @throws AppError ATTEST_BUNDLE {why} */
export function readPackets(bytes: Uint8Array): PgpContent {
  const [first] = bytes;
  if (first === undefined || first < 0x80) throw bad('it does not begin with a packet');
  const tag = first >= 0xc0 ? first - 0xc0 : Math.floor(first / 4) % 16;
  // What is signed follows or is compressed: nothing more is read of it.
  if (tag === ONE_PASS || tag === COMPRESSED) return { form: 'message', signatures: startOfMessage(bytes, tag) };
  if (tag !== SIGNATURE) throw bad('its first packet is no signature');
  const signatures: PgpSignature[] = [];
  for (let at = 0; at < bytes.length;) {
    const { packet, next } = packetAt(bytes, at);
    if (packet.tag === LITERAL || packet.tag === COMPRESSED) return { form: 'message', signatures };
    if (packet.tag !== SIGNATURE) throw bad('packets of another kind follow');
    if (signatures.length >= PGP_PACKETS_MAX) throw bad('too many signatures');
    signatures.push(signatureOf(packet.body));
    at = next;
  }
  return { form: 'detached', signatures };
}

/** A one-pass packet (version 3) says hash, algorithm and key before the text; a compressed one says nothing. */
function startOfMessage(bytes: Uint8Array, tag: number): readonly PgpSignature[] {
  if (tag === COMPRESSED) {
    if (bytes.length < 3) throw bad('it ends too early');
    return [];
  }
  const { body } = packetAt(bytes, 0).packet;
  if (body[0] !== 3 || body.length !== 13) throw bad('its first packet is malformed');
  return [
    {
      version: 3,
      type: body[1]!,
      hash: named(HASHES, body[2]!),
      algorithm: named(ALGORITHMS, body[3]!),
      issuer: toHex(body.subarray(4, 12)).toUpperCase(),
    },
  ];
}

/** Framing of sections 4.2.1 and 4.2.2; lengths of unknown size are for data, not for signatures. */
function packetAt(bytes: Uint8Array, at: number): { readonly packet: Packet; readonly next: number } {
  const first = bytes[at]!;
  if (first < 0x80) throw bad('bytes that are no packet');
  const modern = first >= 0xc0;
  const tag = modern ? first - 0xc0 : Math.floor(first / 4) % 16;
  const data = tag === LITERAL || tag === COMPRESSED;
  let sizeBytes: number;
  let length: number;
  if (modern) {
    const one = bytes[at + 1] ?? 0xff;
    if (one < 192) [sizeBytes, length] = [1, one];
    else if (one < 224) [sizeBytes, length] = [2, (one - 192) * 256 + (bytes[at + 2] ?? 0) + 192];
    else if (one === 255) [sizeBytes, length] = [5, bigEndian(bytes.subarray(at + 2, at + 6))];
    else if (data) return { packet: { tag, body: bytes.subarray(at + 2) }, next: bytes.length };
    else throw bad('a length that is for data alone');
  } else {
    const kind = first % 4;
    if (kind === 3) {
      if (!data) throw bad('a length that is for data alone');
      return { packet: { tag, body: bytes.subarray(at + 1) }, next: bytes.length };
    }
    sizeBytes = 2 ** kind;
    length = bigEndian(bytes.subarray(at + 1, at + 1 + sizeBytes));
  }
  const start = at + 1 + sizeBytes;
  if (start + length > bytes.length) throw bad('it ends too early');
  return { packet: { tag, body: bytes.subarray(start, start + length) }, next: start + length };
}

function signatureOf(body: Uint8Array): PgpSignature {
  const version = body[0];
  if (version === 3) return versionThree(body);
  if (version !== 4 && version !== 6) throw bad(`a signature of version ${version ?? 'none'}`);
  const [, type, algorithm, hash] = body;
  if (hash === undefined || !TYPES_OVER_FILES.has(type!)) throw bad('a signature that is not over a file');
  const wide = version === 6 ? 4 : 2;
  const hashed = area(body, 4, wide);
  const unhashed = area(body, hashed.next, wide);
  let at = unhashed.next + 2;
  if (version === 6) at += saltLength(body, at, hash) + 1;
  checkNumbers(body, at, algorithm!);
  // What is not hashed is anybody's; an issuer there is only a hint, like everything shown here.
  const facts = { ...subpackets(unhashed.bytes), ...subpackets(hashed.bytes) };
  return { version, type: type!, hash: named(HASHES, hash), algorithm: named(ALGORITHMS, algorithm!), ...facts };
}

function versionThree(body: Uint8Array): PgpSignature {
  if (body.length < 19 || body[1] !== 5) throw bad('a signature that ends too early');
  const [type, algorithm, hash] = [body[2]!, body[15]!, body[16]!];
  if (!TYPES_OVER_FILES.has(type)) throw bad('a signature that is not over a file');
  checkNumbers(body, 19, algorithm);
  return {
    version: 3,
    type,
    hash: named(HASHES, hash),
    algorithm: named(ALGORITHMS, algorithm),
    issuer: toHex(body.subarray(7, 15)).toUpperCase(),
    created: timeOf(body.subarray(3, 7)),
  };
}

function area(body: Uint8Array, at: number, wide: number): { readonly bytes: Uint8Array; readonly next: number } {
  const start = at + wide;
  const length = start > body.length ? 0 : bigEndian(body.subarray(at, start));
  if (start + length + 2 > body.length) throw bad('a signature that ends too early');
  return { bytes: body.subarray(start, start + length), next: start + length };
}

function saltLength(body: Uint8Array, at: number, hash: number): number {
  const length = body[at];
  if (length === undefined || length !== SALTS[hash]) throw bad('a salt of another length');
  return length;
}

/** The rest must be exactly what the algorithm's signatures are made of; of unknown algorithms nothing is known. */
function checkNumbers(body: Uint8Array, start: number, algorithm: number): void {
  let at = start;
  const octets = OCTETS[algorithm];
  const count = INTEGERS[algorithm];
  if (octets !== undefined) at += octets;
  else if (count !== undefined) {
    for (let i = 0; i < count; i++) {
      if (at + 2 > body.length) throw bad('a signature that ends too early');
      at += 2 + Math.ceil(bigEndian(body.subarray(at, at + 2)) / 8);
    }
  } else return;
  if (at !== body.length) throw bad('a signature that does not end where it must');
}

/** Creation time (2), issuer key id (16), issuer fingerprint (33): section 5.2.3.7. */
function subpackets(bytes: Uint8Array): Pick<PgpSignature, 'issuer' | 'created'> {
  let fingerprint: string | undefined;
  let keyId: string | undefined;
  let created: string | undefined;
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    if (++count > PGP_PACKETS_MAX) throw bad('too many parts');
    const one = bytes[at]!;
    const size = one < 192 ? 1 : one < 255 ? 2 : 5;
    const length =
      size === 1
        ? one
        : size === 2
          ? (one - 192) * 256 + (bytes[at + 1] ?? 0) + 192
          : bigEndian(bytes.subarray(at + 1, at + 5));
    const start = at + size;
    if (length === 0 || start + length > bytes.length) throw bad('a part of it does not fit');
    const type = bytes[start]! % 128;
    const body = bytes.subarray(start + 1, start + length);
    if (type === 2 && body.length === 4) created = timeOf(body);
    if (type === 16 && body.length === 8) keyId = toHex(body).toUpperCase();
    if (type === 33 && (body.length === 21 || body.length === 33)) fingerprint = toHex(body.subarray(1)).toUpperCase();
    at = start + length;
  }
  const issuer = fingerprint ?? keyId;
  return { ...(issuer === undefined ? {} : { issuer }), ...(created === undefined ? {} : { created }) };
}

function timeOf(bytes: Uint8Array): string {
  return new Date(bigEndian(bytes) * 1000).toISOString();
}

function bigEndian(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function named(names: Readonly<Record<number, string>>, id: number): string {
  return names[id] ?? `number ${id}`;
}

function bad(why: string): AppError {
  return new AppError('ATTEST_BUNDLE', { why });
}
