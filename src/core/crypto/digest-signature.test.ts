import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rsaPssHolds } from './digest-signature.ts';
import { parsePublicKey, type PublicKey } from './public-key.ts';

const message = new TextEncoder().encode('what was signed');
const digestOf = (name: string): Uint8Array => new Uint8Array(createHash(name).update(message).digest());
const KEYS = [2048, 2049, 2055, 3072].map(
  (bits) => [bits, generateKeyPairSync('rsa', { modulusLength: bits })] as const,
);

describe('RSA-PSS over a digest', () => {
  it.each(KEYS)('by a key of %i bits holds with every hash and length of salt', (_, { privateKey, publicKey }) => {
    const key = parsePublicKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))) as PublicKey & {
      type: 'rsa';
    };
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      for (const saltLength of [0, 1, 32, constants.RSA_PSS_SALTLEN_DIGEST, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
        const signature = new Uint8Array(sign(hash, message, { key: privateKey, padding, saltLength }));
        expect(rsaPssHolds(key.rsa, hash, digestOf(hash), signature)).toBe(true);
        expect(
          rsaPssHolds(
            key.rsa,
            hash,
            digestOf(hash).map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
            signature,
          ),
        ).toBe(false);
        for (const at of [0, 100, signature.length - 1]) {
          expect(
            rsaPssHolds(
              key.rsa,
              hash,
              digestOf(hash),
              signature.map((byte, i) => (i === at ? byte ^ 1 : byte)),
            ),
          ).toBe(false);
        }
      }
    }
    const other = new Uint8Array(sign('sha256', message, privateKey));
    expect(rsaPssHolds(key.rsa, 'sha256', digestOf('sha256'), other)).toBe(false);
    expect(rsaPssHolds(key.rsa, 'sha256', digestOf('sha256'), other.subarray(1))).toBe(false);
    expect(rsaPssHolds(key.rsa, 'sha256', digestOf('sha256'), new Uint8Array(key.rsa.size).fill(0xff))).toBe(false);
  });
});
