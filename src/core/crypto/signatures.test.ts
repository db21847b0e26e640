import {
  constants,
  createSign,
  generateKeyPairSync,
  sign,
  verify as nodeVerify,
  type KeyObject as NodeKey,
} from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derElements, derOid, ecdsaRaw } from './der.ts';
import { createPublicKey, verify } from './node-crypto.ts';
import { CURVE_BYTES, parsePublicKey, verifySignature, type Curve } from './public-key.ts';

const CURVES: readonly Curve[] = ['P-256', 'P-384', 'P-521'];
const HASH = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' } as const;
/** Order of P-256 (SEC 2). */
const N256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const message = new TextEncoder().encode('what was signed');
const keys = new Map(CURVES.map((curve) => [curve, generateKeyPairSync('ec', { namedCurve: curve })]));
const spkiOf = (key: NodeKey): Uint8Array => new Uint8Array(key.export({ type: 'spki', format: 'der' }));
const signed = (curve: Curve, text: Uint8Array = message): Uint8Array =>
  new Uint8Array(createSign(HASH[curve]).update(text).sign(keys.get(curve)!.privateKey));

/** DER of an integer as it stands, however wrong, and of two of them. */
const integer = (hex: string): string => `02${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`;
const sequence = (body: string): Uint8Array =>
  Buffer.from(`30${(body.length / 2).toString(16).padStart(2, '0')}${body}`, 'hex');
const hexOf = (value: bigint): string => {
  const hex = value.toString(16).padStart(64, '0');
  return hex >= '8' ? `00${hex}` : hex;
};

async function accepted(curve: Curve, signature: Uint8Array): Promise<boolean> {
  return verifySignature(parsePublicKey(spkiOf(keys.get(curve)!.publicKey)), message, signature);
}

describe('ECDSA signatures', () => {
  it.each(CURVES)('by %s hold over their message alone', async (curve) => {
    const signature = signed(curve);
    expect(await accepted(curve, signature)).toBe(true);
    expect(await accepted(curve, signed(curve, new TextEncoder().encode('else')))).toBe(false);
  });
  it('by a key of another curve do not hold', async () => {
    expect(await accepted('P-384', signed('P-256'))).toBe(false);
    expect(await accepted('P-256', signed('P-521'))).toBe(false);
  });
  it('made over another hash do not hold', async () => {
    const other = new Uint8Array(createSign('sha512').update(message).sign(keys.get('P-256')!.privateKey));
    expect(await accepted('P-256', other)).toBe(false);
  });
  it('with the high s hold too: the other half is the same signature, and nothing here relies on it being one', async () => {
    const raw = Buffer.from(ecdsaRaw(signed('P-256'), 32)).toString('hex');
    const s = BigInt(`0x${raw.slice(64)}`);
    const flipped = sequence(
      integer(hexOf(BigInt(`0x${raw.slice(0, 64)}`)).replace(/^(?:00)+(?=[0-7])/, '')) +
        integer(hexOf(N256 - s).replace(/^(?:00)+(?=[0-7])/, '')),
    );
    expect(await accepted('P-256', flipped)).toBe(true);
  });

  const good = Buffer.from(signed('P-256')).toString('hex');
  const r = integer(
    hexOf(5n)
      .replace(/^0+(?=..)/, '')
      .padStart(2, '0'),
  );
  it.each([
    ['nothing', new Uint8Array()],
    ['zero r', sequence(integer('00') + r)],
    ['zero s', sequence(r + integer('00'))],
    ['both zero', sequence(integer('00') + integer('00'))],
    ['r equal to the order', sequence(integer(hexOf(N256)) + r)],
    ['s equal to the order', sequence(r + integer(hexOf(N256)))],
    ['r above the order', sequence(integer(hexOf(N256 + 1n)) + r)],
    ['a negative r', sequence(integer('ff') + r)],
    ['one number only', sequence(r)],
    ['three numbers', sequence(r + r + r)],
    ['numbers of 33 bytes', sequence(integer(`01${'00'.repeat(32)}`) + r)],
    ['a byte missing', Buffer.from(good.slice(0, -2), 'hex')],
    ['a byte after its end', Buffer.from(`${good}00`, 'hex')],
    ['a longer form of its length', Buffer.from(`3081${good.slice(2)}`, 'hex')],
    ['an indefinite length', Buffer.from(`3080${good.slice(4)}0000`, 'hex')],
    ['r and s side by side, where DER is asked for', ecdsaRaw(Buffer.from(good, 'hex'), 32)],
  ])('with %s are refused', async (_, signature) => {
    expect(await accepted('P-256', signature)).toBe(false);
  });
  it('with a needless leading zero are refused, although OpenSSL’s own form is kept', () => {
    expect(() => ecdsaRaw(sequence(integer('0005') + r), 32)).toThrow('ATTEST_DER');
    expect(() => ecdsaRaw(sequence(integer('0085') + r), 32)).not.toThrow();
  });
  it('side by side are taken where that is allowed', async () => {
    const key = parsePublicKey(spkiOf(keys.get('P-256')!.publicKey));
    const raw = ecdsaRaw(signed('P-256'), 32);
    expect(await verifySignature(key, message, raw, { raw: true })).toBe(true);
    expect(await verifySignature(key, message, raw.subarray(1), { raw: true })).toBe(false);
  });
});

