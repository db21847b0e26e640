/**
 * Bare signatures, as `openssl dgst -sign` and `openssl pkeyutl -sign` write them beside a file: no header, no key, no name.
 * They are tried with the PEM keys a person gives, in a fixed list of ways for each kind of key; the way that fits is named.
 */
import { ecdsaRaw } from '../../../crypto/der.ts';
import { CURVE_BYTES, CURVE_HASH, type PublicKey } from '../../../crypto/public-key.ts';
import { verifyRsa } from '../../../crypto/rsa.ts';
import { AppError } from '../../../errors.ts';
import { KEYS_TRIED_MAX, SIGNATURE_FILE_MAX } from '../../../limits.ts';
import type { Attestation, CoveredFile, Signer, TrustOrigin, Warning } from '../attestation.ts';
import type { AttestationInput, AttestationKind, Supplied } from '../kind.ts';
import { Steps } from '../steps.ts';
import { strictBase64 } from './comment-file.ts';
import { covered, fileOrReason, finished, keySigner, uncovered } from './finish.ts';
import { keysOf, unusableKey } from './given-keys.ts';
import { findSignedFile, type SignedFile } from './signed-file.ts';

const WANTS = 'the publisher’s public key as a PEM file';
const HASHES = ['sha256', 'sha384', 'sha512'] as const;
type HashName = (typeof HASHES)[number];

export const RAW: AttestationKind = {
  id: 'raw-signature',
  title: 'bare signatures (OpenSSL)',
  names: /\.(?:sig|sign)$/i,
  recognises: (path, bytes) => RAW.names.test(path) && shapeOf(bytes) !== null,
  examine: async (input) => [await examine(input)],
};

/** By length and DER alone: what it may be. */
interface Shape {
  readonly kind: 'ecdsa' | 'ed25519' | 'rsa';
  readonly bytes: Uint8Array;
  /** It was written as text. */
  readonly base64: boolean;
}

/** RSA keys of 2048 to 8192 bits sign with as many; anything else of these lengths is told apart by nothing. */
function shapeOf(file: Uint8Array): Shape | null {
  if (file.length > SIGNATURE_FILE_MAX) return null;
  const text = new TextDecoder('latin1').decode(file).replaceAll(/[\r\n]/g, '');
  const decoded = strictBase64(text);
  const base64 = decoded !== null && decoded.length > 0;
  const bytes = base64 ? decoded : file;
  if (bytes.length === 64) return { kind: 'ed25519', bytes, base64 };
  if (Object.values(CURVE_BYTES).some((size) => isDer(bytes, size))) return { kind: 'ecdsa', bytes, base64 };
  const rsa = bytes.length >= 256 && bytes.length <= 1024 && bytes.length % 64 === 0;
  return rsa ? { kind: 'rsa', bytes, base64 } : null;
}

/** Both numbers of nearly the curve's size, which short ones are by a chance of one in four thousand million only. */
function isDer(bytes: Uint8Array, size: number): boolean {
  if (bytes[0] !== 0x30 || bytes.length < 2 * size) return false;
  try {
    ecdsaRaw(bytes, size);
    return true;
  } catch {
    return false;
  }
}

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const facts: Record<string, string> = {};
  let files: readonly CoveredFile[] = [];
  let warnings: readonly Warning[] = [];
  let signer: Signer | undefined;
  const shape = await steps.run('bundle', () => {
    const found = shapeOf(input.bytes);
    if (found === null) throw new AppError('ATTEST_BUNDLE', { why: 'it is of no known kind' });
    return found;
  });
  if (shape !== null) {
    const keys = await steps.run(
      'material',
      () => candidates(input.expect.keys, shape),
      (found) => ({ trust: found[0]!.origin }),
    );
    const endings = ['.sha256.sig', '.sha384.sig', '.sha512.sig', '.sha256.sign', '.sig', '.sign'];
    const { file, reason } = await fileOrReason(() => findSignedFile(input, endings));
    if (keys !== null && file === null) steps.unchecked('signature', reason);
    if (keys !== null && file !== null) {
      const held = await steps.run(
        'signature',
        () => firstThatHolds(keys, shape, file, input),
        ({ method, origin }) => ({ trust: origin, detail: { method } }),
      );
      if (held !== null) {
        facts['form'] = held.method;
        signer = await keySigner(held.origin.name, held.key.spki);
        ({ files, warnings } = await covered(input, steps, file));
      }
    }
    if (files.length === 0) files = uncovered(input, file, steps);
  }
  return finished('raw-signature', input, steps, {
    ...(signer === undefined ? {} : { signer }),
    files,
    warnings,
    facts,
  });
}

