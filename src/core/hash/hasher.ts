/** Cryptographic digests, the same interface over WASM (browser) and OpenSSL (Node). */
export const ALGORITHMS = [
  'sha256',
  'sha1',
  'sha224',
  'sha384',
  'sha512',
  'sha3-224',
  'sha3-256',
  'sha3-384',
  'sha3-512',
  'md5',
  'blake2b',
  'blake2b-256',
  'blake2b-384',
  'blake2s',
  'blake3',
  'xxh64',
  'xxh3',
  'git-blob-sha1',
] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

/** Bytes of one digest, by algorithm. BLAKE2b is the 512-bit form, BLAKE2s and BLAKE3 the 256-bit forms, XXH3 the 64-bit form. */
export const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = {
  sha256: 32,
  sha1: 20,
  sha224: 28,
  sha384: 48,
  sha512: 64,
  'sha3-224': 28,
  'sha3-256': 32,
  'sha3-384': 48,
  'sha3-512': 64,
  md5: 16,
  blake2b: 64,
  'blake2b-256': 32,
  'blake2b-384': 48,
  blake2s: 32,
  blake3: 32,
  xxh64: 8,
  xxh3: 8,
  'git-blob-sha1': 20,
};

/** A stream of bytes going into one digest. `update` may be called any number of times, `digest` once per stream. */
export interface StreamHasher {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. */
  digest(): string;
  /** Starts over for a stream of `size` bytes: a hundred thousand tensors need one hasher, not one each. */
  reset(size: number): void;
}

/** Synchronous one-shot SHA-256, 32 bytes, for inputs too short to be worth a task on another thread. */
export type ShortSha256 = (bytes: Uint8Array) => Uint8Array;

/** Where hashers come from. The browser's is `wasm.ts`, Node's is in `src/cli/`. */
export interface HashProvider {
  /** `size`: total bytes that will be hashed, needed up front by git blob ids. */
  create(algorithm: Algorithm, size: number): Promise<StreamHasher>;
  /** One-shot SHA-256, native, off this thread where the platform can. `bytes` must not be written to meanwhile. */
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  short(): Promise<ShortSha256>;
  /** Up to this many bytes `short` costs the calling thread less than handing the bytes to `sha256`. */
  readonly shortMax: number;
  /** Whole files up to this many bytes go to `sha256` in one piece because streaming them is slower. */
  readonly oneShotMax: number;
  /** Memory that `sha256` reads without a copy, where ordinary memory would need one. */
  allocate?(length: number): Uint8Array;
}
