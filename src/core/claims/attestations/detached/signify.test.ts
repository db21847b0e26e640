import { describe, expect, it } from 'vitest';
import { attestationKind } from '../registry.ts';
import { bytes, CHANGED, examine, fixture, given, MODEL, telling, text } from './fixtures.suite.ts';

const SIGNATURE = fixture('model.bin.signify.sig');
const LIST = fixture('SHA256.sig');
const KEY = given('signify.pub');
const ALL = { ...MODEL, 'config.json': fixture('config.json') };
const linesOf = (file: Uint8Array): string[] => text(file).split('\n');

describe('a signify signature', () => {
  it('holds over its file with the given key and over no other bytes', async () => {
    const found = await examine('model.bin.sig', SIGNATURE, MODEL, KEY);
    expect(found).toMatchObject({ kind: 'signify', outcome: 'matches', signer: { name: 'signify.pub' } });
    expect(found.files).toEqual([{ path: 'model.bin', state: 'same' }]);
    expect(telling(await examine('model.bin.sig', SIGNATURE, CHANGED, KEY))).toBe('signature ATTEST_SIGNATURE');
  });

  it('by another key says so by its number', async () => {
    expect(telling(await examine('model.bin.sig', SIGNATURE, MODEL, given('signify-other.pub')))).toBe(
      'material ATTEST_OTHER_KEY',
    );
  });

  it('may have line ends of Windows and may lack the last one', async () => {
    for (const changed of [text(SIGNATURE).replaceAll('\n', '\r\n'), text(SIGNATURE).trimEnd()]) {
      expect((await examine('model.bin.sig', bytes(changed), MODEL, KEY)).outcome).toBe('matches');
    }
  });

  it.each([
    ['cut short', SIGNATURE.subarray(0, -20)],
    ['with bytes after its signature', bytes(text(SIGNATURE).trimEnd() + 'AAAA\n')],
    ['of an unknown algorithm', bytes(text(SIGNATURE).replace('\nRWQ', '\nRUQ'))],
  ])('%s is refused by its form', async (_, signature) => {
    expect(telling(await examine('model.bin.sig', signature, MODEL, KEY))).toBe('bundle ATTEST_BUNDLE');
  });

  it('with anything after it is over that text and no longer over the file beside it', async () => {
    const longer = bytes(`${text(SIGNATURE)}\n`);
    expect(telling(await examine('model.bin.sig', longer, MODEL, KEY))).toBe('signature ATTEST_SIGNATURE');
  });

  it('is told apart from minisign by its third line', () => {
    expect(attestationKind('a.sig', fixture('model.bin.minisig'))?.id).toBe('minisign');
    expect(attestationKind('a.sig', SIGNATURE)?.id).toBe('signify');
  });
});

describe('a signify signature with its text', () => {
  it('that is a list covers the files it names', async () => {
    const found = await examine('SHA256.sig', LIST, ALL, KEY);
    expect(found.outcome).toBe('matches');
    expect(found.files.map(({ path, state }) => `${path} ${state}`)).toEqual(['model.bin same', 'config.json same']);
  });

  it('names a changed file, and says nothing of files when a line of it was changed', async () => {
    expect(telling(await examine('SHA256.sig', LIST, { ...ALL, ...CHANGED }, KEY))).toBe('files ATTEST_FILES');
    for (const forged of [
      text(LIST).replace('1f2f', '0f2f'),
      text(LIST).replace('\nSHA256 (config', '\r\nSHA256 (config'),
    ]) {
      const found = await examine('SHA256.sig', bytes(forged), ALL, KEY);
      expect(telling(found)).toBe('signature ATTEST_SIGNATURE');
      expect(found.files).toEqual([]);
    }
  });

  it('that is no list is what the file beside it must be', async () => {
    // The text of a list, signed, but named after a file: lines that are no digests are compared as a whole.
    const message = bytes(linesOf(LIST).slice(2).join('\n'));
    const asText = await examine('SHA256.sig', LIST, { SHA256: message, ...ALL }, KEY);
    expect(asText.outcome).toBe('matches');
  });

  it('asks for the digests its list states, so that they are made in the one read', () => {
    const kind = attestationKind(
      'SHA512.sig',
      bytes(
        text(LIST)
          .replaceAll('SHA256 (', 'SHA512 (')
          .replaceAll(/= (\w{64})/g, '= $1$1'),
      ),
    );
    expect(
      kind?.wants?.(
        bytes(
          text(LIST)
            .replaceAll('SHA256 (', 'SHA512 (')
            .replaceAll(/= (\w{64})/g, '= $1$1'),
        ),
      ),
    ).toEqual(['sha512']);
    expect(kind?.wants?.(LIST)).toEqual([]);
  });
});
