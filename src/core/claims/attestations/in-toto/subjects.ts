/** Which of the files at hand a statement is about. */
import type { Algorithm } from '../../../hash/hasher.ts';
import { IN_TOTO_FILES_MAX } from '../../../limits.ts';
import type { CoveredFile } from '../attestation.ts';
import type { AttestedFolder } from '../kind.ts';
import type { Statement } from './statement.ts';

/**
 * Rows for the subjects: `same` with the file that has the digest, whatever its name; `changed` where only the name fits;
 * `missing` otherwise.
 *
 * @param candidates paths that may be meant, the likeliest first
 * @throws AppError SOURCE_*
 */
export async function matchSubjects(
  { subjects }: Statement,
  folder: AttestedFolder,
  candidates: readonly string[],
): Promise<readonly CoveredFile[]> {
  const known = new Map<string, string>();
  const digestOf = async (path: string, algorithm: Algorithm): Promise<string> => {
    const key = `${algorithm}:${path}`;
    const digest = known.get(key) ?? (await folder.digest(path, algorithm));
    known.set(key, digest);
    return digest;
  };
  const rows: CoveredFile[] = [];
  for (const { name, digests } of subjects) {
    const [algorithm, expected] = (Object.entries(digests) as [Algorithm, string][])[0] ?? [];
    if (algorithm === undefined || expected === undefined) continue;
    const base = name.split('/').at(-1)!;
    const named = candidates.filter((path) => path === name || path.split('/').at(-1) === base);
    const others = candidates.filter((path) => !named.includes(path)).slice(0, IN_TOTO_FILES_MAX);
    let row: CoveredFile | null = null;
    for (const path of [...named, ...others]) {
      const actual = await digestOf(path, algorithm);
      if (actual !== expected) continue;
      row = { path, state: 'same', algorithm, expected, actual };
      break;
    }
    const [first] = named;
    row ??=
      first === undefined
        ? { path: name, state: 'missing', algorithm, expected }
        : { path: first, state: 'changed', algorithm, expected, actual: await digestOf(first, algorithm) };
    rows.push(row);
  }
  return rows;
}
