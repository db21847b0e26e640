import { describe, expect, it } from 'vitest';
import { expectationsOf } from './expected.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('what a person gives to check signatures with', () => {
  it('is sorted by what it is', () => {
    const { keys, roots, trustedRoots, policies } = expectationsOf({
      identity: '',
      issuer: '',
      given: [
        { name: 'a.pub', bytes: bytes('-----BEGIN PUBLIC KEY-----\n') },
        { name: 'b.pem', bytes: bytes('-----BEGIN CERTIFICATE-----\n') },
        { name: 'c.json', bytes: bytes('{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}') },
        { name: 'd.json', bytes: bytes('{"source":"github.com/o/r"}') },
        { name: 'e.der', bytes: new Uint8Array([0x30, 0x82]) },
        { name: 'minisign.pub', bytes: bytes('untrusted comment: x') },
      ],
    });
    const names = (list: readonly { readonly origin: { readonly name: string } }[]) =>
      list.map(({ origin }) => origin.name);
    expect([names(keys), names(roots), names(trustedRoots), names(policies)]).toEqual([
      ['a.pub', 'minisign.pub'],
      ['b.pem', 'e.der'],
      ['c.json'],
      ['d.json'],
    ]);
  });
  it('expects nobody when no name was entered', () => {
    expect(expectationsOf({ identity: '', issuer: 'https://x', given: [] }).signers).toEqual([]);
    expect(expectationsOf({ identity: 'a@b', issuer: '', given: [] }).signers).toEqual([{ identity: 'a@b' }]);
  });
});
