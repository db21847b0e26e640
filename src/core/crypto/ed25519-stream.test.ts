import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wasmHashes } from '../hash/wasm.ts';
import { ed25519Holds, isEd25519Key } from './ed25519-stream.ts';
import { ed25519Spki } from './spki.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const ORDER = ed25519.Point.Fn.ORDER;
const { Point } = ed25519;

function holds(key: Uint8Array, signature: Uint8Array, message: Uint8Array, piece = 7): Promise<boolean> {
  const pieces = function* () {
    for (let at = 0; at < message.length; at += piece) yield message.subarray(at, at + piece);
  };
  return ed25519Holds(key, signature, pieces, message.length, wasmHashes());
}

const little = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** RFC 8032 section 7.1, tests 1 to 3. */
const VECTORS = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const;

/** A point of order 8 in its one encoding, and further points of small order (cr.yp.to/ecdh.html#validate, as Edwards points). */
const TORSION = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';
const SMALL = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0000000000000000000000000000000000000000000000000000000000000000',
  TORSION,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
];

describe('Ed25519 over a stream', () => {
  it.each(VECTORS)('holds for the vector of RFC 8032 with key %s', async (key, message, signature) => {
    expect(await holds(hex(key), hex(signature), hex(message))).toBe(true);
    expect(await holds(hex(key), hex(signature), joined(hex(message), Uint8Array.of(0)))).toBe(false);
  });

  it('agrees with OpenSSL on signatures, right and changed, however the message is cut', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const key = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32));
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 70 }),
        fc.nat(63),
        fc.integer({ min: 0, max: 255 }),
        async (message, piece, at, flip) => {
          const signature = new Uint8Array(sign(null, message, privateKey));
          signature[at]! ^= flip;
          expect(await holds(key, signature, message, piece)).toBe(verify(null, message, publicKey, signature));
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(SMALL)('takes no key %s of small order, although a signature would fit every message', async (key) => {
    expect(isEd25519Key(hex(key))).toBe(false);
    // [0]B = R + [k]A for R = O and any A whose order divides k: some message always fits.
    expect(await holds(hex(key), joined(hex(SMALL[0]!), new Uint8Array(32)), hex('00'))).toBe(false);
  });

  it('takes no point in a second encoding', () => {
    // y = p + 3, which is 3: a point on the curve whose canonical encoding is 03…00 or none at all.
    for (const first of ['ee', 'ef', 'f0', 'f1', 'f2', 'ff'])
      expect(isEd25519Key(hex(`${first}${'ff'.repeat(30)}7f`))).toBe(false);
  });

  it('refuses s + L, which OpenSSL refuses too', async () => {
    const [key, message, signature] = VECTORS[1];
    const larger = joined(hex(signature).subarray(0, 32), little(number(hex(signature).subarray(32)) + ORDER));
    expect(await holds(hex(key), larger, hex(message))).toBe(false);
    const platform = createPublicKey({ key: Buffer.from(ed25519Spki(hex(key))), format: 'der', type: 'spki' });
    expect(verify(null, hex(message), platform, larger)).toBe(false);
  });

  it('refuses a signature that only holds after multiplying by the cofactor', async () => {
    const a = 123456789n;
    const r = 987654321n;
    const key = Point.BASE.multiply(a).toBytes();
    const nonce = Point.BASE.multiply(r).add(Point.fromHex(TORSION)).toBytes();
    const message = hex('0011');
    const k = number(sha512(joined(nonce, key, message))) % ORDER;
    const signature = joined(nonce, little((r + k * a) % ORDER));
    expect(ed25519.verify(signature, message, key, { zip215: true })).toBe(true);
    expect(await holds(key, signature, message)).toBe(false);
  });

  it.each([0, 1, 63, 65, 128])('refuses %i bytes', async (length) => {
    expect(await holds(hex(VECTORS[0][0]), new Uint8Array(length), hex(''))).toBe(false);
  });

  it('does not read the message when key or signature alone rule it out', async () => {
    const unread = (): never => {
      throw new Error('read');
    };
    const beyond = hex(VECTORS[0][2]).map((byte, i) => (i === 63 ? 0xff : byte));
    expect(await ed25519Holds(hex(VECTORS[0][0]), beyond, unread, 0, wasmHashes())).toBe(false);
    expect(await ed25519Holds(hex(SMALL[0]!), hex(VECTORS[0][2]), unread, 0, wasmHashes())).toBe(false);
  });
});
