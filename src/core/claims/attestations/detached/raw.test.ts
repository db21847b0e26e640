import { describe, expect, it } from 'vitest';
import { attestationKind } from '../registry.ts';
import { bytes, CHANGED, examine, fixture, given, givenBytes, MODEL, telling, text } from './fixtures.suite.ts';

const FORMS = [
  ['p256', 'p256.pem', 'ECDSA over SHA-256'],
  ['p384', 'p384.pem', 'ECDSA over SHA-384'],
  ['p521', 'p521.pem', 'ECDSA over SHA-256'],
  ['rsa', 'rsa.pem', 'RSA PKCS #1 v1.5 over SHA-256'],
  ['rsa-pss', 'rsa.pem', 'RSA-PSS over SHA-512'],
  ['rsa-pss32', 'rsa.pem', 'RSA-PSS over SHA-256'],
  ['ed25519', 'ed25519.pem', 'Ed25519'],
  ['p256-base64', 'p256.pem', 'ECDSA over SHA-256, as base64'],
] as const;

describe('a bare signature', () => {
  it.each(FORMS)('%s holds with %s as %s, and over no other bytes', async (name, key, form) => {
    const signature = fixture(`model.bin.${name}.sig`);
    const found = await examine('model.bin.sig', signature, MODEL, given('minisign.pub', key));
    expect(found).toMatchObject({ kind: 'raw-signature', outcome: 'matches', signer: { name: key }, facts: { form } });
    expect(telling(await examine('model.bin.sig', signature, CHANGED, given(key)))).toBe('signature ATTEST_SIGNATURE');
  });

  it.each(['model.bin.sign', 'model.bin.sha256.sig', 'model.bin.SIG'])(
    'is also found under the name %s',
    async (name) => {
      expect((await examine(name, fixture('model.bin.p256.sig'), MODEL, given('p256.pem'))).outcome).toBe('matches');
    },
  );

  it('without a key is open', async () => {
    expect(telling(await examine('model.bin.sig', fixture('model.bin.p256.sig'), MODEL, []))).toBe(
      'material ATTEST_NO_KEY',
    );
  });

  it('cannot be by a key that makes others, which says nothing against it', async () => {
    for (const key of ['rsa.pem', 'ed25519.pem', 'p384.pem', 'p521.pem', 'ssh-p256.pub']) {
      const found = await examine('model.bin.sig', fixture('model.bin.p256.sig'), MODEL, given(key));
      expect(telling(found)).toBe('material ATTEST_NO_USABLE_KEY');
      expect(found.steps.at(-1)?.reason?.detail['name']).toBe(key);
    }
  });

  it('with a key whose point is on no curve is open', async () => {
    const der = Buffer.from(text(fixture('keys/p256.pem')).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    der[der.length - 1]! ^= 1;
    const found = await examine('model.bin.sig', fixture('model.bin.p256.sig'), MODEL, [
      givenBytes(new Uint8Array(der), 'odd.der'),
    ]);
    expect(telling(found)).toBe('signature ATTEST_NO_USABLE_KEY');
  });

  it('of a file that is not here is open', async () => {
    const others = { 'a.bin': bytes('a'), 'b.bin': bytes('b') };
    const found = await examine('model.bin.sig', fixture('model.bin.p256.sig'), others, given('p256.pem'));
    expect(telling(found)).toBe('signature ATTEST_NO_SIGNED_FILE');
  });

  it('is no other bytes: text, odd lengths, DER that is not strict', () => {
    const der = fixture('model.bin.p256.sig');
    const others = [
      bytes('some text of whatever kind'),
      new Uint8Array(63),
      new Uint8Array(257),
      Uint8Array.from([...der, 0]),
      der.subarray(0, -1),
      Uint8Array.from([0x30, 0x81, ...der.subarray(1)]),
      Uint8Array.from([0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]),
    ];
    for (const one of others) expect(attestationKind('model.bin.sig', one)).toBe(null);
  });
});
