/** Makes OpenSSF model signatures for tests, right and wrong ones, with keys that live as long as the test. */
import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { preAuthEncoding } from '../dsse.ts';
import { OMS_PREDICATE } from './statement.ts';

export interface TestKey {
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo. */
  readonly pem: string;
}

export function newKey(curve: 'P-256' | 'P-384' | 'P-521' = 'P-256'): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** A statement over these files, with whatever is to be wrong in it. */
export function statementOver(
  files: Readonly<Record<string, Uint8Array>>,
  change: Readonly<Record<string, unknown>> = {},
) {
  const resources = Object.entries(files).map(([name, bytes]) => ({
    name,
    algorithm: 'sha256',
    digest: sha256(bytes),
  }));
  const root = sha256(Buffer.concat(resources.map(({ digest }) => Buffer.from(digest, 'hex'))));
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'model', digest: { sha256: root } }],
    predicateType: OMS_PREDICATE,
    predicate: { serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false }, resources },
    ...change,
  };
}

export function signed(statement: unknown, { privateKey, pem }: TestKey, hash = 'sha256'): Uint8Array {
  const payload = Buffer.from(JSON.stringify(statement));
  const payloadType = 'application/vnd.in-toto+json';
  const sig = createSign(hash).update(preAuthEncoding(payloadType, payload)).sign(privateKey).toString('base64');
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: sha256(pem) }, tlogEntries: [] },
    dsseEnvelope: { payload: payload.toString('base64'), payloadType, signatures: [{ sig, keyid: '' }] },
  };
  return Buffer.from(JSON.stringify(bundle));
}
