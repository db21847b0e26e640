/** The files of a model against a plain manifest. */
import type { CoveredFile } from '../attestation.ts';
import { compareFiles, DEFAULT_IGNORED, type ModelFiles } from '../oms/files.ts';
import type { StatedFile } from './record.ts';

/** Files whose digests are computed to find the one that a manifest without a list speaks of. */
const CANDIDATES_MAX = 1_000;

/** @throws AppError SOURCE_*, ATTEST_NO_BYTES */
export async function compareListed(listed: readonly StatedFile[], model: ModelFiles): Promise<readonly CoveredFile[]> {
  const statement = {
    name: '',
    root: '',
    algorithm: 'sha256',
    method: 'files',
    allowSymlinks: false,
    ignore: [],
    resources: listed,
  } as const;
  const sizes = new Map(model.folder.files.map(({ path, size }) => [path, size]));
  const stated = new Map(listed.map(({ path, size }) => [path, size]));
  return (await compareFiles(statement, model)).map((row) => {
    const size = stated.get(row.path);
    // The right digest beside a wrong size: one of both is not the file's.
    const other = row.state === 'same' && size !== undefined && size !== sizes.get(model.base + row.path);
    return other ? { ...row, state: 'changed' } : row;
  });
}

/**
 * The one file that a manifest with a single digest speaks of: the one it names, else the one that has the digest, else
 * the only one there is. Null when several could be meant and none has it.
 *
 * @throws AppError SOURCE_*, ATTEST_NO_BYTES
 */
export async function compareSingle(
  expected: string,
  name: string | undefined,
  { folder, base, ignore }: ModelFiles,
): Promise<CoveredFile | null> {
  const ignored = [...DEFAULT_IGNORED, ...ignore];
  const inside = folder.files
    .filter(({ path }) => path.startsWith(base))
    .map(({ path }) => path.slice(base.length))
    .filter((path) => !ignored.some((one) => path === one || path.startsWith(`${one}/`)));
  const named = inside.filter((path) => path === name?.replace(/^\.\//, ''));
  const candidates = (named.length > 0 ? named : inside).slice(0, CANDIDATES_MAX);
  const rows: CoveredFile[] = [];
  for (const path of candidates) {
    const actual = await folder.digest(base + path, 'sha256');
    const row = { path, algorithm: 'sha256', expected, actual };
    if (actual === expected) return { ...row, state: 'same' };
    rows.push({ ...row, state: 'changed' });
  }
  return rows.length === 1 ? rows[0]! : null;
}
