/**
 * The only place that knows Sigstore's packages. Loaded on demand by `load.ts`, which first provides `Buffer`.
 *
 * The packages do the log, certificate, timestamp and signature arithmetic; what they leave open is checked around them:
 * exact media types, complete trust roots, the certificate named by a log entry, exact identities.
 */
import { bundleFromJSON, ValidationError, type Bundle } from '@sigstore/bundle';
import { crypto, X509Certificate } from '@sigstore/core';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import {
  toSignedEntity,
  toTrustMaterial,
  VerificationError,
  Verifier,
  type SignedEntity,
  type Signer,
  type TrustMaterial,
} from '@sigstore/verify';

export { bundleFromJSON, toSignedEntity, toTrustMaterial, TrustedRoot, ValidationError, VerificationError, Verifier };
export type { Bundle, SignedEntity, Signer, TrustMaterial };

/** Node's `Buffer` or its stand-in, as the packages want bytes; not known by name where Node's types are not. */
type PackageBuffer = SignedEntity['signature']['signature'];
declare const Buffer: { from(bytes: Uint8Array): PackageBuffer };

/** Keys in the form the packages pass around, from SubjectPublicKeyInfo (DER). */
export function publicKeys(spkis: readonly Uint8Array[]): Signer['key'][] {
  return spkis.map((spki) => crypto.createPublicKey(Buffer.from(spki)));
}

/** SubjectPublicKeyInfo (DER) of such a key. */
export function spkiOf(key: Signer['key']): Uint8Array {
  return key.export({ type: 'spki', format: 'der' });
}

export function asBuffer(bytes: Uint8Array): PackageBuffer {
  return Buffer.from(bytes);
}

/** A certificate as the packages read it, from DER. */
export function readCertificate(der: Uint8Array): X509Certificate {
  return X509Certificate.parse(Buffer.from(der) as Parameters<typeof X509Certificate.parse>[0]);
}
