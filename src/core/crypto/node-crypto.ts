/**
 * What `@sigstore/core` and `@tufjs/models` ask of Node's `crypto`, synchronously and without Node: digests, public keys, ECDSA and Ed25519.
 * The build puts it in the place of `crypto` for these packages only (`scripts/sigstore-plugin.mjs`), in the browser and
 * on the command line alike; unit tests run the packages on Node's own, so that both are compared.
 */
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { ecdsaRaw } from './der.ts';
import { pemBlocks } from './pem.ts';
import { CURVE_BYTES, parsePublicKey, type PublicKey } from './public-key.ts';
import { parseRsaKey, verifyRsa } from './rsa.ts';

/** The platform's or its stand-in (`load.ts`): the packages compare by its methods. */
declare const Buffer: { from(bytes: Uint8Array): Uint8Array };

const HASHES = { sha256, sha384, sha512 } as const;
/** Curves by the names OpenSSL has for them. */
const OPENSSL_CURVES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' } as const;
const CURVES = { 'P-256': p256, 'P-384': p384, 'P-521': p521 } as const;

/** Stands for Node's KeyObject. */
export class KeyObject {
  readonly type = 'public';
  readonly key: PublicKey;
  /** `ec`, `ed25519`, `rsa`. */
  readonly asymmetricKeyType: PublicKey['type'];
  /** Of elliptic curves. */
  readonly asymmetricKeyDetails: { readonly namedCurve?: string };

  constructor(key: PublicKey) {
    this.key = key;
    this.asymmetricKeyType = key.type;
    this.asymmetricKeyDetails = key.type === 'ec' ? { namedCurve: OPENSSL_CURVES[key.curve] } : {};
  }

  /** SubjectPublicKeyInfo, DER (a PKCS #1 key as it came): nothing else is asked. */
  export(): Uint8Array {
    return Buffer.from(this.key.spki);
  }
}

interface DerKey {
  readonly key: Uint8Array;
  readonly type?: string;
}

export function createPublicKey(input: string | DerKey): KeyObject {
  const der = typeof input === 'string' ? pemBlocks(input)[0]?.der : input.key;
  if (der === undefined) throw new Error('unsupported key');
  if (typeof input !== 'string' && input.type === 'pkcs1') {
    return new KeyObject({ type: 'rsa', spki: der, rsa: parseRsaKey(der) });
  }
  return new KeyObject(parsePublicKey(der));
}

export function createHash(name: string): { update(data: Uint8Array | string): void; digest(): Uint8Array } {
  const hash = hashNamed(name).create();
  return {
    update: (data) => void hash.update(typeof data === 'string' ? new TextEncoder().encode(data) : data),
    digest: () => Buffer.from(hash.digest()),
  };
}

/** @param algorithm a digest; none: SHA-256, as OpenSSL takes it for ECDSA and RSA */
export function verify(
  algorithm: string | null | undefined,
  data: Uint8Array,
  given: KeyObject | { readonly key: KeyObject },
  signature: Uint8Array,
): boolean {
  const { key } = given instanceof KeyObject ? given : given.key;
  if (key.type === 'ed25519')
    return signature.length === 64 && ed25519.verify(signature, data, key.point, { zip215: false });
  const name = algorithm ?? 'sha256';
  const digest = hashNamed(name)(data);
  return key.type === 'rsa' ? verifyRsa(key.rsa, name, digest, signature) : verifyDigest(key, digest, signature);
}

/** An ECDSA signature (DER) over a digest that was made elsewhere. */
export function verifyDigest(key: PublicKey & { type: 'ec' }, digest: Uint8Array, signature: Uint8Array): boolean {
  const raw = ecdsaRaw(signature, CURVE_BYTES[key.curve]);
  return CURVES[key.curve].verify(raw, digest, key.point, { prehash: false, format: 'compact', lowS: false });
}

export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) throw new RangeError('lengths differ');
  return a.every((byte, i) => byte === b[i]);
}

function hashNamed(name: string) {
  const hash = (HASHES as Readonly<Record<string, (typeof HASHES)[keyof typeof HASHES] | undefined>>)[name];
  if (hash === undefined) throw new Error(`unsupported digest ${name}`);
  return hash;
}

// CommonJS asks for the default export of a module that has named ones.
export default { createPublicKey, createHash, verify, timingSafeEqual };
