import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { attestationKind } from '../registry.ts';
import { bytes, examine, fixture, given, MODEL, telling, text } from './fixtures.suite.ts';
import { quoted, readOpenPgp } from './openpgp.ts';

describe('an OpenPGP signature', () => {
  it.each([
    ['model.bin.asc', 'model.bin.asc', 'EdDSA over SHA-256', /^[0-9A-F]{40}$/],
    ['model.bin.sig', 'model.bin.gpg.sig', 'RSA over SHA-512', /^[0-9A-F]{40}$/],
  ])('%s is described and never checked, whatever key is given', async (path, file, method, key) => {
    const found = await examine(path, fixture(file), MODEL, given('release.asc'));
    expect(telling(found)).toBe('signature ATTEST_NO_VERIFIER');
    expect(found.outcome).toBe('could-not-check');
    expect(found.facts).toMatchObject({ form: 'detached', method, command: `gpg --verify ${path} model.bin` });
    expect(found.facts['claimedKey']).toMatch(key);
    expect(found.facts['claimedTime']).toMatch(/^2026-11-21T/);
    expect(found.signer).toBeUndefined();
    expect(found.files).toMatchObject([{ path: 'model.bin', state: 'not-checked' }]);
  });

  it.each([`${'long'.repeat(60)}.bin`, 'a\u202egnp.bin', 'a\nb.bin'])(
    'of %j gives no command that cannot be shown whole',
    async (name) => {
      const found = await examine(`${name}.asc`, fixture('model.bin.asc'), { [name]: MODEL['model.bin']! }, []);
      expect(found.facts['command']).toBe('gpg --verify SIGNATURE FILE');
    },
  );

  it('around a checksum list does not make the list signed', async () => {
    const files = { ...MODEL, 'config.json': fixture('config.json') };
    const found = await examine('SHA256SUMS.asc', fixture('SHA256SUMS.asc'), files, []);
    expect(found).toMatchObject({
      outcome: 'could-not-check',
      facts: { form: 'clear-signed', command: 'gpg --verify SHA256SUMS.asc' },
    });
    expect(found.files).toEqual([]);
  });

  it('that holds its text is a message', async () => {
    expect(readOpenPgp(fixture('model.bin.gpg')).form).toBe('message');
    expect(readOpenPgp(fixture('model.bin.nocompress.gpg'))).toMatchObject({
      form: 'message',
      signatures: [{ algorithm: 'EdDSA' }],
    });
  });

  it('needs no checksum in its armour, and takes Windows line ends', () => {
    const armour = text(fixture('model.bin.asc'));
    expect(readOpenPgp(bytes(armour.replace(/\n=[^\n]+/, '')))).toEqual(readOpenPgp(bytes(armour)));
    expect(readOpenPgp(bytes(armour.replaceAll('\n', '\r\n')))).toEqual(readOpenPgp(bytes(armour)));
  });

  it('beside a public key is the only one of both that is a statement', async () => {
    const kind = attestationKind('release.asc', fixture('keys/release.asc'));
    const input = { bytes: fixture('keys/release.asc') } as Parameters<NonNullable<typeof kind>['examine']>[0];
    expect(await kind!.examine(input)).toEqual([]);
  });

  const binary = fixture('model.bin.gpg.sig');
  it.each([
    ['cut short', binary.subarray(0, -1)],
    ['with bytes after its end', Uint8Array.from([...binary, 0])],
    ['with a packet of another kind after it', Uint8Array.from([...binary, 0xc6, 1, 4])],
    ['of version 5', binary.map((byte, i) => (i === 3 ? 5 : byte))],
    ['that certifies a key', binary.map((byte, i) => (i === 4 ? 0x13 : byte))],
    ['whose number is longer', binary.map((byte, i) => (i === binary.length - 258 ? byte + 1 : byte))],
  ])('%s is none', (_, content) => {
    expect(() => readOpenPgp(content)).toThrow('ATTEST_BUNDLE');
    expect(attestationKind('model.bin.gpg', content)).toBe(null);
  });

  it('with a malformed armour is refused by its form', async () => {
    const armour = text(fixture('model.bin.asc'));
    for (const odd of [
      armour.replace('\n\n', '\n'),
      armour.replace('-----END', '----END'),
      armour.replace('iIoE', 'iIo*'),
    ]) {
      expect(telling(await examine('model.bin.asc', bytes(odd), MODEL, []))).toBe('bundle ATTEST_BUNDLE');
    }
  });
});

describe('a command for a shell', () => {
  it.each(['model.bin', 'two words', "it's; rm -rf ~", '$(id)', '-o x', 'a\nb', '`id`', '"', "'"])(
    'holds %j as one word',
    (name) => {
      const said = execFileSync('sh', ['-c', `printf %s ${quoted(name)}`]).toString();
      expect(said).toBe(name.startsWith('-') ? `./${name}` : name);
    },
  );
});
