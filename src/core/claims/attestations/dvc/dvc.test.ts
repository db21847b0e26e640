import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { wasmHashes } from '../../../hash/wasm.ts';
import { NO_EXPECTATIONS } from '../kind.ts';
import { listingText } from './directory.ts';
import { dos2unix, dos2unixDigests, isText } from './dos2unix.ts';
import { DVC } from './dvc.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const md5 = (content: Uint8Array | string): string => createHash('md5').update(content).digest('hex');

async function examine(record: string, files: Readonly<Record<string, string>>) {
  const content = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, bytes(text)]));
  const [found] = await DVC.examine({
    path: 'model.bin.dvc',
    bytes: bytes(record),
    folder: {
      files: Object.entries(content).map(([path, one]) => ({ path, size: one.length })),
      digest: async (path, algorithm) => createHash(algorithm).update(content[path]!).digest('hex'),
      read: async (path) => content[path]!,
      async *stream(path) {
        yield content[path]!;
      },
    },
    expect: NO_EXPECTATIONS,
    hashes: wasmHashes(),
    now: '2026-11-21T10:00:00.000Z',
    signal: new AbortController().signal,
  });
  return found!;
}

describe('the list of a folder', () => {
  // treeverse/dvc-data, tests/hashfile/test_build.py
  it('gives the digest that DVC gives', () => {
    const listed = [
      { md5: md5('foo'), relpath: 'foo' },
      { md5: md5('bar'), relpath: 'bar' },
    ];
    expect(md5(listingText(listed))).toBe('5ea40360f5b4ec688df672a4db9c17d1');
  });
  it('is sorted by code points and escapes everything outside ASCII', () => {
    const text = listingText([
      { md5: 'b', relpath: '\u{1f600}' },
      { md5: 'a', relpath: '\uff5e' },
    ]);
    expect(text).toBe(String.raw`[{"md5": "a", "relpath": "\uff5e"}, {"md5": "b", "relpath": "\ud83d\ude00"}]`);
  });
});

describe('the old rule for text', () => {
  it.each([
    [bytes(''), true],
    [bytes('text'), true],
    [new Uint8Array([0, 0, 0x31]), false],
    [new Uint8Array(10).fill(0x80), false],
    [bytes(`${'a'.repeat(7)}\u0001\u0001\u0001`), true],
    [bytes(`${'a'.repeat(6)}\u0001\u0001\u0001\u0001`), false],
  ])('%# tells text from binary', (block, text) => {
    expect(isText(block)).toBe(text);
  });
  it('turns CR LF into LF and keeps other CR', () => {
    expect(new TextDecoder().decode(dos2unix(bytes('a\r\nb\rc\r\r\n')))).toBe('a\nb\rc\r\n');
  });
  it('gives the same digests however the bytes are cut', async () => {
    const text = bytes('line\r\n'.repeat(400_000));
    const cut = (size: number) =>
      (async function* () {
        for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
      })();
    const whole = await dos2unixDigests(cut(text.length), text.length, wasmHashes());
    expect(await dos2unixDigests(cut(12_345), text.length, wasmHashes())).toEqual(whole);
    expect(whole.perFile).toBe(whole.perChunk);
  });
});

describe('a DVC record', () => {
  it('matches the file it describes and says that nobody signed', async () => {
    const found = await examine(`outs:\n- md5: ${md5('abc')}\n  size: 3\n  hash: md5\n  path: model.bin\n`, {
      'model.bin': 'abc',
    });
    expect(found).toMatchObject({ outcome: 'matches', facts: { matchedBy: 'md5' } });
    expect(found.signer).toBeUndefined();
  });
  it('of an old release matches by converted line ends, of a new one not', async () => {
    const converted = md5('a\nb\n');
    const files = { 'model.bin': 'a\r\nb\r\n' };
    expect((await examine(`outs:\n- md5: ${converted}\n  path: model.bin\n`, files)).outcome).toBe('matches');
    const strict = await examine(`outs:\n- md5: ${converted}\n  hash: md5\n  path: model.bin\n`, files);
    expect(strict.outcome).toBe('contradicts');
  });
  it.each([
    ['of a file that is not here', `outs:\n- md5: ${md5('x')}\n  path: other.bin\n`],
    ['of a path outside', `outs:\n- md5: ${md5('abc')}\n  path: ../../model.bin\n`],
    ['without a digest', 'outs:\n- path: model.bin\n  etag: "x"\n'],
  ])('%s is not compared', async (_, record) => {
    expect((await examine(record, { 'model.bin': 'abc' })).outcome).toBe('could-not-check');
  });
  it.each([
    ['an MD5 that is none', 'outs:\n- md5: zz\n  path: a\n'],
    ['no entries', 'outs: []\n'],
    ['a tag', 'outs: !!python/object:os.system\n- path: a\n'],
    ['a key twice', 'outs: []\nouts:\n- path: a\n'],
    ['aliases that grow', `a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]\nouts: []\n`],
    ['no YAML', '\u0000\u0001'],
  ])('with %s is refused', async (_, record) => {
    const found = await examine(record, {});
    expect(found.steps[0]).toMatchObject({ id: 'bundle', outcome: 'contradicts', reason: { code: 'ATTEST_BUNDLE' } });
  });
});
