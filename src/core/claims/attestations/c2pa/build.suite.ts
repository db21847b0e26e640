/** Makes C2PA manifests and models that carry them, for tests: right ones, and ones that are bent in one place. */
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import { encode } from 'cborg';
import { constants, createHash, KeyObject, sign, webcrypto } from 'node:crypto';
import { toPem } from '../../../crypto/pem.ts';

const CURVES = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const;
const NUMBERS = { ES256: -7, ES384: -35, ES512: -36, PS256: -37, PS384: -38, PS512: -39, Ed25519: -8 } as const;
export type Algorithm = keyof typeof NUMBERS;

export interface C2paSigner {
  readonly algorithm: Algorithm;
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly rootPem: string;
  sign(bytes: Uint8Array): Uint8Array;
}

export interface Validity {
  readonly from?: string;
  readonly to?: string;
  readonly forSigning?: boolean;
}

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export async function c2paSigner(algorithm: Algorithm = 'ES256', validity: Validity = {}): Promise<C2paSigner> {
  const { from = '2026-01-01T00:00:00Z', to = '2099-01-01T00:00:00Z', forSigning = true } = validity;
  const times = { notBefore: new Date(from), notAfter: new Date(to) };
  const authority = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const root = await X509CertificateGenerator.create({
    subject: 'CN=Test authority',
    issuer: 'CN=Test authority',
    publicKey: authority.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: EC,
    extensions: [new BasicConstraintsExtension(true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign)],
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2099-01-01T00:00:00Z'),
  });
  const keys = (await webcrypto.subtle.generateKey(keyAlgorithm(algorithm), true, ['sign', 'verify'])) as CryptoKeyPair;
  const leaf = await X509CertificateGenerator.create({
    subject: 'CN=Model signer,O=Example',
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: EC,
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(forSigning ? KeyUsageFlags.digitalSignature : KeyUsageFlags.keyEncipherment),
    ],
    ...times,
  });
  const privateKey = KeyObject.from(keys.privateKey);
  const der = (one: X509Certificate): Uint8Array => new Uint8Array(one.rawData);
  return {
    algorithm,
    chain: [der(leaf), der(root)],
    rootPem: toPem('CERTIFICATE', der(root)),
    sign: (bytes) => signWith(algorithm, privateKey, bytes),
  };
}

function keyAlgorithm(algorithm: Algorithm): RsaHashedKeyGenParams | EcKeyGenParams | { readonly name: 'Ed25519' } {
  if (algorithm === 'Ed25519') return { name: 'Ed25519' };
  if (algorithm in CURVES) return { name: 'ECDSA', namedCurve: CURVES[algorithm as keyof typeof CURVES] };
  const publicExponent = new Uint8Array([1, 0, 1]);
  return { name: 'RSA-PSS', modulusLength: 2048, publicExponent, hash: `SHA-${algorithm.slice(2)}` };
}

