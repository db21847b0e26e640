/** The files of a model against the signed list. */
import { fromHex } from '../../../bytes/hex.ts';
import { sha256Hex } from '../../../crypto/digest.ts';
import { AppError } from '../../../errors.ts';
import type { CoveredFile } from '../attestation.ts';
import { compareCodePoints } from '../code-points.ts';
import { joined } from '../dsse.ts';
import type { AttestedFolder } from '../kind.ts';
import type { OmsStatement, Resource } from './statement.ts';

/** Left out by every signer (reference: model_signing.hashing), at the top of the model only, with all below. */
export const DEFAULT_IGNORED = ['.git', '.gitignore', '.gitattributes', '.github'];

export interface ModelFiles {
  readonly folder: AttestedFolder;
  /** The model's own folder within it, with a final `/`; empty: all of it. */
  readonly base: string;
  /** Paths within the model that the person leaves out. */
  readonly ignore: readonly string[];
}

/** SHA-256 over the raw digests in the order they were signed: sorting again would break real signatures. */
export async function rootDigest(resources: readonly Resource[]): Promise<string> {
  const bytes = joined(resources.map(({ digest }) => fromHex(digest)));
  return sha256Hex(bytes);
}

/**
 * A shard that reaches past the end of its file, whose digest is nevertheless that of the bytes there are: the list
 * itself is wrong. (With another digest the file was cut short, which is about the file.)
 *
 * @throws AppError ATTEST_SHARDS, SOURCE_*
 */
export async function refuseOverlongShards({ resources, algorithm }: OmsStatement, model: ModelFiles): Promise<void> {
  const sizes = sizesOf(model);
  for (const { path, range, digest } of resources) {
    const size = sizes.get(path);
    if (range === undefined || size === undefined || range[1] <= size || range[0] >= size) continue;
    const actual = await model.folder.digest(model.base + path, algorithm, [range[0], size]);
    if (actual === digest) throw new AppError('ATTEST_SHARDS', { path });
  }
}

/** @throws AppError SOURCE_* */
export async function compareFiles(statement: OmsStatement, model: ModelFiles): Promise<readonly CoveredFile[]> {
  const sizes = sizesOf(model);
  const only = sizes.size === 1 ? [...sizes.keys()][0]! : null;
  const named = new Set<string>();
  const rows: CoveredFile[] = [];
  const ends = new Map<string, number>();
  for (const resource of statement.resources) {
    const path = resource.path === '.' && only !== null ? only : resource.path;
    named.add(path);
    if (resource.range !== undefined) ends.set(path, Math.max(ends.get(path) ?? 0, resource.range[1]));
    rows.push(await compareOne({ ...resource, path }, statement, model, sizes.get(path)));
  }
  for (const [path, end] of ends) {
    // Bytes after the last signed one are nobody's.
    if ((sizes.get(path) ?? end) > end) rows.push({ path, state: 'changed', range: [end, sizes.get(path)!] });
  }
  const words = [
    ['person', model.ignore],
    ['everybody', DEFAULT_IGNORED],
    ['signer', statement.ignore],
  ] as const;
  for (const path of sizes.keys()) {
    if (named.has(path)) continue;
    // An empty file has no shard.
    if (statement.method === 'shards' && sizes.get(path) === 0) continue;
    const within = (one: string): boolean => path === one || path.startsWith(`${one.replace(/\/$/, '')}/`);
    const by = words.find(([, paths]) => paths.some(within));
    rows.push(by === undefined ? { path, state: 'extra' } : { path, state: 'ignored', ignoredBy: by[0] });
  }
  return rows;
}

async function compareOne(
  { path, range, digest }: Resource,
  { algorithm }: OmsStatement,
  { folder, base }: ModelFiles,
  size: number | undefined,
): Promise<CoveredFile> {
  const row = { path, algorithm, expected: digest, ...(range === undefined ? {} : { range }) };
  if (size === undefined) return { ...row, state: 'missing' };
  if (range !== undefined && range[1] > size) return { ...row, state: 'changed' };
  const actual = await folder.digest(base + path, algorithm, range);
  return { ...row, state: actual === digest ? 'same' : 'changed', actual };
}

function sizesOf({ folder, base }: ModelFiles): ReadonlyMap<string, number> {
  const inside = folder.files.filter(({ path }) => path.startsWith(base));
  return new Map(inside.map(({ path, size }) => [path.slice(base.length), size]));
}

/** True when the list is neither in the order of the specification nor in that of the reference implementation. */
export function oddOrder(resources: readonly Resource[]): boolean {
  const paths = resources.map(({ path }) => path);
  const sorted = (less: (a: string, b: string) => number): boolean =>
    paths.every((path, i) => i === 0 || less(paths[i - 1]!, path) <= 0);
  return !sorted(compareCodePoints) && !sorted(byComponents);
}

function byComponents(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareCodePoints(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