interface Candidate {
  readonly key: PublicKey;
  readonly origin: TrustOrigin;
}

/**
 * The given keys that make signatures of this shape.
 *
 * @throws AppError ATTEST_NO_KEY, ATTEST_NO_USABLE_KEY
 */
function candidates(given: readonly Supplied[], { kind, bytes }: Shape): readonly Candidate[] {
  const keys = keysOf(given, ['pem'], WANTS);
  const fits = ({ key }: Candidate): boolean => {
    if (key.type === 'rsa') return kind === 'rsa' && key.rsa.size === bytes.length;
    if (key.type === 'ec') return kind === 'ecdsa' && isDer(bytes, CURVE_BYTES[key.curve]);
    return kind === 'ed25519';
  };
  const found = keys.filter(fits).slice(0, KEYS_TRIED_MAX);
  if (found.length > 0) return found;
  const { name } = keys[0]!.origin;
  throw new AppError('ATTEST_NO_USABLE_KEY', { name, why: 'signatures by it have another shape', wants: WANTS });
}

interface Held extends Candidate {
  readonly method: string;
}

/** @throws AppError ATTEST_SIGNATURE, ATTEST_NO_SIGNED_FILE, ATTEST_NO_USABLE_KEY, SOURCE_* */
async function firstThatHolds(
  keys: readonly Candidate[],
  shape: Shape,
  file: SignedFile,
  input: AttestationInput,
): Promise<Held> {
  for (const candidate of keys) {
    const method = await wayThatHolds(candidate, shape.bytes, file, input);
    if (method !== null) return { ...candidate, method: shape.base64 ? `${method}, as base64` : method };
  }
  throw file.sure ? new AppError('ATTEST_SIGNATURE') : new AppError('ATTEST_NO_SIGNED_FILE');
}

/** SHA-256 first, or the hash the curve usually goes with; the others are computed only when that did not fit. */
async function wayThatHolds(
  { key, origin }: Candidate,
  signature: Uint8Array,
  file: SignedFile,
  { hashes }: AttestationInput,
): Promise<string | null> {
  if (key.type === 'ed25519') {
    const { ed25519Holds } = await import('../../../crypto/ed25519-stream.ts');
    return (await ed25519Holds(key.point, signature, () => file.stream(), file.size, hashes)) ? 'Ed25519' : null;
  }
  const { ecdsaHolds, ecdsaIsPoint, rsaPssHolds } = await import('../../../crypto/digest-signature.ts');
  const usual = key.type === 'ec' ? (CURVE_HASH[key.curve].toLowerCase().replace('-', '') as HashName) : 'sha256';
  for (const hash of new Set<HashName>(['sha256', usual, ...HASHES])) {
    const digest = await file.digest(hash);
    const title = hash.replace('sha', 'SHA-');
    if (key.type === 'ec') {
      if (!ecdsaIsPoint(key)) throw unusableKey(origin.name, new AppError('ATTEST_KEY', { why: 'point' }), WANTS);
      if (ecdsaHolds(key, digest, ecdsaRaw(signature, CURVE_BYTES[key.curve]))) return `ECDSA over ${title}`;
    } else {
      if (verifyRsa(key.rsa, hash, digest, signature)) return `RSA PKCS #1 v1.5 over ${title}`;
      if (rsaPssHolds(key.rsa, hash, digest, signature)) return `RSA-PSS over ${title}`;
    }
  }
  return null;
}
