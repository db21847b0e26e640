/** hash-wasm's constructors by our names. A file of its own, so that the WASM is fetched when something is hashed. */
import {
  createBLAKE2b,
  createBLAKE2s,
  createBLAKE3,
  createMD5,
  createSHA1,
  createSHA224,
  createSHA256,
  createSHA3,
  createSHA384,
  createSHA512,
  createXXHash3,
  createXXHash64,
  type IHasher,
} from 'hash-wasm';
import type { Algorithm } from './hasher.ts';

/**
 * Each call instantiates a module with memory of its own. hash-wasm's one-call helpers (`sha256(data)`) are never used:
 * they share one instance behind a lock.
 */
export const WASM_HASHERS: Readonly<Record<Algorithm, () => Promise<IHasher>>> = {
  sha256: () => createSHA256(),
  sha1: () => createSHA1(),
  sha224: () => createSHA224(),
  sha384: () => createSHA384(),
  sha512: () => createSHA512(),
  'sha3-224': () => createSHA3(224),
  'sha3-256': () => createSHA3(256),
  'sha3-384': () => createSHA3(384),
  'sha3-512': () => createSHA3(512),
  md5: () => createMD5(),
  blake2b: () => createBLAKE2b(512),
  'blake2b-256': () => createBLAKE2b(256),
  'blake2b-384': () => createBLAKE2b(384),
  blake2s: () => createBLAKE2s(256),
  blake3: () => createBLAKE3(256),
  xxh64: () => createXXHash64(0, 0),
  xxh3: () => createXXHash3(0, 0),
  'git-blob-sha1': () => createSHA1(),
};
