/** What a bundle signs: an envelope it carries, or an artifact of which only digests are at hand. */
import { fromHex } from '../../../bytes/hex.ts';
import { AppError } from '../../../errors.ts';
import { parsePublicKey } from '../../../crypto/public-key.ts';
import type { Algorithm } from '../../../hash/hasher.ts';
import type { Bundle, SignedEntity } from './engine.ts';
import type { SigstoreEngine } from './load.ts';

/** The artifact a message signature is over. */
export interface SignedArtifact {
  /** Lower-case hex. */
  digest(algorithm: Algorithm): Promise<string>;
  /** The bytes themselves, for keys that sign the message and not its digest. @throws AppError SOURCE_TOO_LARGE */
  bytes(): Promise<Uint8Array>;
}

/** Numbers of `HashAlgorithm` in sigstore_common.proto; unspecified is SHA-256. */
const HASHES: Readonly<Record<number, Algorithm>> = { 0: 'sha256', 1: 'sha256', 2: 'sha384', 3: 'sha512' };

/**
 * A message signature as the packages see one, over a digest that was computed from a stream: a model of many gigabytes
 * is never held in memory.
 *
 * @throws AppError ATTEST_SUBJECT when the bundle states another digest than the artifact has; ATTEST_BUNDLE for a hash
 *   that is not supported; SOURCE_* of the artifact
 */
export async function messageEntity(
  engine: SigstoreEngine,
  bundle: Bundle & { readonly content: { readonly $case: 'messageSignature' } },
  artifact: SignedArtifact,
  spki: Uint8Array,
): Promise<SignedEntity['signature']> {
  const { signature, messageDigest } = bundle.content.messageSignature;
  const algorithm = HASHES[messageDigest.algorithm];
  if (algorithm === undefined) throw new AppError('ATTEST_BUNDLE', { why: 'its digest is of an unknown kind' });
  const digest = engine.asBuffer(fromHex(await artifact.digest(algorithm)));
  const key = parsePublicKey(spki);
  const message = key.type === 'ed25519' ? engine.asBuffer(await artifact.bytes()) : null;
  const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
  const { verifyDigest, verify, KeyObject } = await import('../../../crypto/node-crypto.ts');
  return {
    signature: engine.asBuffer(signature),
    compareSignature: (other) => equal(other, signature),
    compareDigest: (other) => equal(other, digest),
    compareSignedDigest: (other) => equal(other, digest),
    verifySignature: () => {
      if (message !== null) return verify(undefined, message, new KeyObject(key), signature);
      if (key.type !== 'ec') return false;
      try {
        return verifyDigest(key, digest, signature);
      } catch {
        return false;
      }
    },
  };
}

/** True when the bundle's own note of the digest is not the artifact's. It is a hint, and a false one. */
export async function notedDigestDiffers(
  bundle: Bundle & { readonly content: { readonly $case: 'messageSignature' } },
  artifact: SignedArtifact,
): Promise<boolean> {
  const { algorithm, digest } = bundle.content.messageSignature.messageDigest;
  const known = HASHES[algorithm];
  if (known === undefined) return false;
  const own = fromHex(await artifact.digest(known));
  return own.length !== digest.length || own.some((byte, i) => byte !== digest[i]);
}
