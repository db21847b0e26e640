/** node:crypto behind the core's hasher interface: OpenSSL is four times as fast as WASM at SHA-256. */
import { createHash, getHashes, hash as oneShot, type Hash } from 'node:crypto';
import { gitBlobHeader } from '../core/hash/git-blob.ts';
import type { Algorithm, HashProvider, StreamHasher } from '../core/hash/hasher.ts';
import { createWasmHasher } from '../core/hash/wasm.ts';

/** OpenSSL's names. What is not here (or not in this build of OpenSSL, as MD5 under FIPS) comes from WASM. */
const OPENSSL: Partial<Record<Algorithm, string>> = {
  sha256: 'sha256',
  sha1: 'sha1',
  sha224: 'sha224',
  sha384: 'sha384',
  sha512: 'sha512',
  'sha3-224': 'sha3-224',
  'sha3-256': 'sha3-256',
  'sha3-384': 'sha3-384',
  'sha3-512': 'sha3-512',
  md5: 'md5',
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
  'git-blob-sha1': 'sha1',
};

/** Native SHA-256 in place. */
export function sha256Here(bytes: Uint8Array): Uint8Array {
  return oneShot('sha256', bytes, 'buffer');
}

/** Where leaf digests are made: on another thread when one was lent, else in place. */
export interface LeafHasher {
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  readonly shortMax: number;
  allocate?(length: number): Uint8Array;
}

export function nodeHashes(leaves?: LeafHasher): HashProvider {
  const available = new Set(getHashes());
  return {
    async create(algorithm, size) {
      const name = OPENSSL[algorithm];
      if (name === undefined || !available.has(name)) return createWasmHasher(algorithm, size);
      return opensslHasher(name, algorithm === 'git-blob-sha1', size);
    },
    sha256: leaves === undefined ? async (bytes) => sha256Here(bytes) : (bytes) => leaves.sha256(bytes),
    short: async () => sha256Here,
    // OpenSSL streams as fast as it hashes one piece, and starts while the file is still being read.
    oneShotMax: 0,
    shortMax: leaves?.shortMax ?? Infinity,
    ...(leaves?.allocate === undefined ? {} : { allocate: (length: number) => leaves.allocate!(length) }),
  };
}

function opensslHasher(name: string, gitBlob: boolean, size: number): StreamHasher {
  const start = (streamSize: number): Hash => {
    const hash = createHash(name);
    return gitBlob ? hash.update(gitBlobHeader(streamSize)) : hash;
  };
  let hash = start(size);
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => hash.digest('hex'),
    reset(streamSize) {
      hash = start(streamSize);
    },
  };
}
