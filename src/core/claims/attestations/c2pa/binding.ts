/** Whether a manifest is bound to the very file it comes with: `c2pa.hash.data` (C2PA 2.4 section 18.5, 15.12.1). */
import { toHex } from '../../../bytes/hex.ts';
import { AppError, throwIfAborted } from '../../../errors.ts';
import type { Span } from '../../../formats/protobuf.ts';
import type { CoveredFile } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import { bytesOf, strictCborMap, textOf } from './cbor.ts';
import { HASH_BYTES, hashNamed, type Claim, type ClaimHash } from './claim.ts';
import { onlyCbor, type C2paManifest } from './store.ts';

const DATA_HASH = 'c2pa.hash.data';
/** Ties to content in any form: boxes of a film, pictures of a collection. */
const HARD_BINDING = /^c2pa\.hash\./;
/** Files beside a manifest that its name could mean. */
const CANDIDATES_MAX = 8;

interface DataHash {
  readonly hash: ClaimHash;
  /** Lower-case hex. */
  readonly digest: string;
  readonly exclusions: readonly Span[];
}

/**
 * @param place of the manifest's text within the file; null: the manifest lies beside it
 * @throws AppError ATTEST_BINDING, ATTEST_CBOR, ATTEST_BUNDLE, ATTEST_NO_BINDING, ATTEST_NO_BYTES, SOURCE_*
 */
export async function checkBinding(
  manifest: C2paManifest,
  claim: Claim,
  place: Span | null,
  input: AttestationInput,
): Promise<CoveredFile> {
  const stated = await statedHash(manifest, claim);
  const base = input.path.includes('/') ? input.path.slice(0, input.path.lastIndexOf('/') + 1) : '';
  const name = input.path.slice(base.length);
  if (place === null) return besides(stated, name, base, input);
  const [only, ...others] = stated.exclusions;
  if (only === undefined || others.length > 0 || only.start !== place.start || only.end !== place.end)
    throw new AppError('ATTEST_BINDING', { why: 'its digest leaves out other bytes than the manifest itself' });
  const actual = await digestWithout(input, only, stated.hash);
  return { path: name, state: actual === stated.digest ? 'same' : 'changed' };
}

async function statedHash({ assertions, update }: C2paManifest, claim: Claim): Promise<DataHash> {
  const bindings = claim.assertions.filter(({ label }) => HARD_BINDING.test(label));
  const [binding, ...others] = bindings;
  if (binding === undefined && update)
    throw new AppError('ATTEST_NO_BINDING', { why: 'it only adds to an earlier one' });
  if (binding === undefined) throw new AppError('ATTEST_BINDING', { why: 'it is bound to no file' });
  if (others.length > 0) throw new AppError('ATTEST_BINDING', { why: 'it is bound to a file in two ways' });
  if (binding.label !== DATA_HASH) throw new AppError('ATTEST_NO_BINDING', { why: binding.label });
  if (!binding.created) throw new AppError('ATTEST_BINDING', { why: 'its signer does not vouch for the digest' });
  const map = await strictCborMap(onlyCbor(assertions.get(binding.label)!));
  const hash = hashNamed(textOf(map, 'alg')) ?? claim.hash;
  const digest = bytesOf(map, 'hash');
  if (hash === undefined || digest?.length !== HASH_BYTES[hash])
    throw new AppError('ATTEST_BINDING', { why: 'its digest is none' });
  const exclusions = map.get('exclusions') ?? [];
  if (!Array.isArray(exclusions)) throw new AppError('ATTEST_BINDING', { why: 'what it leaves out is no list' });
  return { hash, digest: toHex(digest), exclusions: (exclusions as readonly unknown[]).map(exclusion) };
}

function exclusion(value: unknown): Span {
  const read = (key: string): number => {
    const found: unknown = value instanceof Map ? (value as ReadonlyMap<unknown, unknown>).get(key) : undefined;
    if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 0)
      throw new AppError('ATTEST_BINDING', { why: 'what it leaves out is no range of bytes' });
    return found;
  };
  const start = read('start');
  return { start, end: start + read('length') };
}

/** Of everything but the bytes of `gap`, in one pass. */
async function digestWithout(
  { path, folder, hashes, signal }: AttestationInput,
  gap: Span,
  hash: ClaimHash,
): Promise<string> {
  const size = folder.files.find((file) => file.path === path)!.size;
  const hasher = await hashes.create(hash, size - (gap.end - gap.start));
  let at = 0;
  for await (const chunk of folder.stream(path)) {
    throwIfAborted(signal);
    const from = clamp(gap.start - at, chunk.length);
    const to = clamp(gap.end - at, chunk.length);
    if (from > 0) hasher.update(chunk.subarray(0, from));
    if (to < chunk.length) hasher.update(chunk.subarray(to));
    at += chunk.length;
  }
  return hasher.digest();
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}

/** A manifest in a file of its own belongs to the file with the same name but for the ending (section 11.4). */
async function besides(
  { hash, digest, exclusions }: DataHash,
  name: string,
  base: string,
  { path: own, folder }: AttestationInput,
): Promise<CoveredFile> {
  const stem = name.replace(/\.[^.]*$/, '');
  const near = folder.files
    .map(({ path }) => path)
    .filter((path) => path !== own && path.startsWith(base) && !path.slice(base.length).includes('/'))
    .map((path) => path.slice(base.length));
  const exact = near.filter((path) => path === stem);
  const meant = exact.length > 0 ? exact : near.filter((path) => path.replace(/\.[^.]*$/, '') === stem);
  if (meant.length === 0) throw new AppError('ATTEST_NO_BINDING', { why: 'the file it belongs to is not here' });
  // Bytes that nobody compares could hold anything, and only a reader of that kind of file knows what they are.
  if (exclusions.length > 0) throw new AppError('ATTEST_NO_BINDING', { why: 'its digest leaves out parts of a file' });
  for (const path of meant.slice(0, CANDIDATES_MAX)) {
    const actual = await folder.digest(base + path, hash);
    if (actual === digest) return { path, state: 'same', algorithm: hash, expected: digest, actual };
    if (meant.length === 1) return { path, state: 'changed', algorithm: hash, expected: digest, actual };
  }
  throw new AppError('ATTEST_NO_BINDING', { why: 'several files have its name, and it is bound to none of them' });
}
