import { describe, expect, it } from 'vitest';
import type { Expectations } from '../kind.ts';
import { bytes, CHANGED, examine, fixture, given, givenBytes, MODEL, telling, text } from './fixtures.suite.ts';
import { sshString } from '../../../crypto/ssh-wire.ts';

const SIGNATURE = fixture('model.bin.ssh-ed25519.sig');
const KEY = given('ssh-ed25519.pub');
const SIGNERS = given('allowed_signers');
const publicKey = text(fixture('keys/ssh-ed25519.pub')).split(' ').slice(0, 2).join(' ');
const signers = (line: string) => [givenBytes(`${line}\n`, 'allowed_signers')];
const expecting = (identity: string): Partial<Expectations> => ({ signers: [{ identity }] });
const blobOf = (armoured: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.from(text(armoured).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));
const armoured = (blob: Uint8Array): Uint8Array =>
  bytes(`-----BEGIN SSH SIGNATURE-----\n${Buffer.from(blob).toString('base64')}\n-----END SSH SIGNATURE-----\n`);
const check = (signature: Uint8Array, keys = KEY, expect: Partial<Expectations> = {}) =>
  examine('model.bin.sig', signature, MODEL, keys, expect);

describe('an OpenSSH signature', () => {
  it.each(['ed25519', 'p256', 'p384', 'p521', 'rsa'])(
    'by a key of kind %s holds over its file and over no other bytes',
    async (kind) => {
      const signature = fixture(`model.bin.ssh-${kind}.sig`);
      const keys = given(`ssh-${kind}.pub`);
      const found = await examine('model.bin.sig', signature, MODEL, keys);
      expect(found).toMatchObject({
        kind: 'openssh',
        outcome: 'matches',
        signer: { method: 'key' },
        facts: { namespace: 'file' },
      });
      expect(found.warnings).toEqual([]);
      expect(telling(await examine('model.bin.sig', signature, CHANGED, keys))).toBe('signature ATTEST_SIGNATURE');
    },
  );

  it('over SHA-256 holds too', async () => {
    expect((await check(fixture('model.bin.ssh-sha256.sig'))).outcome).toBe('matches');
  });

  it('never trusts the key inside it', async () => {
    expect(telling(await check(SIGNATURE, []))).toBe('material ATTEST_NO_KEY');
    expect(telling(await check(SIGNATURE, given('ssh-p256.pub')))).toBe('material ATTEST_OTHER_KEY');
    expect(telling(await check(SIGNATURE, given('p256.pem')))).toBe('material ATTEST_NO_USABLE_KEY');
  });

  it('by an RSA key of 1024 bits is refused', async () => {
    const found = await check(fixture('model.bin.ssh-rsa1024.sig'));
    expect(telling(found)).toBe('bundle ATTEST_KEY');
    expect(telling(await check(SIGNATURE, given('ssh-rsa1024.pub')))).toBe('material ATTEST_NO_USABLE_KEY');
  });

  it('with a certificate is said not to be checked', async () => {
    expect(telling(await check(fixture('model.bin.ssh-cert.sig')))).toBe('bundle ATTEST_NO_VERIFIER');
  });

  it('made for git is no signature for files where purposes are limited, and a warning where not', async () => {
    const git = fixture('model.bin.ssh-git.sig');
    const limited = await check(git, SIGNERS);
    expect(telling(limited)).toBe('limits ATTEST_NAMESPACE');
    expect(limited.signer).toBeUndefined();
    const open = await check(git);
    expect(open.outcome).toBe('matches');
    expect(open.warnings).toEqual([{ code: 'other-namespace', detail: { namespace: 'git' } }]);
  });

  it('whose purpose is rewritten does not hold', async () => {
    const blob = blobOf(fixture('model.bin.ssh-git.sig'));
    const at = Buffer.from(blob).indexOf(Buffer.from(sshString('git')));
    const rewritten = Buffer.concat([blob.subarray(0, at), sshString('file'), blob.subarray(at + 7)]);
    expect(telling(await check(armoured(rewritten)))).toBe('signature ATTEST_SIGNATURE');
  });

  it('may have line ends of Windows', async () => {
    expect((await check(bytes(text(SIGNATURE).replaceAll('\n', '\r\n')))).outcome).toBe('matches');
  });

  const blob = blobOf(SIGNATURE);
  it.each([
    ['a byte after its end', armoured(Uint8Array.from([...blob, 0]))],
    ['a byte missing', armoured(blob.subarray(0, -1))],
    ['another version', armoured(blob.map((byte, i) => (i === 9 ? 2 : byte)))],
    ['another beginning', armoured(blob.map((byte, i) => (i === 0 ? 0x54 : byte)))],
    ['text after its last line', bytes(`${text(SIGNATURE)}more\n`)],
    ['no last line', SIGNATURE.subarray(0, -40)],
    [
      'SHA-1 over the file',
      armoured(Buffer.from(Buffer.from(blob).toString('latin1').replace('\x06sha512', '\x04sha1'), 'latin1')),
    ],
    ['no purpose', armoured(Buffer.from(Buffer.from(blob).toString('latin1').replace('\x04file', '\x00'), 'latin1'))],
    ['needless padding', bytes(text(SIGNATURE).replace('\n-----END', '====\n-----END'))],
  ])('with %s is refused by its form', async (_, signature) => {
    expect(telling(await check(signature))).toBe('bundle ATTEST_BUNDLE');
  });

  it('over a checksum list covers the files it names', async () => {
    const files = { ...MODEL, 'config.json': fixture('config.json'), SHA256SUMS: fixture('SHA256SUMS') };
    const found = await examine('SHA256SUMS.sig', fixture('SHA256SUMS.sig'), files, SIGNERS);
    expect(found).toMatchObject({ outcome: 'matches', signer: { name: 'release@example.org,*@releases.example.org' } });
    expect(found.files.filter(({ state }) => state === 'same')).toHaveLength(3);
  });
});

