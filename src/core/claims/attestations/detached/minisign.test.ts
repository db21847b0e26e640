import { describe, expect, it } from 'vitest';
import { bytes, CHANGED, examine, fixture, given, givenBytes, MODEL, telling, text } from './fixtures.suite.ts';

const PREHASHED = fixture('model.bin.minisig');
const LEGACY = fixture('model.bin.legacy.minisig');
const KEY = given('minisign.pub');
const linesOf = (file: Uint8Array): string[] => text(file).split('\n');
const withLine = (file: Uint8Array, at: number, line: string): Uint8Array => {
  const lines = linesOf(file);
  lines[at] = line;
  return bytes(lines.join('\n'));
};
const base64 = (content: Uint8Array): string => Buffer.from(content).toString('base64');
const decoded = (line: string): Uint8Array => new Uint8Array(Buffer.from(line, 'base64'));

describe('a minisign signature', () => {
  it.each([
    ['prehashed', PREHASHED],
    ['of the older form', LEGACY],
  ])('%s holds over its file with the given key and over no other bytes', async (_, signature) => {
    const found = await examine('model.bin.minisig', signature, MODEL, KEY);
    expect(found).toMatchObject({
      kind: 'minisign',
      outcome: 'matches',
      signer: { method: 'key', name: 'minisign.pub' },
    });
    expect(found.files).toEqual([{ path: 'model.bin', state: 'same' }]);
    const changed = await examine('model.bin.minisig', signature, CHANGED, KEY);
    expect(telling(changed)).toBe('signature ATTEST_SIGNATURE');
    expect(changed.signer).toBeUndefined();
  });

  it('shows the signed comment as signed and the other one as not', async () => {
    const found = await examine('model.bin.minisig', LEGACY, MODEL, KEY);
    expect(found.facts).toMatchObject({
      trustedComment: 'release 1 of the test model',
      untrustedComment: 'signature from minisign secret key',
      keyId: '38EE55D2202B9102',
    });
  });

  it('with the comment of another signature is refused, and that comment is not shown', async () => {
    const swapped = withLine(PREHASHED, 2, linesOf(LEGACY)[2]!);
    const both = withLine(swapped, 3, linesOf(LEGACY)[3]!);
    for (const signature of [swapped, both, withLine(PREHASHED, 3, linesOf(LEGACY)[3]!)]) {
      const found = await examine('model.bin.minisig', signature, MODEL, KEY);
      expect(telling(found)).toBe('comment ATTEST_COMMENT');
      expect(JSON.stringify(found)).not.toContain('release 1 of');
      expect(found.facts['trustedComment']).toBeUndefined();
    }
  });

  it('takes the bare line of a key too, as the tool does', async () => {
    const bare = text(fixture('keys/minisign.pub')).split('\n')[1]!;
    expect((await examine('model.bin.minisig', PREHASHED, MODEL, [givenBytes(bare)])).outcome).toBe('matches');
  });

  it('without a key says that the signer is open, and names the file', async () => {
    const found = await examine('model.bin.minisig', PREHASHED, MODEL, []);
    expect(telling(found)).toBe('material ATTEST_NO_KEY');
    expect(found.files).toMatchObject([{ path: 'model.bin', state: 'not-checked', reason: { code: 'ATTEST_NO_KEY' } }]);
  });

  it('by another key says so by its number, and among several keys takes its own', async () => {
    expect(telling(await examine('model.bin.minisig', PREHASHED, MODEL, given('minisign-other.pub')))).toBe(
      'material ATTEST_OTHER_KEY',
    );
    const several = given('p256.pem', 'ssh-ed25519.pub', 'minisign-other.pub', 'minisign.pub');
    expect((await examine('model.bin.minisig', PREHASHED, MODEL, several)).outcome).toBe('matches');
  });

  it('under the number of another key fails as a signature', async () => {
    const key = decoded(text(fixture('keys/minisign-other.pub')).split('\n')[1]!);
    key.set(decoded(linesOf(PREHASHED)[1]!).subarray(2, 10), 2);
    expect(telling(await examine('model.bin.minisig', PREHASHED, MODEL, [givenBytes(base64(key))]))).toBe(
      'signature ATTEST_SIGNATURE',
    );
  });

  it.each(['p256.pem', 'ssh-ed25519.pub', 'allowed_signers', 'release.asc'])(
    'with %s, which is no minisign key, stays open and names that file',
    async (name) => {
      const found = await examine('model.bin.minisig', PREHASHED, MODEL, given(name));
      expect(telling(found)).toBe('material ATTEST_NO_USABLE_KEY');
      expect(found.steps.at(-1)?.reason?.detail['name']).toBe(name);
    },
  );

  it('with a key of small order stays open: under such a key signatures fit many texts', async () => {
    const key = decoded(text(fixture('keys/minisign.pub')).split('\n')[1]!);
    key.set(new Uint8Array(32), 10);
    key[10] = 1;
    expect(telling(await examine('model.bin.minisig', PREHASHED, MODEL, [givenBytes(base64(key))]))).toBe(
      'material ATTEST_NO_USABLE_KEY',
    );
  });

  it('whose s is written in its larger form is refused', async () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const content = decoded(linesOf(LEGACY)[1]!);
    let s = 0n;
    for (let i = 73; i >= 42; i--) s = s * 256n + BigInt(content[i]!);
    s += order;
    for (let i = 42; i < 74; i++, s /= 256n) content[i] = Number(s % 256n);
    expect(telling(await examine('model.bin.minisig', withLine(LEGACY, 1, base64(content)), MODEL, KEY))).toBe(
      'signature ATTEST_SIGNATURE',
    );
  });

  it('of the older form cannot pass as a prehashed one, nor the other way round', async () => {
    for (const [file, name] of [
      [LEGACY, 'ED'],
      [PREHASHED, 'Ed'],
    ] as const) {
      const content = decoded(linesOf(file)[1]!);
      content.set(bytes(name), 0);
      const found = await examine('model.bin.minisig', withLine(file, 1, base64(content)), MODEL, KEY);
      expect(telling(found)).toBe('signature ATTEST_SIGNATURE');
    }
  });

  it('may have line ends of Windows', async () => {
    const crlf = bytes(text(PREHASHED).replaceAll('\n', '\r\n'));
    expect((await examine('model.bin.minisig', crlf, MODEL, KEY)).outcome).toBe('matches');
  });

  it.each([
    ['cut short', PREHASHED.subarray(0, -30)],
    ['without its last line', bytes(linesOf(PREHASHED).slice(0, 3).join('\n'))],
    ['with a line after its end', bytes(`${text(PREHASHED)}more\n`)],
    ['with bytes after its signature', withLine(PREHASHED, 1, `${linesOf(PREHASHED)[1]!}AAAA`)],
    ['with base64 in another spelling', withLine(PREHASHED, 1, linesOf(PREHASHED)[1]!.replace('w=', 'x='))],
    ['of an unknown algorithm', withLine(PREHASHED, 1, `QU${linesOf(PREHASHED)[1]!.slice(2)}`)],
    ['with an endless comment', withLine(PREHASHED, 0, `untrusted comment: ${'a'.repeat(3000)}`)],
    ['with an endless signed comment', withLine(PREHASHED, 2, `trusted comment: ${'a'.repeat(9000)}`)],
  ])('%s is refused by its form', async (_, signature) => {
    expect(telling(await examine('model.bin.minisig', signature, MODEL, KEY))).toBe('bundle ATTEST_BUNDLE');
  });

  it('of a file that is not here is open, and finds a renamed one by the name that was signed', async () => {
    const others = { 'a.bin': bytes('a'), 'b.bin': bytes('b') };
    const away = await examine('model.bin.minisig', PREHASHED, others, KEY);
    expect(telling(away)).toBe('signature ATTEST_NO_SIGNED_FILE');
    expect(away.facts['trustedComment']).toContain('file:model.bin');
    const renamed = await examine('v1.minisig', PREHASHED, { ...MODEL, ...others }, KEY);
    expect(renamed.outcome).toBe('matches');
  });

  it('over a file that was signed under another name warns', async () => {
    const found = await examine('other.bin.minisig', PREHASHED, { 'other.bin': MODEL['model.bin']! }, KEY);
    expect(found.outcome).toBe('matches');
    expect(found.warnings).toEqual([{ code: 'other-name', detail: { name: 'model.bin' } }]);
  });

  it('is taken for the one other file only when it holds over it', async () => {
    expect((await examine('release.minisig', LEGACY, { 'renamed.bin': MODEL['model.bin']! }, KEY)).outcome).toBe(
      'matches',
    );
    const other = await examine('release.minisig', LEGACY, { 'renamed.bin': bytes('x') }, KEY);
    expect(telling(other)).toBe('signature ATTEST_NO_SIGNED_FILE');
  });
});