function signWith(algorithm: Algorithm, key: KeyObject, bytes: Uint8Array): Uint8Array {
  if (algorithm === 'Ed25519') return sign(null, bytes, key);
  const hash = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('ES')) return sign(hash, bytes, { key, dsaEncoding: 'ieee-p1363' });
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return sign(hash, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function joinedBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

export function box(type: string, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = joinedBytes(...contents);
  const head = new DataView(new ArrayBuffer(4));
  head.setUint32(0, body.length + 8);
  return joinedBytes(new Uint8Array(head.buffer), utf8(type), body);
}

export function superBox(type: string, label: string, ...inside: readonly Uint8Array[]): Uint8Array {
  const uuid = joinedBytes(utf8(type), Buffer.from('00110010800000aa00389b71', 'hex'));
  return box('jumb', box('jumd', uuid, Uint8Array.of(3), utf8(`${label}\0`)), ...inside);
}

export const cborBox = (label: string, value: unknown): Uint8Array =>
  superBox('cbor', label, box('cbor', encode(value)));

export interface Place {
  readonly start: number;
  readonly length: number;
}

/** What may be bent. Each is given what is right. */
export interface Bend {
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
  readonly exclusions?: (place: Place) => unknown;
  readonly dataHash?: (assertion: Record<string, unknown>) => Record<string, unknown>;
  /** Before the claim is made over them. */
  readonly assertions?: (all: Map<string, Uint8Array>) => void;
  readonly claim?: (claim: Record<string, unknown>) => Record<string, unknown>;
  /** After it was signed. */
  readonly signedClaim?: (claim: Uint8Array) => Uint8Array;
  readonly stored?: (all: Map<string, Uint8Array>) => void;
  readonly protectedHeader?: (header: Map<unknown, unknown>) => void;
  readonly unprotectedHeader?: (header: Map<unknown, unknown>) => void;
  readonly cose?: (parts: unknown[]) => unknown;
  readonly manifestType?: string;
  readonly claimVersion?: 1 | 2;
  /** Superboxes of the store besides the manifest, before it. */
  readonly before?: readonly Uint8Array[];
  /** The store as it goes into the file. */
  readonly store?: (bytes: Uint8Array) => Uint8Array;
}

const LABEL = 'urn:c2pa:00000000-0000-4000-8000-000000000000';

/** @param digestOf of the file without the bytes that are left out; null: no binding at all */
export function manifestStore(
  signer: C2paSigner,
  place: Place | null,
  digestOf: ((hash: string) => Uint8Array) | null,
  bend: Bend = {},
): Uint8Array {
  const { hash = 'sha256', claimVersion = 2 } = bend;
  const assertions = new Map<string, Uint8Array>();
  if (digestOf !== null) {
    const exclusions = place === null ? {} : { exclusions: bend.exclusions?.(place) ?? [place] };
    const right = { ...exclusions, alg: hash, hash: digestOf(hash), name: 'manifest', pad: new Uint8Array(0) };
    assertions.set('c2pa.hash.data', cborBox('c2pa.hash.data', bend.dataHash?.(right) ?? right));
  }
  assertions.set('c2pa.actions.v2', cborBox('c2pa.actions.v2', { actions: [{ action: 'c2pa.created' }] }));
  bend.assertions?.(assertions);
  const referred = [...assertions].map(([label, one]) => ({
    url: `self#jumbf=c2pa.assertions/${label}`,
    hash: new Uint8Array(createHash(hash).update(one.subarray(8)).digest()),
  }));
  const generator =
    claimVersion === 1
      ? { claim_generator: 'test/1', assertions: referred }
      : { claim_generator_info: { name: 'test', version: '1' }, created_assertions: referred };
  const right = {
    instanceID: 'xmp:iid:1',
    ...generator,
    signature: `self#jumbf=/c2pa/${LABEL}/c2pa.signature`,
    'dc:title': 'tiny',
    alg: hash,
  };
  const claim = encode(bend.claim?.(right) ?? right);
  const header = new Map<unknown, unknown>([
    [1, NUMBERS[signer.algorithm]],
    [33, [...signer.chain]],
  ]);
  bend.protectedHeader?.(header);
  const head = encodeMap(header);
  const unprotected = new Map<unknown, unknown>();
  bend.unprotectedHeader?.(unprotected);
  const signature = signer.sign(encode(['Signature1', head, new Uint8Array(0), claim]));
  const parts = [head, unprotected, null, signature];
  const cose = bend.cose?.(parts) ?? parts;
  const signed = Array.isArray(cose) ? coseBytes(cose as unknown[]) : (cose as Uint8Array);
  bend.stored?.(assertions);
  const manifest = superBox(
    bend.manifestType ?? 'c2ma',
    LABEL,
    superBox('c2as', 'c2pa.assertions', ...assertions.values()),
    superBox(
      'c2cl',
      claimVersion === 1 ? 'c2pa.claim' : 'c2pa.claim.v2',
      box('cbor', bend.signedClaim?.(claim) ?? claim),
    ),
    superBox('c2cs', 'c2pa.signature', box('cbor', signed)),
  );
  const store = superBox('c2pa', 'c2pa', ...(bend.before ?? []), manifest);
  return bend.store?.(store) ?? store;
}

/** Keys of a COSE header are numbers and texts, in any order the test likes. */
function encodeMap(map: ReadonlyMap<unknown, unknown>): Uint8Array {
  return joinedBytes(
    Uint8Array.of(0xa0 + map.size),
    ...[...map].flatMap(([key, value]) => [encode(key), encode(value)]),
  );
}

function coseBytes([head, unprotected, payload, signature]: readonly unknown[]): Uint8Array {
  const header = unprotected instanceof Map ? encodeMap(unprotected) : encode(unprotected);
  return joinedBytes(Uint8Array.of(0xd2, 0x84), encode(head), header, encode(payload), encode(signature));
}

/** A file around the base64 text of a manifest, and where the text begins. */
type Container = (text: string) => { readonly bytes: Uint8Array; readonly start: number };

export const SAFETENSORS: Container = (text) => {
  const before = '{"__metadata__":{"format":"pt","c2pa:manifest":"';
  const header = `${before}${text}"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`;
  const json = utf8(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(json.length), true);
  const weights = Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 64);
  return { bytes: joinedBytes(new Uint8Array(length.buffer), json, weights), start: 8 + before.length };
};

function varint(value: number): Uint8Array {
  const out: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    out.push((left % 128) + (left >= 128 ? 128 : 0));
    if (left < 128) return Uint8Array.from(out);
  }
}
const field = (number: number, ...bytes: readonly Uint8Array[]): Uint8Array => {
  const body = joinedBytes(...bytes);
  return joinedBytes(varint(number * 8 + 2), varint(body.length), body);
};

export const ONNX: Container = (text) => {
  const graph = field(7, field(2, utf8('g')));
  const head = joinedBytes(Uint8Array.of(8, 8), graph, field(8, Uint8Array.of(16, 13)));
  const property = field(14, field(1, utf8('c2pa:manifest')), field(2, utf8(text)));
  const start = head.length + property.length - text.length;
  return { bytes: joinedBytes(head, property, field(2, utf8('behind'))), start };
};

/** A model that carries its manifest. The length of the text is tried until it is its own. */
export function signedModel(signer: C2paSigner, container: Container = SAFETENSORS, bend: Bend = {}): Uint8Array {
  for (let length = 4; ;) {
    const { bytes, start } = container('A'.repeat(length));
    const digestOf = (hash: string): Uint8Array =>
      createHash(hash)
        .update(bytes.subarray(0, start))
        .update(bytes.subarray(start + length))
        .digest();
    const store = manifestStore(signer, { start, length }, (hash) => new Uint8Array(digestOf(hash)), bend);
    const text = Buffer.from(store).toString('base64');
    if (text.length === length) return container(text).bytes;
    length = text.length;
  }
}

/** Where the manifest's text lies. */
export function placeIn(model: Uint8Array, key = 'c2pa:manifest'): Place {
  const text = Buffer.from(model).toString('latin1');
  const from = text.indexOf('AA', text.indexOf(key) + key.length);
  const [found] = /[A-Za-z0-9+/=]+/.exec(text.slice(from))!;
  return { start: from, length: found.length };
}