describe('keys', () => {
  const spki = spkiOf(keys.get('P-256')!.publicKey);
  it.each([
    ['a point that is not on its curve', () => spki.map((byte, i) => (i === spki.length - 1 ? byte ^ 1 : byte))],
    ['a compressed point', () => spki.map((byte, i) => (i === 26 ? 2 : byte))],
    ['a byte missing', () => spki.slice(0, -1)],
    ['a byte after its end', () => Uint8Array.from([...spki, 0])],
    ['an unknown curve', () => spki.map((byte, i) => (i === 22 ? 0x7f : byte))],
  ])('with %s are refused', async (_, change) => {
    await expect(
      (async () => verifySignature(parsePublicKey(change()), message, signed('P-256')))(),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^ATTEST_(?:KEY|DER)$/) as string,
    });
  });
  it('of RSA below 2048 bits are refused', () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    expect(() => parsePublicKey(spkiOf(small))).toThrow('ATTEST_KEY');
  });
  it('are read from strict DER alone, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const read of [() => parsePublicKey(bytes), () => derElements(bytes), () => derOid(bytes)]) {
          try {
            read();
          } catch (error) {
            expect((error as { code?: string }).code).toMatch(/^ATTEST_(?:KEY|DER)$/);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('RSA and Ed25519', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ed = generateKeyPairSync('ed25519');
  it('RSA holds with PKCS #1 v1.5 padding and not with PSS', async () => {
    const key = parsePublicKey(spkiOf(rsa.publicKey));
    const right = new Uint8Array(sign('sha256', message, rsa.privateKey));
    const pss = new Uint8Array(
      sign('sha256', message, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING }),
    );
    expect(await verifySignature(key, message, right)).toBe(true);
    expect(await verifySignature(key, message, pss)).toBe(false);
    expect(await verifySignature(key, message, right.subarray(1))).toBe(false);
    const own = createPublicKey({ key: spkiOf(rsa.publicKey) });
    expect(verify('sha256', message, own, right)).toBe(true);
    expect(verify('sha256', message, own, pss)).toBe(false);
    expect(verify('sha512', message, own, right)).toBe(false);
  });
  it('Ed25519 holds for its 64 bytes and not for s beyond the order', async () => {
    const key = parsePublicKey(spkiOf(ed.publicKey));
    const right = new Uint8Array(sign(null, message, ed.privateKey));
    expect(await verifySignature(key, message, right)).toBe(true);
    const beyond = right.map((byte, i) => (i === 63 ? byte | 0xe0 : byte));
    expect(await verifySignature(key, message, beyond)).toBe(false);
    expect(await verifySignature(key, message, right.subarray(0, 63))).toBe(false);
  });
});

describe('the stand-in for Node’s crypto', () => {
  it('agrees with Node on right and changed signatures of every curve', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CURVES),
        fc.uint8Array({ maxLength: 64 }),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (curve, text, at, flip) => {
          const { publicKey } = keys.get(curve)!;
          const signature = signed(curve, text);
          signature[at % signature.length]! ^= flip;
          const own = createPublicKey({ key: spkiOf(publicKey) });
          let ours = false;
          try {
            ours = verify(HASH[curve], text, own, signature);
          } catch {
            // The packages take a throw for “does not hold”.
          }
          const theirs = nodeVerify(HASH[curve], text, publicKey, signature);
          // Ours may refuse what OpenSSL lets pass; never the other way round.
          if (ours) expect(theirs).toBe(true);
          if (flip === 0) expect(ours).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
  it('has coordinates of the curves’ own size', () => {
    for (const curve of CURVES)
      expect(spkiOf(keys.get(curve)!.publicKey).length).toBeGreaterThan(2 * CURVE_BYTES[curve]);
  });
});
