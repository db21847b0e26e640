import { createHash, createSign, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { derElements, derOne, DER_SEQUENCE } from './der.ts';
import { readSshKey, readSshLine, sshHolds } from './ssh-key.ts';
import { SshReader, sshString } from './ssh-wire.ts';

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const sha256 = (bytes: Uint8Array | string): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
const spki = (key: KeyObject): Uint8Array => new Uint8Array(key.export({ type: 'spki', format: 'der' }));
const message = new TextEncoder().encode('what was signed');
const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'read';
};

const ed = generateKeyPairSync('ed25519');
const edBlob = joined(sshString('ssh-ed25519'), sshString(spki(ed.publicKey).subarray(-32)));
const edSignature = new Uint8Array(sign(null, message, ed.privateKey));

/** PROTOCOL.u2f: what a security key signs is not the message but a frame around its digest. */
const application = 'ssh:';
function pressed(flags: number, counter: number): Uint8Array {
  const tail = new Uint8Array(5);
  tail[0] = flags;
  new DataView(tail.buffer).setUint32(1, counter);
  return joined(sha256(application), tail, sha256(message));
}
const tailOf = (flags: number, counter: number): Uint8Array => pressed(flags, counter).subarray(32, 37);
const skBlob = joined(
  sshString('sk-ssh-ed25519@openssh.com'),
  sshString(spki(ed.publicKey).subarray(-32)),
  sshString(application),
);
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ecPoint = spki(ec.publicKey).subarray(-65);
const ecBlob = (type: string): Uint8Array => joined(sshString(type), sshString('nistp256'), sshString(ecPoint));
const skEcBlob = joined(ecBlob('sk-ecdsa-sha2-nistp256@openssh.com'), sshString(application));
/** r and s as SSH writes them: DER's integers have the same rule for leading zeros. */
const numbers = (der: Uint8Array): Uint8Array =>
  joined(...derElements(derOne(der, DER_SEQUENCE)).map(({ value }) => sshString(value)));

describe('a signature by an OpenSSH key', () => {
  it('by a security key holds over the frame it signs, and says whether somebody touched it', async () => {
    for (const [flags, present] of [
      [1, true],
      [0, false],
      [5, true],
    ] as const) {
      const signature = new Uint8Array(sign(null, pressed(flags, 7), ed.privateKey));
      const blob = joined(sshString('sk-ssh-ed25519@openssh.com'), sshString(signature), tailOf(flags, 7));
      const key = readSshKey(skBlob, 'ATTEST_KEY');
      expect(await sshHolds(key, blob, message)).toEqual({ use: { present, counter: 7 } });
      const pretended = joined(blob.subarray(0, -5), tailOf(flags ^ 1, 7));
      expect(await sshHolds(key, pretended, message)).toBe(null);
    }
  });

  it('by an ECDSA security key holds too', async () => {
    const der = new Uint8Array(createSign('sha256').update(pressed(1, 9)).sign(ec.privateKey));
    const type = 'sk-ecdsa-sha2-nistp256@openssh.com';
    const blob = joined(sshString(type), sshString(numbers(der)), tailOf(1, 9));
    expect(await sshHolds(readSshKey(skEcBlob, 'ATTEST_KEY'), blob, message)).toEqual({
      use: { present: true, counter: 9 },
    });
    expect(await sshHolds(readSshKey(skEcBlob, 'ATTEST_KEY'), blob, Uint8Array.of(1))).toBe(null);
  });

  it('of a security key is none of the same point without it, nor the other way round', async () => {
    const plain = joined(sshString('ssh-ed25519'), sshString(edSignature));
    expect(await sshHolds(readSshKey(edBlob, 'ATTEST_KEY'), plain, message)).toEqual({});
    await expect(
      sshHolds(readSshKey(skBlob, 'ATTEST_KEY'), joined(plain, tailOf(1, 1)), message),
    ).rejects.toMatchObject({
      code: 'ATTEST_BUNDLE',
    });
  });

  it.each(['ssh-rsa', 'ssh-dss', 'rsa-sha2-224', ''])('of RSA made with “%s” is refused', async (algorithm) => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const [exponent, modulus] = [
      rsa.publicKey.export({ format: 'jwk' }).e!,
      rsa.publicKey.export({ format: 'jwk' }).n!,
    ].map((part) => new Uint8Array(Buffer.from(part, 'base64url')));
    const blob = joined(sshString('ssh-rsa'), sshString(exponent!), sshString(joined(Uint8Array.of(0), modulus!)));
    const signature = new Uint8Array(sign('sha1', message, rsa.privateKey));
    const key = readSshKey(blob, 'ATTEST_KEY');
    await expect(sshHolds(key, joined(sshString(algorithm), sshString(signature)), message)).rejects.toMatchObject({
      code: 'ATTEST_BUNDLE',
    });
    const right = new Uint8Array(sign('sha256', message, rsa.privateKey));
    expect(await sshHolds(key, joined(sshString('rsa-sha2-256'), sshString(right)), message)).toEqual({});
    expect(await sshHolds(key, joined(sshString('rsa-sha2-512'), sshString(right)), message)).toBe(null);
  });

  it.each([
    ['a byte after it', (blob: Uint8Array) => joined(blob, Uint8Array.of(0))],
    ['a byte missing', (blob: Uint8Array) => blob.subarray(0, -1)],
    [
      'a padded number',
      () =>
        joined(
          sshString('ecdsa-sha2-nistp256'),
          sshString(joined(sshString(Uint8Array.of(0, 1)), sshString(Uint8Array.of(1)))),
        ),
    ],
    [
      'a negative number',
      () =>
        joined(
          sshString('ecdsa-sha2-nistp256'),
          sshString(joined(sshString(Uint8Array.of(0x80)), sshString(Uint8Array.of(1)))),
        ),
    ],
    [
      'the number zero',
      () =>
        joined(
          sshString('ecdsa-sha2-nistp256'),
          sshString(joined(sshString(new Uint8Array()), sshString(Uint8Array.of(1)))),
        ),
    ],
    [
      'three numbers',
      () =>
        joined(
          sshString('ecdsa-sha2-nistp256'),
          sshString(joined(...[1, 2, 3].map((n) => sshString(Uint8Array.of(n))))),
        ),
    ],
  ])('with %s is malformed', async (_, change) => {
    const der = new Uint8Array(createSign('sha256').update(message).sign(ec.privateKey));
    const blob = joined(sshString('ecdsa-sha2-nistp256'), sshString(numbers(der)));
    const key = readSshKey(ecBlob('ecdsa-sha2-nistp256'), 'ATTEST_KEY');
    expect(await sshHolds(key, blob, message)).toEqual({});
    await expect(sshHolds(key, change(blob), message)).rejects.toMatchObject({ code: 'ATTEST_BUNDLE' });
  });
});

