import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { claimText } from './lines.ts';
import { isSumsName, parseSums, parseSumsFile } from './sums.ts';

/** Digests of the three bytes `abc`; the lines below are what the named tools print for a file that holds them. */
const SHA256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const SHA512 =
  'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';
const BLAKE2B =
  'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923';
const BLAKE3 = '6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85';
const MD5 = '900150983cd24fb0d6963f7d28e17f72';
const SHA1 = 'a9993e364706816aba3e25717850c26c9cd0d89d';

const parse = (text: string, name = 'SHA256SUMS') =>
  parseSums(text, { name, source: { kind: 'sums', name, independent: true } });
const paths = (text: string, name?: string) => parse(text, name).statements.map((s) => s.path);
const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'none';
};

describe('one line of each tool', () => {
  it.each([
    ['sha256sum', `${SHA256}  a.bin`, 'sha256', 'a.bin'],
    ['sha256sum --binary', `${SHA256} *a.bin`, 'sha256', 'a.bin'],
    ['sha256sum --tag', `SHA256 (a.bin) = ${SHA256}`, 'sha256', 'a.bin'],
    ['a name with blanks and brackets, tagged', `SHA256 (b (1).bin) = ${SHA256}`, 'sha256', 'b (1).bin'],
    ['a name with blanks', `${SHA256}  b c.bin`, 'sha256', 'b c.bin'],
    ['an escaped name', `\\${SHA256}  odd\\nname\\\\x.bin`, 'sha256', 'odd\nname\\x.bin'],
    ['an escaped name, tagged', `\\SHA256 (odd\\nname\\\\x.bin) = ${SHA256}`, 'sha256', 'odd\nname\\x.bin'],
    ['openssl dgst', `SHA2-256(a.bin)= ${SHA256}`, 'sha256', 'a.bin'],
    ['openssl dgst of older versions', `SHA256(a.bin)= ${SHA256}`, 'sha256', 'a.bin'],
    ['openssl dgst -sha3-256', `SHA3-256(a.bin)= ${SHA256}`, 'sha3-256', 'a.bin'],
    ['b2sum -l 256 --tag', `BLAKE2b-256 (a.bin) = ${SHA256}`, 'blake2b-256', 'a.bin'],
    ['openssl dgst -blake2b512', `BLAKE2B-512(a.bin)= ${BLAKE2B}`, 'blake2b', 'a.bin'],
    ['md5 of BSD', `MD5 (a.bin) = ${MD5}`, 'md5', 'a.bin'],
    ['md5sum', `${MD5}  a.bin`, 'md5', 'a.bin'],
    ['sha1sum', `${SHA1}  a.bin`, 'sha1', 'a.bin'],
    ['sha512sum', `${SHA512}  a.bin`, 'sha512', 'a.bin'],
    ['b3sum --tag', `BLAKE3 (a.bin) = ${BLAKE3}`, 'blake3', 'a.bin'],
    ['algorithm:hex and a name', `sha256:${SHA256}  a.bin`, 'sha256', 'a.bin'],
    ['Get-FileHash', `SHA256          ${SHA256.toUpperCase()}       models\\a.bin`, 'sha256', 'models/a.bin'],
    ['upper-case hex', `${SHA256.toUpperCase()}  a.bin`, 'sha256', 'a.bin'],
    ['a line separator in the name', `${SHA256}  a\u2028b.bin`, 'sha256', 'a\u2028b.bin'],
    ['a tab', `${SHA256}\ta.bin`, 'sha256', 'a.bin'],
    ['a path below here', `${SHA256}  ./sub/a.bin`, 'sha256', 'sub/a.bin'],
    ['a path of Windows', `${SHA256} *sub\\a.bin`, 'sha256', 'sub/a.bin'],
    ['an absolute path', `${SHA256}  /home/me/a.bin`, 'sha256', 'home/me/a.bin'],
  ])('%s', (_, line, algorithm, path) => {
    const { statements, skipped, refused } = parse(`${line}\n`);
    expect({ statements: statements.length, skipped, refused }).toEqual({
      statements: 1,
      skipped: [],
      refused: undefined,
    });
    expect(statements[0]).toMatchObject({ algorithm, path, scope: 'file' });
    expect(statements[0]!.digest).toMatch(/^[0-9a-f]+$/);
  });

  it('CRLF, a byte-order mark, comments, blank lines and no line end at the end change nothing', () => {
    const text = `\ufeff# made by hand\r\n\r\n${SHA256}  a.bin\r\n; old style\r\n// another\r\n${SHA256} *b.bin`;
    expect(paths(text)).toEqual(['a.bin', 'b.bin']);
    expect(parse(text).skipped).toEqual([]);
  });
  it('a list that PowerShell wrote in UTF-16', () => {
    const text = `\ufeff${SHA256}  a.bin\r\n`;
    const utf16 = new Uint8Array(new Uint16Array([...text].map((c) => c.charCodeAt(0))).buffer);
    expect(paths(claimText(utf16, 'SHA256SUMS'))).toEqual(['a.bin']);
  });
  it('a clear-signed list: its frame and signature are no lines of the list', () => {
    const text = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${SHA256}  a.bin\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n`;
    const claim = parse(text);
    expect(claim.statements.map((s) => s.path)).toEqual(['a.bin']);
    expect(claim.skipped.map((s) => s.text)).toEqual(['Hash: SHA256']);
  });
});

describe('digests that several algorithms could have made', () => {
  it.each([
    ['B3SUMS', 'blake3', undefined],
    ['model.b3', 'blake3', undefined],
    ['SHA256SUMS', 'sha256', undefined],
    ['model.gguf.sha256', 'sha256', undefined],
    ['checksums.txt', 'sha256', true],
    ['blake2s.txt', 'blake2s', undefined],
  ])('64 digits in %s are %s', (name, algorithm, assumed) => {
    const [statement] = parse(`${SHA256}  a.bin`, name).statements;
    expect(statement).toMatchObject({ algorithm });
    expect(statement!.assumed).toBe(assumed);
  });
  it('128 digits are BLAKE2b in B2SUMS and SHA-512, as an assumption, elsewhere', () => {
    expect(parse(`${SHA512}  a.bin`, 'B2SUMS').statements[0]).toMatchObject({ algorithm: 'blake2b' });
    expect(parse(`${SHA512}  a.bin`, 'hashes.txt').statements[0]).toMatchObject({ algorithm: 'sha512', assumed: true });
  });
  it('a list named after another length is not believed over the digest itself', () => {
    expect(parse(`${SHA256}  a.bin`, 'SHA512SUMS').statements[0]).toMatchObject({ algorithm: 'sha256', assumed: true });
  });
});

describe('what a list may not do', () => {
  it('a path that climbs is refused with its line, and the rest is used', () => {
    const claim = parse(`${SHA256}  ../../etc/passwd\n${SHA256}  a/../../b\n${SHA256}  a.bin\n${SHA256}  ..\\c\n`);
    expect(claim.statements.map((s) => s.path)).toEqual(['a.bin']);
    expect(claim.refused?.map((r) => [r.line, r.error.code])).toEqual([
      [1, 'CLAIM_PATH'],
      [2, 'CLAIM_PATH'],
      [4, 'CLAIM_PATH'],
    ]);
  });
  it('two digests for one name take both out', () => {
    const claim = parse(`${SHA256}  a.bin\n${BLAKE3}  a.bin\n${SHA256}  a.bin\n${SHA256}  b.bin\n`);
    expect(claim.statements.map((s) => s.path)).toEqual(['b.bin']);
    expect(claim.refused).toEqual([
      {
        line: 2,
        path: 'a.bin',
        error: { code: 'CLAIM_DUPLICATE', detail: { name: 'SHA256SUMS', path: 'a.bin', line: 2, first: 1 } },
      },
    ]);
  });
  it('the same line twice is one statement, and other algorithms for one name are others', () => {
    expect(paths(`${SHA256}  a.bin\n${SHA256} *a.bin\n${MD5}  a.bin\n`)).toEqual(['a.bin', 'a.bin']);
  });
  it('an algorithm that cannot be computed is named', () => {
    const claim = parse(`SHAKE128 (a.bin) = ${SHA256}\nStreebog-256 (b.bin) = ${SHA256}\n`);
    expect(claim.statements).toEqual([]);
    expect(claim.refused?.map((r) => [r.path, r.error.code, r.error.detail['algorithm']])).toEqual([
      ['a.bin', 'CLAIM_ALGORITHM', 'SHAKE128'],
      ['b.bin', 'CLAIM_ALGORITHM', 'Streebog-256'],
    ]);
  });
  it('a digest of the wrong length for its label is refused', () => {
    expect(parse(`SHA256 (a.bin) = ${MD5}`).refused?.[0]?.error.code).toBe('CLAIM_DIGEST');
  });
  it('lines that are none are kept with their number, and a list of nothing else states nothing', () => {
    expect(parse(`Checksums of v1.0:\n${SHA256}  a.bin\n`).skipped).toEqual([{ line: 1, text: 'Checksums of v1.0:' }]);
    expect(code(() => parse('hello\nworld\n'))).toBe('CLAIM_EMPTY');
    expect(code(() => parse(''))).toBe('CLAIM_EMPTY');
  });
  it('only the first lines that are none are kept; the rest is counted', () => {
    const claim = parse(`${'what\n'.repeat(500)}${SHA256}  a.bin\n`);
    expect(claim.skipped).toHaveLength(20);
    expect(claim.skippedTotal).toBe(500);
  });
  it('a line of ten million characters is skipped, not searched', () => {
    const claim = parse(`${'a'.repeat(10_000_000)}\n${SHA256}  a.bin\n`);
    expect(claim.statements).toHaveLength(1);
    expect(claim.skipped[0]!.text.length).toBeLessThan(300);
  });
});

describe('a list among the files', () => {
  it('in a folder speaks about that folder', () => {
    expect(parseSumsFile(`${SHA256}  a.bin\n`, 'sub/dir/SHA256SUMS').statements[0]!.path).toBe('sub/dir/a.bin');
  });
  it('with one bare digest speaks about the file it is named after', () => {
    expect(parseSumsFile(`${SHA256}\n`, 'sub/m.safetensors.sha256').statements[0]!.path).toBe('sub/m.safetensors');
    expect(parseSumsFile(`${SHA256}\n`, 'SHA256SUMS').statements[0]!.path).toBe(null);
  });
  it('is known by its name', () => {
    const lists =
      'SHA256SUMS sha256sum.txt SHA512SUMS MD5SUMS B3SUMS b2sums.txt SHASUMS256.txt SHASUMS256.txt.asc model.gguf.sha256 m.md5 m.sha256sum checksums.txt CHECKSUM hashes.txt model_checksums-sha256.txt manifest-sha256.txt x/y/sha1sums checksums.sha256'.split(
        ' ',
      );
    const others =
      'model.safetensors config.json README.md tokenizer.json hash.py sha256.py md5.c model.sha256.safetensors summary.txt mysha.txt vocab.txt'.split(
        ' ',
      );
    expect(lists.filter((name) => !isSumsName(name))).toEqual([]);
    expect(others.filter(isSumsName)).toEqual([]);
  });
});

describe('any text at all', () => {
  it('gives a claim or a coded error', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc
        .tuple(
          fc.constantFrom('', '\\', 'SHA256 (', 'MD5(', 'sha256:'),
          fc.string({ maxLength: 70 }),
          fc.constantFrom('', ') = ', ')= ', '  ', ' *'),
          fc.string({ maxLength: 40 }),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        expect(['none', 'CLAIM_EMPTY']).toContain(code(() => parse(lines.join('\n'))));
      }),
      { numRuns: 100 },
    );
  });
  it('what sha256sum would write is read back, whatever the names', () => {
    const name = fc
      .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('/'))
      .filter(
        (path) =>
          path.trim() === path && !/(^|\/)\.{0,2}(\/|$)|^\*|\0/.test(path) && !path.startsWith('/') && path !== '',
      );
    const written = (path: string): string => {
      const escaped = path.replace(/[\\\n\r]/g, (c) => (c === '\n' ? '\\n' : c === '\r' ? '\\r' : '\\\\'));
      return `${escaped === path ? '' : '\\'}${SHA256}  ${escaped}`;
    };
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (names) => {
        expect(paths(`${names.map(written).join('\n')}\n`)).toEqual(names);
      }),
      { numRuns: 300 },
    );
  });
});
