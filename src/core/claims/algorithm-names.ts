/** How digest algorithms are spelled by the tools that write checksum lists, and what a bare digest's length allows. */
import { DIGEST_BYTES, type Algorithm } from '../hash/hasher.ts';

/**
 * Spellings without case and without `-`, `_`, `/` and spaces. Sources: coreutils `cksum -a`, `openssl dgst`, BSD
 * `md5(1)`, b3sum, W3C Subresource Integrity, the OCI image specification, CycloneDX, SPDX.
 */
const SPELLINGS: ReadonlyMap<string, Algorithm> = new Map([
  ['sha256', 'sha256'],
  ['sha2256', 'sha256'],
  ['sha1', 'sha1'],
  ['sha224', 'sha224'],
  ['sha2224', 'sha224'],
  ['sha384', 'sha384'],
  ['sha2384', 'sha384'],
  ['sha512', 'sha512'],
  ['sha2512', 'sha512'],
  ['sha3224', 'sha3-224'],
  ['sha3256', 'sha3-256'],
  ['sha3384', 'sha3-384'],
  ['sha3512', 'sha3-512'],
  ['md5', 'md5'],
  ['blake2', 'blake2b'],
  ['blake2b', 'blake2b'],
  ['blake2b512', 'blake2b'],
  ['blake2b256', 'blake2b-256'],
  ['blake2b384', 'blake2b-384'],
  ['b2', 'blake2b'],
  ['blake2s', 'blake2s'],
  ['blake2s256', 'blake2s'],
  ['blake3', 'blake3'],
  ['b3', 'blake3'],
  ['xxh64', 'xxh64'],
  ['xxhash64', 'xxh64'],
  ['xxh3', 'xxh3'],
  ['gitblobsha1', 'git-blob-sha1'],
]);

/** The algorithm a label names, or null when it is none of ours. */
export function algorithmNamed(label: string): Algorithm | null {
  return SPELLINGS.get(label.toLowerCase().replace(/[-_/ ]/g, '')) ?? null;
}

/** What algorithms are called in sentences. */
export const ALGORITHM_TITLES: Readonly<Record<Algorithm, string>> = {
  sha256: 'SHA-256',
  sha1: 'SHA-1',
  sha224: 'SHA-224',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
  'sha3-224': 'SHA3-224',
  'sha3-256': 'SHA3-256',
  'sha3-384': 'SHA3-384',
  'sha3-512': 'SHA3-512',
  md5: 'MD5',
  blake2b: 'BLAKE2b',
  'blake2b-256': 'BLAKE2b-256',
  'blake2b-384': 'BLAKE2b-384',
  blake2s: 'BLAKE2s',
  blake3: 'BLAKE3',
  xxh64: 'XXH64',
  xxh3: 'XXH3',
  'git-blob-sha1': 'git blob id',
};

/** Digests that find damage but not intent: collisions can be made (MD5, SHA-1) or the digest is not cryptographic. */
export const WEAK_ALGORITHMS: ReadonlySet<string> = new Set<Algorithm>([
  'md5',
  'sha1',
  'xxh64',
  'xxh3',
  'git-blob-sha1',
]);

/** Algorithms by length of a bare digest in hex digits, the usual one first. */
const BY_LENGTH: ReadonlyMap<number, readonly Algorithm[]> = new Map<number, readonly Algorithm[]>([
  [16, ['xxh64', 'xxh3']],
  [32, ['md5']],
  [40, ['sha1', 'git-blob-sha1']],
  [56, ['sha224']],
  [64, ['sha256', 'blake3', 'blake2s']],
  [96, ['sha384']],
  [128, ['sha512', 'blake2b']],
]);

/** Algorithms that a list's own name points to: `SHA256SUMS`, `B3SUMS`, `model.safetensors.b2sum`. */
const IN_NAMES: readonly (readonly [RegExp, Algorithm])[] = [
  [/sha-?256|shasums256/i, 'sha256'],
  [/sha-?512|shasums512/i, 'sha512'],
  [/sha-?384/i, 'sha384'],
  [/sha-?224/i, 'sha224'],
  [/sha-?1(?!\d)/i, 'sha1'],
  [/md5/i, 'md5'],
  [/blake2s|b2s(?![a-z])/i, 'blake2s'],
  [/blake2|(?:^|[^a-z0-9])b2(?:sum|\b)/i, 'blake2b'],
  [/blake3|(?:^|[^a-z0-9])b3(?:sum|\b)/i, 'blake3'],
  [/xxh(?:ash)?64/i, 'xxh64'],
  [/xxh3/i, 'xxh3'],
];

/**
 * The algorithm of a digest that comes without a label.
 *
 * @param digits number of hex digits
 * @param listName name of the list it stands in, which often says (`B3SUMS`)
 * @returns `assumed` when several algorithms have this length and the name does not decide; null when none has it, or
 * only one too weak to be taken on length alone (16 digits)
 */
export function algorithmOfLength(
  digits: number,
  listName: string,
): { readonly algorithm: Algorithm; readonly assumed: boolean } | null {
  const possible = BY_LENGTH.get(digits);
  if (possible === undefined) return null;
  const hinted = IN_NAMES.find(([pattern, algorithm]) => possible.includes(algorithm) && pattern.test(listName));
  if (hinted !== undefined) return { algorithm: hinted[1], assumed: false };
  if (digits === 16) return null;
  return { algorithm: possible[0]!, assumed: possible.length > 1 };
}

/** Other algorithms whose digests look the same, for the words of an assumption that did not hold. */
export function sameLength(algorithm: string): readonly Algorithm[] {
  for (const possible of BY_LENGTH.values()) {
    if (possible.some((a) => a === algorithm)) return possible.filter((a) => a !== algorithm);
  }
  return [];
}

/** True when `digest` is lower-case hex of this algorithm's length. */
export function isDigestOf(algorithm: Algorithm, digest: string): boolean {
  return digest.length === DIGEST_BYTES[algorithm] * 2 && /^[0-9a-f]+$/.test(digest);
}
