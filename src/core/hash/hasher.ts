/** Cryptographic digests, the same interface over WASM (browser) and OpenSSL (Node). */
export const ALGORITHMS = [
  'sha256',
  'sha1',
  'sha224',
  'sha384',
  'sha512',
  'md5',
  'blake2b',
  'blake2s',
  'blake3',
  'xxh64',
  'git-blob-sha1',
] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

/** Bytes of one digest, by algorithm. BLAKE2b is the 512-bit form, BLAKE2s and BLAKE3 the 256-bit forms. */
export const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = {
  sha256: 32,
  sha1: 20,
  sha224: 28,
  sha384: 48,
  sha512: 64,
  md5: 16,
  blake2b: 64,
  blake2s: 32,
  blake3: 32,
  xxh64: 8,
  'git-blob-sha1': 20,
};

/** A stream of bytes going into one digest. `update` may be called any number of times, `digest` once. */
export interface StreamHasher {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. */
  digest(): string;
}

/** Where hashers come from. The browser's is `wasm.ts`, Node's is in `src/cli/`. */
export interface HashProvider {
  /** `size`: total bytes that will be hashed, needed up front by git blob ids. */
  create(algorithm: Algorithm, size: number): Promise<StreamHasher>;
  /** One-shot SHA-256, native, off this thread where the platform can. `bytes` must not be written to meanwhile. */
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
}
