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
        { name: 'id_ed25519.pub', bytes: bytes('ssh-ed25519 AAAA me@here') },
        { name: 'allowed_signers', bytes: bytes('a@b.c namespaces="file" ssh-ed25519 AAAA') },
        { name: 'bare', bytes: bytes('RWQKiQwb1OrFL03WHMmqYMCF6X50SogF1S4ZtKO8Gdh1G7jGZIQI2jKp\n') },
      ],
    });
    const names = (list: readonly { readonly origin: { readonly name: string } }[]) =>
      list.map(({ origin }) => origin.name);
    expect([names(keys), names(roots), names(trustedRoots), names(policies)]).toEqual([
      ['a.pub', 'minisign.pub', 'id_ed25519.pub', 'allowed_signers', 'bare'],
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
