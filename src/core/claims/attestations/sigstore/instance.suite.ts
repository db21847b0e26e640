/**
 * A small private instance of Sigstore for tests: an authority that issues short certificates, a certificate log, a
 * signature log, and the trust root that names them. It makes bundles as the real one does, and lets tests bend any part.
 */
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import {
  createHash,
  generateKeyPairSync,
  KeyObject,
  randomBytes,
  sign as signBytes,
  webcrypto,
  type KeyPairKeyObjectResult,
} from 'node:crypto';
import { preAuthEncoding } from '../dsse.ts';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';
const ISSUER = '1.3.6.1.4.1.57264.1.8';
const ORIGIN = 'log.example.test';

export interface SignOptions {
  readonly identity?: string;
  readonly issuer?: string;
  /** When the certificate was issued and the entry was logged. */
  readonly at?: Date;
  /** Changes the log entry before it is logged. */
  readonly entry?: (body: Record<string, unknown>) => Record<string, unknown>;
  /** Leaves out the certificate log's promise. */
  readonly withoutSct?: boolean;
}

export interface Instance {
  /** `trusted_root.json`. */
  readonly trustedRoot: Uint8Array;
  /** A v0.3 bundle over an in-toto statement. */
  signStatement(statement: unknown, options?: SignOptions): Promise<Record<string, unknown>>;
  /** A v0.3 bundle over a file. */
  signFile(bytes: Uint8Array, options?: SignOptions): Promise<Record<string, unknown>>;
}

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const spkiOf = ({ publicKey }: KeyPairKeyObjectResult): Uint8Array => publicKey.export({ type: 'spki', format: 'der' });

export async function newInstance(): Promise<Instance> {
  const authority = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const certificateLog = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signatureLog = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const start = new Date('2024-01-01');
  const root = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test authority,O=example.test',
    keys: authority as CryptoKeyPair,
    signingAlgorithm: EC,
    notBefore: start,
    notAfter: new Date('2034-01-01'),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const log = (keys: KeyPairKeyObjectResult) => ({
    baseUrl: `https://${ORIGIN}`,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: base64(spkiOf(keys)),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start: start.toISOString() },
    },
    logId: { keyId: base64(sha256(spkiOf(keys))) },
  });
  const trustedRoot = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(signatureLog)],
    certificateAuthorities: [
      {
        subject: { organization: 'example.test', commonName: 'Test authority' },
        uri: 'https://ca.example.test',
        certChain: { certificates: [{ rawBytes: base64(new Uint8Array(root.rawData)) }] },
        validFor: { start: start.toISOString() },
      },
    ],
    ctlogs: [log(certificateLog)],
    timestampAuthorities: [],
  };
  const make = async (
    options: SignOptions,
    content: (leaf: { certificate: X509Certificate; key: CryptoKeyPair }) => Promise<Content>,
  ): Promise<Record<string, unknown>> => {
    const at = options.at ?? new Date('2026-03-01T10:00:00Z');
    const key = (await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])) as CryptoKeyPair;
    const certificate = await issue(root, authority as CryptoKeyPair, key, certificateLog, at, options);
    const { part, kind, body } = await content({ certificate, key });
    const entry = logged(options.entry?.(body) ?? body, kind, signatureLog, at);
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: base64(new Uint8Array(certificate.rawData)) },
        tlogEntries: [entry],
      },
      ...part,
    };
  };
  return {
    trustedRoot: new TextEncoder().encode(JSON.stringify(trustedRoot)),
    signStatement: (statement, options = {}) =>
      make(options, ({ certificate, key }) => envelopeContent(statement, certificate, key)),
    signFile: (bytes, options = {}) => make(options, ({ certificate, key }) => messageContent(bytes, certificate, key)),
  };
}

/** A certificate for minutes, with the promise of the certificate log inside (RFC 6962, section 3.2). */
async function issue(
  root: X509Certificate,
  authority: CryptoKeyPair,
  key: CryptoKeyPair,
  log: KeyPairKeyObjectResult,
  at: Date,
  { identity = 'release@example.test', issuer = 'https://accounts.example.test', withoutSct = false }: SignOptions,
): Promise<X509Certificate> {
  const serialNumber = Buffer.from(Uint8Array.of(0x4d, ...randomBytes(15))).toString('hex');
  const extensions = [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([CODE_SIGNING]),
    new SubjectAlternativeNameExtension(
      [identity.includes('://') ? { type: 'url', value: identity } : { type: 'email', value: identity }],
      true,
    ),
    new Extension(ISSUER, false, utf8String(issuer)),
  ];
  const create = (more: readonly Extension[]): Promise<X509Certificate> =>
    X509CertificateGenerator.create({
      serialNumber,
      subject: '',
      issuer: root.subject,
      publicKey: key.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: EC,
      notBefore: at,
      notAfter: new Date(at.getTime() + 600_000),
      extensions: [...extensions, ...more],
    });
  const plain = await create([]);
  if (withoutSct) return plain;
  const issuerKey = sha256(new Uint8Array(root.publicKey.rawData));
  const list = sctList(tbsOf(plain), issuerKey, log, at);
  return create([new Extension(SCT_LIST, false, list)]);
}

function utf8String(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.of(0x0c, bytes.length, ...bytes);
}