describe('a list of allowed signers', () => {
  it.each([
    ['release@example.org', 'matches'],
    ['v2@releases.example.org', 'matches'],
    ['Release@example.org', 'identity ATTEST_IDENTITY'],
    ['old@example.org', 'identity ATTEST_IDENTITY'],
  ])('names whose key it is: with %s expected the outcome is %s', async (identity, outcome) => {
    const found = await check(SIGNATURE, SIGNERS, expecting(identity));
    expect(telling(found)).toBe(outcome);
    if (outcome === 'matches') expect(found.signer?.name).toBe(identity);
    else expect(found.signer).toBeUndefined();
  });

  it('is needed when a name is expected: a key alone names nobody', async () => {
    const found = await check(SIGNATURE, KEY, expecting('release@example.org'));
    expect(telling(found)).toBe('identity ATTEST_NO_USABLE_KEY');
  });

  it.each([
    ['valid-before="20250101Z"', 'limits ATTEST_NO_CURRENT_KEY'],
    ['valid-after="20270101Z"', 'limits ATTEST_NO_CURRENT_KEY'],
    ['valid-after="20250101Z",valid-before="202701011200Z"', 'matches'],
    ['valid-before="20261121100000Z"', 'limits ATTEST_NO_CURRENT_KEY'],
    ['valid-before="20261121100001Z"', 'matches'],
    ['namespaces="git,file"', 'matches'],
    ['namespaces="git"', 'limits ATTEST_NAMESPACE'],
    ['namespaces="*,!file"', 'limits ATTEST_NAMESPACE'],
    ['cert-authority', 'material ATTEST_NO_USABLE_KEY'],
    ['no-such-option', 'material ATTEST_NO_USABLE_KEY'],
    ['valid-before="20251332Z"', 'material ATTEST_NO_USABLE_KEY'],
    ['namespaces=file', 'material ATTEST_NO_USABLE_KEY'],
  ])('with %s gives %s', async (options, outcome) => {
    expect(telling(await check(SIGNATURE, signers(`a@b.c ${options} ${publicKey}`)))).toBe(outcome);
  });

  it('takes of several lines with one key the one that lets it through', async () => {
    const lines = `a@b.c valid-before="20200101Z" ${publicKey}\nb@b.c namespaces="git" ${publicKey}\n"c@b.c,d@b.c" ${publicKey} note`;
    expect((await check(SIGNATURE, signers(lines))).signer?.name).toBe('c@b.c,d@b.c');
    expect((await check(SIGNATURE, signers(lines), expecting('d@b.c'))).outcome).toBe('matches');
    expect(telling(await check(SIGNATURE, signers(lines), expecting('a@b.c')))).toBe('limits ATTEST_NO_CURRENT_KEY');
  });

  it('with an authority beside a key still has the key', async () => {
    const lines = `*@b.c cert-authority ${publicKey}\na@b.c ${publicKey}`;
    expect((await check(SIGNATURE, signers(lines))).signer?.name).toBe('a@b.c');
  });
});
