import { describe, expect, it } from 'vitest';
import { isGgufHash, parseGgufHashFile } from './gguf-hash.ts';
import { parseAgainstText } from './registry.ts';

const SHA256 = 'c0510d38fa060c46265e0160a85c7243096b01dd31c2f355bdbb5516b20de1bd';
const SHA1 = '59f79ecefd8125a996fdf419239051a7e99e5f20';
/** What `llama-gguf-hash --all --uuid` prints for a file with two tensors (padding and order of the tool). */
const MANIFEST = [
  'xxh64     f66e9cd66a4396a0  test.gguf:tensor_0',
  'xxh3      0e9cd66a4396a011  test.gguf:tensor_0',
  `sha1      ${SHA1}  test.gguf:tensor_0`,
  `sha256    ${SHA256}  test.gguf:tensor_0`,
  'xxh64     7d3a1f9ac04d0537  test.gguf:blk.0.attn_q.weight',
  'xxh64     5a54d3aad816f302  test.gguf',
  `sha256    ${SHA256}  test.gguf`,
  'uuid      4beb2a2d-1c9b-5ad4-a1a5-0e2d6b2f3b9c  test.gguf',
  '',
].join('\n');

describe('manifests of gguf-hash', () => {
  it('a line with a tensor is over that tensor, a line without is over all tensors and not over the file', () => {
    const { statements, source, path } = parseGgufHashFile(MANIFEST, 'sub/test.gguf.manifest');
    expect(source).toEqual({ kind: 'gguf-hash', name: 'test.gguf.manifest', independent: false });
    expect(path).toBe('sub/test.gguf.manifest');
    expect(statements.map((s) => [s.path, s.scope, s.algorithm, s.tensor])).toEqual([
      ['sub/test.gguf', 'tensor', 'xxh64', 'tensor_0'],
      ['sub/test.gguf', 'tensor', 'xxh3', 'tensor_0'],
      ['sub/test.gguf', 'tensor', 'sha1', 'tensor_0'],
      ['sub/test.gguf', 'tensor', 'sha256', 'tensor_0'],
      ['sub/test.gguf', 'tensor', 'xxh64', 'blk.0.attn_q.weight'],
      ['sub/test.gguf', 'tensor-data', 'xxh64', undefined],
      ['sub/test.gguf', 'tensor-data', 'sha256', undefined],
    ]);
  });
  it('a uuid is an identifier, shown as not understood and never compared', () => {
    const { skipped, refused } = parseGgufHashFile(MANIFEST, 'test.gguf.manifest');
    expect(skipped.map((s) => s.line)).toEqual([8]);
    expect(refused).toBeUndefined();
  });
  it('is told from a checksum list by its lines, whatever the file is called', () => {
    expect(isGgufHash(MANIFEST)).toBe(true);
    expect(isGgufHash(`${SHA256}  test.gguf\n`)).toBe(false);
    expect(isGgufHash(`SHA256 (test.gguf) = ${SHA256}\n`)).toBe(false);
    expect(isGgufHash(`SHA256          ${SHA256.toUpperCase()}       C:\\x\\test.gguf\n`)).toBe(false);
    expect(parseAgainstText(MANIFEST, 'hashes.txt').source.kind).toBe('gguf-hash');
  });
  it('output of a verification run is a manifest too', () => {
    const text = [
      'manifest  test.gguf.manifest  sha256  sha1  xxh64',
      `sha256    ${SHA256}  test.gguf:tensor_0  -  Ok`,
      `sha256    ${SHA256}  test.gguf  -  Mismatch`,
      '',
      'Verification results for test.gguf.manifest - Success',
    ].join('\r\n');
    const { statements, skipped } = parseGgufHashFile(text, 'm.manifest');
    expect(statements.map((s) => [s.path, s.tensor])).toEqual([
      ['test.gguf', 'tensor_0'],
      ['test.gguf', undefined],
    ]);
    expect(skipped).toEqual([]);
  });
  it.each([
    ['/home/me/models/test.gguf:a.b', 'test.gguf', 'a.b'],
    ['./test.gguf:a', 'test.gguf', 'a'],
    ['C:\\models\\test.gguf:a:b', 'test.gguf', 'a:b'],
    ['../up/test.GGUF', 'test.GGUF', undefined],
    ['blob-without-ending:token_embd.weight', 'blob-without-ending', 'token_embd.weight'],
    ['a.gguf.gguf:t', 'a.gguf.gguf', 't'],
  ])('the name in %j is the argument of the command: only its last part counts', (subject, path, tensor) => {
    const [statement] = parseGgufHashFile(`sha1      ${SHA1}  ${subject}\n`, 'm.manifest').statements;
    expect([statement!.path, statement!.tensor]).toEqual([path, tensor]);
  });
  it('a digest of the wrong length is refused with its line', () => {
    expect(parseGgufHashFile(`sha256    ${SHA1}  test.gguf\n`, 'm').refused?.[0]?.error.code).toBe('CLAIM_DIGEST');
  });
});
