/** Sigstore trust roots: which authorities and logs are believed, and for which time. */
import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64 } from '../../../bytes/base64.ts';
import { toHex } from '../../../bytes/hex.ts';
import { field, strictJson } from '../json.ts';
import { AppError } from '../../../errors.ts';
import type { TrustOrigin } from '../attestation.ts';
import type { Supplied } from '../kind.ts';
import type { SigstoreEngine } from './load.ts';
import type { TrustMaterial } from './engine.ts';

export interface BundleKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** The hint that asks for it, where its owner publishes one. */
  readonly id?: string;
  /** ISO; absent: always. */
  readonly validFor?: { readonly start?: string; readonly end?: string };
  /** Who gave it. */
  readonly origin?: TrustOrigin;
}

export interface SigstoreTrust {
  readonly material: TrustMaterial;
  readonly origin: TrustOrigin;
  readonly keys: readonly BundleKey[];
  /** Chains of authorities that were looked at in this job: see `certificate-answers.ts`. */
  readonly answered?: Set<object>;
}

type Authorities = Omit<TrustMaterial, 'publicKey'>;

/** Media types of a bare trust root and of a client configuration that holds one. */
const BARE = /^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.\d|\.v0\.\d\+json)$/;
const CLIENT = 'application/vnd.dev.sigstore.clienttrustconfig.v0.1+json';

/**
 * A `trusted_root.json`, or the one inside a client trust configuration (`ClientTrustConfig`, protobuf-specs).
 *
 * @param keys those a person gave, for bundles signed with managed keys
 * @throws AppError ATTEST_TRUST_ROOT {why}
 */
export function readTrustRoot(engine: SigstoreEngine, root: Supplied, keys: readonly BundleKey[] = []): SigstoreTrust {
  return trustWith(engine, readMaterial(engine, root.bytes), root, keys);
}

/** The authorities and logs alone. @throws AppError ATTEST_TRUST_ROOT {why} */
export function readMaterial(engine: SigstoreEngine, bytes: Uint8Array): Authorities {
  let root: unknown;
  try {
    root = strictJson(bytes);
  } catch (error) {
    throw new AppError('ATTEST_TRUST_ROOT', { why: 'not JSON' }, error);
  }
  if (field(root, 'mediaType') === CLIENT) root = field(root, 'trustedRoot') ?? field(root, 'trusted_root');
  const type = field(root, 'mediaType');
  if (typeof type !== 'string' || !BARE.test(type)) {
    throw new AppError('ATTEST_TRUST_ROOT', { why: 'unknown media type' });
  }
  try {
    const parsed = engine.TrustedRoot.fromJSON(root);
    requireStarts(parsed);
    return engine.toTrustMaterial(parsed);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('ATTEST_TRUST_ROOT', { why: 'a key or certificate in it is not usable' }, error);
  }
}

/** Authorities and logs with the keys of one check. */
export function trustWith(
  engine: SigstoreEngine,
  authorities: Authorities,
  { bytes, origin }: Supplied,
  keys: readonly BundleKey[],
): SigstoreTrust {
  const publicKey: TrustMaterial['publicKey'] = (hint) => {
    const { spki, validFor = {} } = keyFor(hint, keys);
    const [found] = engine.publicKeys([spki]);
    const { start = 0, end = Number.MAX_SAFE_INTEGER } = validFor;
    return { publicKey: found!, validFor: (date) => new Date(start) <= date && !(date > new Date(end)) };
  };
  return { material: { ...authorities, publicKey }, origin: { ...origin, sha256: toHex(sha256(bytes)) }, keys };
}

/**
 * Hints are whatever the signer's tool writes: SHA-256 of the key in base64 (cosign), `SHA256:` before it (npm), or hex.
 * They only choose; a single given key is tried whatever the hint says, and the signature decides.
 *
 * @throws AppError ATTEST_NO_KEY
 */
function keyFor(hint: string, keys: readonly BundleKey[]): BundleKey {
  const named = keys.find(({ spki, id }) => {
    if (id !== undefined) return id === hint;
    const digest = sha256(spki);
    const base64 = toBase64(digest);
    return hint === toHex(digest) || hint.replace(/^SHA256:/, '').replace(/=+$/, '') === base64.replace(/=+$/, '');
  });
  const key = named ?? (keys.length === 1 ? keys[0] : undefined);
  if (key === undefined) throw new AppError('ATTEST_NO_KEY', { hint });
  return key;
}

/**
 * Without a beginning an authority would be believed for all times before it existed. The packages take a missing one
 * as "always" (conformance case `trust-root-tlog-missing-validity-start`).
 */
function requireStarts(root: ReturnType<SigstoreEngine['TrustedRoot']['fromJSON']>): void {
  const periods = [
    ...[...root.tlogs, ...root.ctlogs].map((log) => log.publicKey?.validFor),
    ...[...root.certificateAuthorities, ...root.timestampAuthorities].map((authority) => authority.validFor),
  ];
  if (periods.some((period) => period?.start === undefined)) {
    throw new AppError('ATTEST_TRUST_ROOT', { why: 'an authority in it has no first day of validity' });
  }
}
