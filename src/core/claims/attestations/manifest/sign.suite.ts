/** Writes signed manifests for tests with keys that live as long as the test. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { parsePublicKey } from '../../../crypto/public-key.ts';
import { bytesOf, type Files } from '../folder.suite.ts';
import {
  manifestAlgorithm,
  manifestBody,
  manifestKeyId,
  manifestSignedBytes,
  manifestText,
  type ManifestBody,
} from './canonical.ts';

export interface ManifestKey {
  readonly privateKey: KeyObject;
  readonly pem: string;
  readonly spki: Uint8Array;
}

export function manifestKey(type: 'P-256' | 'P-384' | 'P-521' | 'Ed25519' = 'P-256'): ManifestKey {
  const { privateKey, publicKey } =
    type === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: type });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  return { privateKey, spki, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** DER for ECDSA, 64 bytes for Ed25519. */
export function signatureOver(bytes: Uint8Array, { privateKey }: ManifestKey): Uint8Array {
  const curve = privateKey.asymmetricKeyDetails?.namedCurve;
  return sign(curve === undefined ? null : curve === 'secp384r1' ? 'sha384' : 'sha256', bytes, privateKey);
}

export async function bodyOver(files: Files, created = '2026-11-21T09:00:00Z'): Promise<ManifestBody> {
  const listed = Object.entries(files).map(([path, content]) => ({
    path,
    size: bytesOf(content).length,
    sha256: createHash('sha256').update(bytesOf(content)).digest('hex'),
  }));
  return manifestBody('tiny', listed, { licence: 'apache-2.0', steps: 3, naïve: 'ünï\u{1f600}' }, created);
}

export async function signedManifest(body: ManifestBody, key: ManifestKey): Promise<string> {
  return manifestText(body, {
    alg: manifestAlgorithm(parsePublicKey(key.spki)) ?? 'none',
    keyid: await manifestKeyId(key.spki),
    value: Buffer.from(signatureOver(manifestSignedBytes(body), key)).toString('base64'),
  });
}
