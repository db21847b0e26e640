import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../errors.ts';
import { matchesPatterns, readAllowedSigners } from './allowed-signers.ts';
import { bytes, fixture, givenBytes, text } from './fixtures.suite.ts';
import { readGivenKeys } from './given-keys.ts';
import { readOpenPgp } from './openpgp.ts';
import { readMinisig } from './minisign.ts';
import { readSignify } from './signify.ts';
import { readSshSig } from './sshsig.ts';

const LIST = text(fixture('keys/allowed_signers'));

describe('patterns', () => {
  it.each([
    ['a@b', 'a@b', true],
    ['a@b', 'a@b,c', true],
    ['a@b', '*', true],
    ['a@b', '*,!a@b', false],
    ['a@b', '!x', false],
    ['a@b', '?@?', true],
    ['a@b', '??', false],
    ['a@b.c', '*@*.c', true],
    ['', '', true],
    ['a', '', false],
  ])('%j against %j: %s', (name, patterns, expected) => {
    expect(matchesPatterns(name, patterns)).toBe(expected);
  });
  it('of many stars end soon', () => {
    expect(matchesPatterns('a'.repeat(5000), `${'*a'.repeat(500)}b`)).toBe(false);
  });
});

describe('a list of allowed signers', () => {
  it('is read with its options, in UTC where it says so', () => {
    const [first, second] = readAllowedSigners(LIST);
    expect(first).toMatchObject({
      principals: 'release@example.org,*@releases.example.org',
      namespaces: 'file,model@example.org',
    });
    expect(second).toMatchObject({ principals: 'old@example.org', end: '2025-01-01T00:00:00.000Z' });
  });
  it('without a time zone counts in this machine’s own time, as OpenSSH does', () => {
    const local = readAllowedSigners(LIST.replace('20250101Z', '20250101'))[1]?.end;
    expect(local).toBe(new Date(2025, 0, 1).toISOString());
  });
  it('with a line that is none is refused as a whole', () => {
    expect(() => readAllowedSigners(`${LIST}\na@b.c ssh-ed25519`)).toThrow('ATTEST_KEY');
  });
});

describe('readers of signatures and keys', () => {
  const seeds = [
    'model.bin.minisig',
    'SHA256.sig',
    'model.bin.ssh-p256.sig',
    'model.bin.asc',
    'model.bin.gpg.sig',
    'model.bin.nocompress.gpg',
    'SHA256SUMS.asc',
    'keys/allowed_signers',
    'keys/minisign.pub',
    'keys/ssh-rsa.pub',
    'keys/rsa.pem',
  ].map(fixture);
  const changed = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
      fc.nat(),
    )
    .map(([seed, flips, cut]) => {
      const copy = seed.slice(0, cut % 3 === 0 ? cut % (seed.length + 1) : seed.length);
      for (const [at, value] of flips) if (copy.length > 0) copy[at % copy.length] = value;
      return copy;
    });
  it('meet any bytes with a value or a code of their own', () => {
    fc.assert(
      fc.property(
        fc.oneof(changed, fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 200 }).map(bytes)),
        (content) => {
          for (const read of [
            readMinisig,
            readSignify,
            readSshSig,
            readOpenPgp,
            (c: Uint8Array) => readGivenKeys(givenBytes(c)),
          ]) {
            try {
              read(content);
            } catch (error) {
              expect(error).toBeInstanceOf(AppError);
              expect((error as AppError).code).toMatch(/^ATTEST_(?:BUNDLE|KEY|DER|NO_VERIFIER)$/);
            }
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});
