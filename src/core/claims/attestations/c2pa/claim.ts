/** A C2PA claim, the text that is signed (C2PA 2.4 section 10.2 and 15.6; version 1 as in 1.4). */
import { toHex } from '../../../bytes/hex.ts';
import { AppError } from '../../../errors.ts';
import { strictCborMap, textOf, bytesOf, type CborMap } from './cbor.ts';
import { ASSERTIONS_LABEL, SIGNATURE_LABEL, type C2paManifest } from './store.ts';

export type ClaimHash = 'sha256' | 'sha384' | 'sha512';

export interface Claim {
  readonly version: 1 | 2;
  /** Name and version of the program that wrote it, by its own word. */
  readonly generator: string;
  readonly instance: string;
  readonly title?: string;
  readonly format?: string;
  /** In the order of the claim. */
  readonly assertions: readonly ClaimedAssertion[];
  /** For digests that name none of their own. */
  readonly hash?: ClaimHash;
}

export interface ClaimedAssertion {
  readonly label: string;
  readonly hash: ClaimHash;
  /** Lower-case hex. */
  readonly digest: string;
  /** False: gathered from elsewhere, and not said by the signer (version 2). */
  readonly created: boolean;
}

export const HASH_BYTES: Readonly<Record<ClaimHash, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/** @throws AppError ATTEST_CBOR, ATTEST_CLAIM {why} */
export async function readClaim(manifest: C2paManifest): Promise<Claim> {
  const map = await strictCborMap(manifest.claim);
  const version = manifest.claimLabel === 'c2pa.claim.v2' ? 2 : 1;
  const hash = hashNamed(textOf(map, 'alg'));
  const instance = textOf(map, 'instanceID');
  if (instance === undefined) throw unusable('it names no instance');
  if (located(textOf(map, 'signature'), manifest.label) !== SIGNATURE_LABEL)
    throw unusable('it names another signature than its own');
  const read = (key: string, created: boolean): readonly ClaimedAssertion[] =>
    listed(map, key).map((one) => claimed(one, manifest.label, hash, created));
  const assertions =
    version === 1
      ? read('assertions', true)
      : [...read('created_assertions', true), ...read('gathered_assertions', false)];
  if (assertions.length === 0) throw unusable('it makes no assertion');
  const labels = new Set(assertions.map(({ label }) => label));
  if (labels.size < assertions.length) throw unusable('it names an assertion twice');
  const title = textOf(map, 'dc:title');
  const format = textOf(map, 'dc:format');
  return {
    version,
    generator: generatorOf(map, version),
    instance,
    assertions,
    ...(title === undefined ? {} : { title }),
    ...(format === undefined ? {} : { format }),
    ...(hash === undefined ? {} : { hash }),
  };
}

function generatorOf(map: CborMap, version: 1 | 2): string {
  const info = map.get('claim_generator_info');
  const first: unknown = Array.isArray(info) ? (info as readonly unknown[])[0] : info;
  const name = textOf(first, 'name');
  const number = textOf(first, 'version');
  const said = version === 1 ? textOf(map, 'claim_generator') : undefined;
  const generator = said ?? (name === undefined ? undefined : number === undefined ? name : `${name} ${number}`);
  if (generator === undefined) throw unusable('it names no program that made it');
  return generator;
}

function listed(map: CborMap, key: string): readonly unknown[] {
  const value = map.get(key);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw unusable(`${key} is no list`);
  return value as readonly unknown[];
}

function claimed(one: unknown, label: string, fallback: ClaimHash | undefined, created: boolean): ClaimedAssertion {
  const path = located(textOf(one, 'url'), label);
  const prefix = `${ASSERTIONS_LABEL}/`;
  if (path === undefined || !path.startsWith(prefix) || path.length === prefix.length)
    throw unusable('an assertion outside this manifest');
  const hash = hashNamed(textOf(one, 'alg')) ?? fallback;
  const digest = bytesOf(one, 'hash');
  if (hash === undefined || digest?.length !== HASH_BYTES[hash]) throw unusable('a digest of an assertion is none');
  return { label: path.slice(prefix.length), hash, digest: toHex(digest), created };
}

/** A `self#jumbf` address within a manifest: relative to it, or through the store (section 8.4.1). */
function located(url: string | undefined, manifest: string): string | undefined {
  const path = url?.startsWith('self#jumbf=') === true ? url.slice('self#jumbf='.length) : undefined;
  if (path === undefined || !path.startsWith('/')) return path;
  const root = `/c2pa/${manifest}/`;
  return path.startsWith(root) ? path.slice(root.length) : undefined;
}

/** @throws AppError ATTEST_CLAIM for a name that is not on C2PA's list (section 13.1) */
export function hashNamed(name: string | undefined): ClaimHash | undefined {
  if (name === undefined) return undefined;
  if (name === 'sha256' || name === 'sha384' || name === 'sha512') return name;
  throw unusable(`it uses ${name.slice(0, 40)} for digests`);
}

function unusable(why: string): AppError {
  return new AppError('ATTEST_CLAIM', { why });
}
