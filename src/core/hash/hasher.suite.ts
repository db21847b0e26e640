import { expect, it } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { ALGORITHMS, DIGEST_BYTES, type Algorithm, type HashProvider } from './hasher.ts';

/**
 * Digests of "abc". Sources: FIPS 180-4 and 202 examples (SHA, SHA-3), RFC 1321 A.5 (MD5), RFC 7693 A and B (BLAKE2; shorter forms: `b2sum -l`), BLAKE3's test
 * vectors are over other inputs, so b3sum; xxHash's xxhsum; `printf abc | git hash-object --stdin`.
 */
const ABC: Readonly<Record<Algorithm, string>> = {
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  sha224: '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7',
  sha384: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  'sha3-224': 'e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf',
  'sha3-256': '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532',
  'sha3-384': 'ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25',
  'sha3-512':
    'b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0',
  md5: '900150983cd24fb0d6963f7d28e17f72',
  blake2b:
    'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
  'blake2b-256': 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319',
  'blake2b-384': '6f56a82c8e7ef526dfe182eb5212f7db9df1317e57815dbda46083fc30f54ee6c66ba83be64b302d7cba6ce15bb556f4',
  blake2s: '508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982',
  blake3: '6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85',
  xxh64: '44bc2cf5ad770999',
  xxh3: '78af5f94892f3950',
  'git-blob-sha1': 'f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f',
};

/** What every source of hashers must do. */
export function hashProviderSuite(make: () => HashProvider): void {
  const abc = new TextEncoder().encode('abc');

  it.each(ALGORITHMS)('%s of "abc" is the published value, in one piece and byte by byte', async (algorithm) => {
    const hasher = await make().create(algorithm, 3);
    hasher.update(abc);
    expect(hasher.digest()).toBe(ABC[algorithm]);
    hasher.reset(3);
    for (const byte of abc) hasher.update(Uint8Array.of(byte));
    hasher.update(new Uint8Array(0));
    const digest = hasher.digest();
    expect(digest).toBe(ABC[algorithm]);
    expect(digest).toHaveLength(2 * DIGEST_BYTES[algorithm]);
  });

  it('keeps streams apart that run at the same time', async () => {
    const hashes = make();
    const a = await hashes.create('sha256', 3);
    const b = await hashes.create('sha256', 3);
    a.update(abc.subarray(0, 1));
    b.update(abc);
    a.update(abc.subarray(1));
    expect([a.digest(), b.digest()]).toEqual([ABC.sha256, ABC.sha256]);
  });

  it('has the same one-shot SHA-256 on this thread and elsewhere, also over part of a buffer', async () => {
    const hashes = make();
    const padded = new Uint8Array(64 * 1024);
    padded.set(abc, 1000);
    const view = padded.subarray(1000, 1003);
    const short = await hashes.short();
    expect(toHex(await hashes.sha256(view))).toBe(ABC.sha256);
    const first = short(view);
    short(padded);
    expect(toHex(first)).toBe(ABC.sha256);
    expect(toHex(short(padded))).toBe(toHex(await hashes.sha256(padded)));
  });
}
