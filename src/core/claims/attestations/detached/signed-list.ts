/** What a signature over one file covers: that file, and when it is a checksum list, the files it lists. */
import { AppError, toErrorData } from '../../../errors.ts';
import { sameLength, WEAK_ALGORITHMS } from '../../algorithm-names.ts';
import type { DigestStatement } from '../../claim.ts';
import { claimText } from '../../lines.ts';
import { resolvePaths } from '../../resolve.ts';
import { parseSums } from '../../sums.ts';
import type { CoveredFile, Warning } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import type { Steps } from '../steps.ts';

export interface Listed {
  readonly files: readonly CoveredFile[];
  readonly warnings: readonly Warning[];
}

/**
 * Compares the entries of a signed list, and adds the steps `statement` and `files`. Files that are listed and not here
 * are ordinary: a release lists more than anybody downloads.
 *
 * @param path of the list, or of the signature it is embedded in
 * @throws AppError SOURCE_ABORTED
 */
export async function checkSignedList(
  input: AttestationInput,
  steps: Steps,
  path: string,
  list: Uint8Array,
): Promise<Listed> {
  const claim = await steps.run(
    'statement',
    () => readList(list, path),
    ({ statements }) => ({ detail: { files: statements.length } }),
  );
  if (claim === null) return { files: [], warnings: [] };
  const here = input.folder.files.map((file) => file.path).filter((one) => one !== path && one !== input.path);
  const named = claim.statements.filter((one): one is DigestStatement & { path: string } => one.path !== null);
  const resolved = resolvePaths([...new Set(named.map((one) => one.path))], here, true);
  const files: CoveredFile[] = [];
  for (const statement of named) files.push(await compare(statement, resolved.get(statement.path), input));
  judge(steps, files);
  const strong = new Set(named.filter(({ algorithm }) => !WEAK_ALGORITHMS.has(algorithm)).map(({ path: one }) => one));
  const weak = named.some((one) => !strong.has(one.path));
  return { files, warnings: weak ? [{ code: 'weak-hash-only' }] : [] };
}

/** @throws AppError ATTEST_RESOURCES {why} */
function readList(list: Uint8Array, path: string): ReturnType<typeof parseSums> {
  try {
    return parseSums(claimText(list, path), { name: path, source: { kind: 'sums', name: path, independent: false } });
  } catch (error) {
    throw new AppError('ATTEST_RESOURCES', { why: 'no line of it is a digest' }, error);
  }
}

/** True for text whose lines are digests of named files. */
export function isList(bytes: Uint8Array, path: string): boolean {
  try {
    return readList(bytes, path).statements.some((one) => one.path !== null);
  } catch {
    return false;
  }
}

async function compare(
  { path, algorithm, digest: expected, assumed }: DigestStatement & { readonly path: string },
  found: { readonly path: string; readonly exact: boolean } | undefined,
  input: AttestationInput,
): Promise<CoveredFile> {
  const row = { path: withinBase(found?.path ?? path, input.path), algorithm, expected };
  if (found === undefined) return { ...row, state: 'missing' };
  try {
    const possible = assumed === true ? [algorithm, ...sameLength(algorithm)] : [algorithm];
    let actual = '';
    for (const one of possible) {
      const digest = await input.folder.digest(found.path, one);
      if (digest === expected) return { ...row, state: 'same', algorithm: one, actual: digest };
      if (one === algorithm) actual = digest;
    }
    // A file of another name or place that has other bytes is another file.
    if (!found.exact) return { ...row, path, state: 'missing' };
    return { ...row, state: 'changed', actual };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
    return { ...row, state: 'not-checked', reason: toErrorData(error) };
  }
}

/** Rows are relative to the folder of the signature, as those of other kinds are. */
export function withinBase(path: string, signature: string): string {
  const base = signature.slice(0, signature.lastIndexOf('/') + 1);
  return path.startsWith(base) ? path.slice(base.length) : path;
}

function judge(steps: Steps, files: readonly CoveredFile[]): void {
  const count = (state: CoveredFile['state']): number => files.filter((file) => file.state === state).length;
  const detail = { same: count('same'), changed: count('changed'), missing: count('missing') };
  const open = files.find((file) => file.reason !== undefined)?.reason;
  if (detail.changed > 0) steps.contradicts('files', 'ATTEST_FILES', detail, { detail });
  else if (open !== undefined) steps.unchecked('files', open, { detail });
  else if (detail.same > 0) steps.matches('files', { detail });
  else steps.unchecked('files', { code: 'ATTEST_NO_FILE', detail: { path: files[0]?.path ?? '' } }, { detail });
}