describe('a signature over a checksum list', () => {
  const LIST = { SHA256SUMS: fixture('SHA256SUMS') };
  const ALL = { ...MODEL, 'config.json': fixture('config.json'), ...LIST };
  const signature = fixture('SHA256SUMS.minisig');

  it('covers the files the list names', async () => {
    const found = await examine('SHA256SUMS.minisig', signature, ALL, KEY);
    expect(found.outcome).toBe('matches');
    expect(found.files.map(({ path, state }) => `${path} ${state}`)).toEqual([
      'SHA256SUMS same',
      'model.bin same',
      'config.json same',
    ]);
  });

  it('in a folder of its own covers the files beside it', async () => {
    const moved = Object.fromEntries(Object.entries(ALL).map(([path, content]) => [`v1/${path}`, content]));
    const found = await examine('v1/SHA256SUMS.minisig', signature, moved, KEY);
    expect(found.outcome).toBe('matches');
    expect(found.files.map(({ path }) => path)).toEqual(['SHA256SUMS', 'model.bin', 'config.json']);
  });

  it('names a file that changed', async () => {
    const found = await examine('SHA256SUMS.minisig', signature, { ...ALL, ...CHANGED }, KEY);
    expect(telling(found)).toBe('files ATTEST_FILES');
    expect(found.files.find(({ path }) => path === 'model.bin')).toMatchObject({
      state: 'changed',
      algorithm: 'sha256',
    });
    expect(found.signer?.name).toBe('minisign.pub');
  });

  it('is content with a part of the listed files, and open when there is none of them', async () => {
    const part = await examine('SHA256SUMS.minisig', signature, { ...MODEL, ...LIST }, KEY);
    expect(part.outcome).toBe('matches');
    expect(part.files.at(-1)).toMatchObject({ path: 'config.json', state: 'missing' });
    expect(telling(await examine('SHA256SUMS.minisig', signature, LIST, KEY))).toBe('files ATTEST_NO_FILE');
  });

  it('says nothing about files when the list was changed', async () => {
    const forged = { ...ALL, SHA256SUMS: bytes(text(fixture('SHA256SUMS')).replace('1f', '2f')) };
    const found = await examine('SHA256SUMS.minisig', signature, forged, KEY);
    expect(telling(found)).toBe('signature ATTEST_SIGNATURE');
    expect(found.files.every(({ state }) => state === 'not-checked')).toBe(true);
  });
});
