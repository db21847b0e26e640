/** What a bill of materials says at all. A description of the bill: no outcome rests on it, and it is no mark. */
import { WEAK_ALGORITHMS, isDigestOf } from '../../algorithm-names.ts';
import type { CompletenessRow, CoveredFile } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import { BILL_FIELDS, type Bill, type BillHash } from './bill.ts';
import { isWeights, modelFolder, placesOf } from './places.ts';

const SAYS_MAX = 160;

/**
 * First whether every weights file here has a strong hash, the one thing of a bill that can be held against bytes; then
 * the fields that people expect, in the order of their registry.
 *
 * @param rows what `checkFiles` gave for the same bill
 */
export function completenessOf(
  bill: Bill,
  { path, folder }: Pick<AttestationInput, 'path' | 'folder'>,
  rows: readonly CoveredFile[],
): readonly CompletenessRow[] {
  const base = modelFolder(path, folder);
  const weights = folder.files.filter((file) => file.path.startsWith(base) && isWeights(file.path, folder));
  const hashed = hashedStrongly(bill, path, folder, rows);
  const there = weights.filter((file) => hashed.has(file.path)).length;
  const first: CompletenessRow = {
    id: 'weightsHashes',
    tier: 'critical',
    present: weights.length > 0 && there === weights.length,
    counted: [there, weights.length],
  };
  const fields = (['critical', 'important'] as const).flatMap((tier) =>
    BILL_FIELDS[tier].map((id): CompletenessRow => {
      const says = bill.fields.get(id)?.trim() ?? '';
      return { id, tier, present: says !== '', ...(says === '' ? {} : { says: cut(says) }) };
    }),
  );
  return [first, ...fields];
}

function hashedStrongly(
  { files }: Bill,
  billPath: string,
  folder: AttestationInput['folder'],
  rows: readonly CoveredFile[],
): ReadonlySet<string> {
  const strong = files.filter(({ hashes }) => hashes.some(isStrong));
  const places = placesOf(
    billPath,
    strong.map(({ name }) => name),
    folder,
  );
  const paths = new Set([...places.values()].filter(({ here }) => here).map(({ path }) => path));
  // The hash of a model that is one file names no file; that it is the file’s was found out by comparing.
  for (const { path, state, algorithm } of rows) {
    if (state === 'same' && algorithm !== undefined && !WEAK_ALGORITHMS.has(algorithm)) paths.add(path);
  }
  return paths;
}

function isStrong({ algorithm, value }: BillHash): boolean {
  return algorithm !== undefined && !WEAK_ALGORITHMS.has(algorithm) && isDigestOf(algorithm, value);
}

/** By code points, so that no half of a character is left over. */
function cut(text: string): string {
  const points = Array.from(text.slice(0, 2 * SAYS_MAX + 2));
  return points.length <= SAYS_MAX ? points.join('') : `${points.slice(0, SAYS_MAX - 1).join('')}…`;
}
