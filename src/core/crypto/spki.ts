/** SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) of keys that come in other forms, so that every key has one digest. */
import { toHex } from '../bytes/hex.ts';
import type { Curve } from './public-key.ts';

/** Object identifiers, DER: RFC 8410, RFC 5480, RFC 8017. */
const ED25519 = [0x06, 0x03, 0x2b, 0x65, 0x70];
const EC = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const RSA = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const CURVES: Readonly<Record<Curve, readonly number[]>> = {
  'P-256': [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
  'P-384': [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
  'P-521': [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23],
};

/** @param point 32 bytes */
export function ed25519Spki(point: Uint8Array): Uint8Array {
  return spki(ED25519, point);
}

/** @param point uncompressed */
export function ecSpki(curve: Curve, point: Uint8Array): Uint8Array {
  return spki([...EC, ...CURVES[curve]], point);
}

/** @param der RSAPublicKey (RFC 8017 appendix A.1.1), which the other form only wraps */
export function pkcs1Spki(der: Uint8Array): Uint8Array {
  return spki(RSA, der);
}

/** @param modulus, exponent big endian without leading zeros */
export function rsaSpki(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return pkcs1Spki(element(0x30, integer(modulus), integer(exponent)));
}

/** An ECDSA signature in DER (RFC 3279 section 2.2.3) of two positive numbers. */
export function ecdsaDer(r: Uint8Array, s: Uint8Array): Uint8Array {
  return element(0x30, integer(r), integer(s));
}

/** Two keys in this form are the same key exactly when these are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && toHex(a) === toHex(b);
}

function spki(algorithm: readonly number[], key: Uint8Array): Uint8Array {
  return element(0x30, element(0x30, Uint8Array.from(algorithm)), element(0x03, Uint8Array.of(0), key));
}

function integer(magnitude: Uint8Array): Uint8Array {
  return element(
    0x02,
    magnitude[0] === undefined || magnitude[0] >= 0x80 ? Uint8Array.of(0) : Uint8Array.of(),
    magnitude,
  );
}

function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const header =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 256), length % 256];
  const out = new Uint8Array(1 + header.length + length);
  out.set([tag, ...header]);
  let at = 1 + header.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
