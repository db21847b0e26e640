import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { groupDigest } from '../report/words/units.ts';
import { parseDigest, parseDigestText } from './hex.ts';
import { parseAgainstText } from './registry.ts';

const SHA256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const MD5 = '900150983cd24fb0d6963f7d28e17f72';
const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'none';
};

describe('a pasted digest', () => {
  it.each([
    ['hex alone', SHA256, 'sha256', true],
    ['upper case', SHA256.toUpperCase(), 'sha256', true],
    ['as image registries write it', `sha256:${SHA256}`, 'sha256', undefined],
    ['with a blank after the colon', `SHA256: ${SHA256}`, 'sha256', undefined],
    ['as pip writes it', `sha256=${SHA256}`, 'sha256', undefined],
    ['as a web page states it (SRI)', 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=', 'sha256', undefined],
    ['named like an Ollama blob', `sha256-${SHA256}`, 'sha256', undefined],
    ['in pairs, as certutil prints it', SHA256.replace(/..(?=.)/g, '$& '), 'sha256', true],
    ['in pairs with colons', SHA256.toUpperCase().replace(/..(?=.)/g, '$&:'), 'sha256', true],
    ['in groups of eight, as Assay shows it', groupDigest(SHA256), 'sha256', true],
    ['32 digits', MD5, 'md5', undefined],
    ['with blanks and a line end around it', `  ${SHA256}\n`, 'sha256', true],
    ['a git blob', 'git-blob-sha1:f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f', 'git-blob-sha1', undefined],
  ])('%s', (_, text, algorithm, assumed) => {
    const claim = parseAgainstText(text, 'the digest you pasted');
    expect(claim.source).toEqual({ kind: 'hex', name: 'the digest you pasted', independent: true });
    expect(claim.statements).toHaveLength(1);
    const { assumed: guess, digest, ...rest } = claim.statements[0]!;
    expect(rest).toEqual({ path: null, algorithm, scope: 'file' });
    expect(guess).toBe(assumed);
    if (algorithm === 'sha256') expect(digest).toBe(SHA256);
  });
  it('several at once are alternatives or algorithms of one file', () => {
    const claim = parseDigestText(`sha256:${SHA256} md5:${MD5}`, 'x');
    expect(claim?.statements.map((s) => [s.path, s.algorithm])).toEqual([
      [null, 'sha256'],
      [null, 'md5'],
    ]);
  });
  it.each([
    ['', 'CLAIM_DIGEST'],
    ['abc', 'CLAIM_DIGEST'],
    ['SHA256SUMS', 'CLAIM_DIGEST'],
    [SHA256.slice(1), 'CLAIM_DIGEST'],
    [`${SHA256}0`, 'CLAIM_DIGEST'],
    [SHA256.replace('b', 'g'), 'CLAIM_DIGEST'],
    [`sha256:${MD5}`, 'CLAIM_DIGEST'],
    [`streebog-256:${SHA256}`, 'CLAIM_ALGORITHM'],
    ['0123456789abcdef', 'CLAIM_DIGEST'],
    ['two\nlines', 'CLAIM_EMPTY'],
  ])('%j is refused with %s', (text, expected) => {
    expect(code(() => parseAgainstText(text, 'the digest you pasted'))).toBe(expected);
  });
  it('a list pasted as text is a list', () => {
    const claim = parseAgainstText(`${SHA256}  a.bin\n`, 'SHA256SUMS');
    expect(claim).toMatchObject({ source: { kind: 'sums', independent: true }, statements: [{ path: 'a.bin' }] });
  });
  it('any text gives a digest, nothing or a coded error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(['none', 'CLAIM_ALGORITHM', 'CLAIM_DIGEST']).toContain(code(() => parseDigest(text)));
        expect(['none', 'CLAIM_ALGORITHM', 'CLAIM_DIGEST']).toContain(code(() => parseDigestText(text, 'x')));
      }),
    );
  });
});