describe('an OpenSSH key', () => {
  it.each([
    [
      'two names of its curve',
      joined(sshString('ecdsa-sha2-nistp384'), sshString('nistp256'), sshString(ecPoint)),
      'ATTEST_KEY',
    ],
    [
      'a compressed point',
      joined(sshString('ecdsa-sha2-nistp256'), sshString('nistp256'), sshString(ecPoint.subarray(0, 33))),
      'ATTEST_KEY',
    ],
    ['31 bytes', joined(sshString('ssh-ed25519'), sshString(new Uint8Array(31))), 'ATTEST_KEY'],
    ['bytes after it', joined(edBlob, Uint8Array.of(1)), 'ATTEST_KEY'],
    [
      'a padded modulus',
      joined(sshString('ssh-rsa'), sshString(Uint8Array.of(3)), sshString(new Uint8Array(257).fill(1, 2))),
      'ATTEST_KEY',
    ],
    [
      'a short modulus',
      joined(sshString('ssh-rsa'), sshString(Uint8Array.of(3)), sshString(new Uint8Array(128).fill(0x7f))),
      'ATTEST_KEY',
    ],
    ['a certificate', joined(sshString('ssh-ed25519-cert-v01@openssh.com'), sshString('x')), 'ATTEST_NO_VERIFIER'],
    ['DSA', joined(sshString('ssh-dss'), sshString('x')), 'ATTEST_NO_VERIFIER'],
  ])('with %s is refused', (_, blob, expected) => {
    expect(code(() => readSshKey(blob, 'ATTEST_KEY'))).toBe(expected);
  });

  it('on a line of its own must be of the type the line says', () => {
    const line = Buffer.from(edBlob).toString('base64');
    expect(readSshLine(`ssh-ed25519 ${line} me@here`)?.comment).toBe('me@here');
    expect(code(() => readSshLine(`ssh-rsa ${line}`))).toBe('ATTEST_KEY');
    expect(readSshLine('nothing of the kind')).toBe(null);
  });

  it('is read from any bytes without another error than its own', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 120 }),
          fc.uint8Array({ maxLength: 60 }).map((tail) => joined(edBlob.subarray(0, 20), tail)),
        ),
        (bytes) => {
          expect(code(() => readSshKey(bytes, 'ATTEST_KEY'))).toMatch(/^(?:read|ATTEST_(?:KEY|DER|NO_VERIFIER))$/);
          expect(code(() => new SshReader(bytes, 'ATTEST_BUNDLE').positive())).toMatch(/^(?:read|ATTEST_BUNDLE)$/);
        },
      ),
      { numRuns: 500 },
    );
  });
});