/** The first element of a certificate: what is signed. */
function tbsOf(certificate: X509Certificate): Uint8Array {
  const der = new Uint8Array(certificate.rawData);
  const outer = headerLength(der, 0);
  const inner = headerLength(der, outer.header);
  return der.subarray(outer.header, outer.header + inner.header + inner.length);
}

function headerLength(der: Uint8Array, at: number): { readonly header: number; readonly length: number } {
  const first = der[at + 1]!;
  if (first < 0x80) return { header: 2, length: first };
  const count = first & 0x7f;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + der[at + 2 + i]!;
  return { header: 2 + count, length };
}

function sctList(
  tbs: Uint8Array,
  issuerKey: Uint8Array,
  log: KeyPairKeyObjectResult,
  at: Date,
): Uint8Array<ArrayBuffer> {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(at.getTime()));
  const size24 = [tbs.length >> 16, (tbs.length >> 8) & 255, tbs.length & 255];
  const signed = Buffer.concat([
    Uint8Array.of(0, 0),
    time,
    Uint8Array.of(0, 1),
    issuerKey,
    Uint8Array.from(size24),
    tbs,
    Uint8Array.of(0, 0),
  ]);
  const signature = signBytes('sha256', signed, log.privateKey);
  const sct = Buffer.concat([
    Uint8Array.of(0),
    sha256(spkiOf(log)),
    time,
    Uint8Array.of(0, 0, 4, 3, signature.length >> 8, signature.length & 255),
    signature,
  ]);
  const list = Buffer.concat([
    Uint8Array.of((sct.length + 2) >> 8, (sct.length + 2) & 255, sct.length >> 8, sct.length & 255),
    sct,
  ]);
  // The extension's value is an OCTET STRING with the list in it.
  return Uint8Array.of(0x04, ...(list.length < 0x80 ? [list.length] : [0x81, list.length]), ...list);
}

interface Content {
  readonly part: Record<string, unknown>;
  readonly kind: { readonly kind: string; readonly version: string };
  readonly body: Record<string, unknown>;
}

function privateKey(key: CryptoKeyPair): KeyObject {
  return KeyObject.from(key.privateKey as webcrypto.CryptoKey);
}

async function envelopeContent(statement: unknown, certificate: X509Certificate, key: CryptoKeyPair): Promise<Content> {
  const payload = new TextEncoder().encode(JSON.stringify(statement));
  const payloadType = 'application/vnd.in-toto+json';
  const sig = base64(signBytes('sha256', preAuthEncoding(payloadType, payload), privateKey(key)));
  const dsseEnvelope = { payload: base64(payload), payloadType, signatures: [{ sig }] };
  const hex = (bytes: Uint8Array) => ({ algorithm: 'sha256', value: Buffer.from(bytes).toString('hex') });
  return {
    part: { dsseEnvelope },
    kind: { kind: 'dsse', version: '0.0.1' },
    body: {
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: hex(sha256(new TextEncoder().encode(JSON.stringify(dsseEnvelope)))),
        payloadHash: hex(sha256(payload)),
        signatures: [{ signature: sig, verifier: base64(new TextEncoder().encode(certificate.toString('pem'))) }],
      },
    },
  };
}

async function messageContent(file: Uint8Array, certificate: X509Certificate, key: CryptoKeyPair): Promise<Content> {
  const digest = sha256(file);
  const signature = base64(signBytes('sha256', file, privateKey(key)));
  return {
    part: { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: base64(digest) }, signature } },
    kind: { kind: 'hashedrekord', version: '0.0.1' },
    body: {
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: {
        data: { hash: { algorithm: 'sha256', value: Buffer.from(digest).toString('hex') } },
        signature: {
          content: signature,
          publicKey: { content: base64(new TextEncoder().encode(certificate.toString('pem'))) },
        },
      },
    },
  };
}

/** An entry of a log with two leaves, of which this is the second: promise, proof and checkpoint. */
function logged(
  body: Record<string, unknown>,
  kindVersion: Content['kind'],
  log: KeyPairKeyObjectResult,
  at: Date,
): Record<string, unknown> {
  const canonicalizedBody = base64(new TextEncoder().encode(JSON.stringify(body)));
  const keyId = sha256(spkiOf(log));
  const integratedTime = Math.floor((at.getTime() + 60_000) / 1000);
  const logID = Buffer.from(keyId).toString('hex');
  const promised = JSON.stringify({ body: canonicalizedBody, integratedTime, logID, logIndex: 1 });
  const other = sha256(Uint8Array.of(0), Buffer.from('another entry'));
  const leaf = sha256(Uint8Array.of(0), Buffer.from(canonicalizedBody, 'base64'));
  const rootHash = base64(sha256(Uint8Array.of(1), other, leaf));
  const note = `${ORIGIN}\n2\n${rootHash}\n`;
  const signature = signBytes('sha256', Buffer.from(note), log.privateKey);
  const line = base64(Buffer.concat([keyId.subarray(0, 4), signature]));
  return {
    logIndex: '1',
    logId: { keyId: base64(keyId) },
    kindVersion,
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: base64(signBytes('sha256', Buffer.from(promised), log.privateKey)) },
    inclusionProof: {
      logIndex: '1',
      rootHash,
      treeSize: '2',
      hashes: [base64(other)],
      checkpoint: { envelope: `${note}\n— ${ORIGIN} ${line}\n` },
    },
    canonicalizedBody,
  };
}
