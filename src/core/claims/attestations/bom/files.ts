/** The hashes of a bill of materials against the files beside it. */
import { AppError, throwIfAborted, toErrorData, type ErrorData } from '../../../errors.ts';
import type { Algorithm } from '../../../hash/hasher.ts';
import { ALGORITHM_TITLES, isDigestOf, WEAK_ALGORITHMS } from '../../algorithm-names.ts';
import type { CoveredFile, Warning } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import type { Steps } from '../steps.ts';
import { modelHashes } from './algorithms.ts';
import type { Bill, BillFile, BillHash } from './bill.ts';
import { isWeights, modelFolder, placesOf, type Place } from './places.ts';

/**
 * Adds the step `files`, and returns one row for each file the bill states a hash of (one for each hash that differs).
 *
 * Every hash counts: a file whose SHA-512 is as stated and whose SHA-256 is not, differs. A file with a hash that is not
 * here is missing. A name without hashes asks for nothing. Hashes of packages, data sets and references are compared
 * with no file; a strong hash of the model itself is shown when it is the one weights file’s, and never held against it.
 *
 * Outcomes of the step: `matches` when every file with hashes was compared and is as stated; `contradicts` with
 * ATTEST_BILL_FILES {changed, missing: names; changedCount, missingCount}; `could-not-check` with the reason of the
 * first file that was not compared (CLAIM_PATH, CLAIM_ALGORITHM, ATTEST_NO_FILE_NAMED, ATTEST_NO_BYTES, SOURCE_*),
 * ATTEST_NO_HASHES when the bill states no hash of any file, or ATTEST_NO_FILE when nothing lies beside it.
 * Its detail: `same`, `changed`, `missing`, `notChecked` files, `hashes` compared, `notComputed` hashes passed over.
 *
 * Adds the warnings `weak-hash-only` and `weights-without-hash` ({files, path: the first}), each at most once.
 *
 * @throws AppError SOURCE_ABORTED
 */
export async function checkFiles(
  bill: Bill,
  input: AttestationInput,
  steps: Steps,
  warnings: Warning[],
): Promise<readonly CoveredFile[]> {
  const compared = new Comparison(input);
  const hashed = bill.files.filter(({ hashes }) => hashes.length > 0);
  const places = placesOf(
    input.path,
    hashed.map(({ name }) => name),
    input.folder,
  );
  for (const [path, files] of byPlace(hashed, places)) await compared.file(path, files);
  await compared.models(bill);
  judge(compared, bill, input, steps);
  if (compared.rows.length > 0) warn(compared, input, warnings);
  return compared.rows;
}

interface Together {
  readonly place: Place;
  readonly hashes: readonly BillHash[];
}

/** A file may be listed twice, under one name or two; all that is said of it counts. */
function byPlace(files: readonly BillFile[], places: ReadonlyMap<string, Place>): ReadonlyMap<string, Together> {
  const together = new Map<string, { place: Place; hashes: BillHash[] }>();
  for (const { name, hashes } of files) {
    const place = places.get(name)!;
    const known = together.get(place.path);
    if (known === undefined) together.set(place.path, { place, hashes: [...hashes] });
    else known.hashes.push(...hashes);
  }
  return together;
}

class Comparison {
  readonly rows: CoveredFile[] = [];
  /** Paths whose bytes some hash of the bill is about. */
  readonly covered = new Set<string>();
  /** Paths for which MD5 or SHA-1 is all that was compared. */
  readonly weak: string[] = [];
  /** Why the hash of the model itself says nothing about a file. */
  model: ErrorData | null = null;
  hashes = 0;
  notComputed = 0;
  readonly #input: AttestationInput;

  constructor(input: AttestationInput) {
    this.#input = input;
  }

  async file(path: string, { place, hashes }: Together): Promise<void> {
    if (place.reason !== undefined || !place.here) {
      const stated = hashes[0]!;
      const about = { path, expected: stated.value, ...algorithmOf(stated) };
      if (place.reason === undefined) this.rows.push({ ...about, state: 'missing' });
      else this.rows.push({ ...about, state: 'not-checked', reason: place.reason });
      return;
    }
    this.covered.add(path);
    const rows = await this.#compare(path, hashes);
    const changed = rows.filter(({ state }) => state === 'changed');
    const same = rows.filter(({ state }) => state === 'same');
    const strong = same.filter(({ algorithm }) => !WEAK_ALGORITHMS.has(algorithm ?? ''));
    this.hashes += changed.length + same.length;
    if (changed.length + same.length > 0) {
      this.notComputed += rows.length - changed.length - same.length;
      // A hash that is not computed here takes nothing from one that was.
      this.rows.push(...(changed.length > 0 ? changed : [strong[0] ?? same[0]!]));
      if (changed.length === 0 && strong.length === 0) this.weak.push(path);
    } else this.rows.push(rows[0]!);
  }

  /** A match cannot be an accident; a difference may mean that the hash is of an archive, or of all files in some order. */
  async models({ others }: Bill): Promise<void> {
    const models = others.filter(({ what, hashes }) => what === 'model' && hashes.length > 0);
    if (models.length === 0) return;
    const { folder, path } = this.#input;
    const base = modelFolder(path, folder);
    const weights = folder.files.filter((file) => file.path.startsWith(base) && isWeights(file.path, folder));
    const [only] = weights;
    const detail = { name: models[0]!.name.slice(0, 200), candidates: weights.length };
    this.model = { code: 'ATTEST_NO_FILE_NAMED', detail };
    if (only === undefined || weights.length > 1 || this.covered.has(only.path)) return;
    for (const model of models) {
      const rows = await this.#compare(only.path, modelHashes(model));
      const same = rows.find(({ state }) => state === 'same');
      const differs = rows.some(({ state }) => state === 'changed');
      if (differs) this.model = { code: 'ATTEST_NO_FILE_NAMED', detail: { ...detail, other: only.path } };
      if (differs || same === undefined) continue;
      this.covered.add(only.path);
      this.rows.push(same);
      this.model = { code: 'ATTEST_NO_FILE_NAMED', detail: { ...detail, same: only.path } };
      return;
    }
  }

  async #compare(path: string, hashes: readonly BillHash[]): Promise<CoveredFile[]> {
    const rows: CoveredFile[] = [];
    const seen = new Set<string>();
    const digests = new Map<Algorithm, string | ErrorData>();
    for (const hash of hashes) {
      const { algorithm, value: expected } = hash;
      const key = `${algorithm ?? hash.written} ${expected}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const about = { path, expected, ...algorithmOf(hash) };
      if (algorithm === undefined) {
        const reason = { code: 'CLAIM_ALGORITHM', detail: { algorithm: hash.written.slice(0, 40), path } } as const;
        rows.push({ ...about, state: 'not-checked', reason });
        continue;
      }
      // No file has such a digest.
      if (!isDigestOf(algorithm, expected)) {
        const detail = { digest: expected.slice(0, 140), algorithm: ALGORITHM_TITLES[algorithm], path };
        rows.push({ ...about, state: 'changed', reason: { code: 'CLAIM_DIGEST', detail } });
        continue;
      }
      const actual = digests.get(algorithm) ?? (await this.#digest(path, algorithm));
      digests.set(algorithm, actual);
      if (typeof actual !== 'string') rows.push({ ...about, state: 'not-checked', reason: actual });
      else rows.push({ ...about, state: actual === expected ? 'same' : 'changed', actual });
    }
    return rows;
  }

  /** One file that cannot be read takes nothing from the others. */
  async #digest(path: string, algorithm: Algorithm): Promise<string | ErrorData> {
    throwIfAborted(this.#input.signal);
    try {
      return await this.#input.folder.digest(path, algorithm);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
      return toErrorData(error);
    }
  }
}

function algorithmOf({ algorithm, written }: BillHash): { readonly algorithm: string } {
  return { algorithm: algorithm ?? written.slice(0, 40) };
}

const NAMES_SHOWN = 3;

function judge(
  { rows, hashes, notComputed, model }: Comparison,
  bill: Bill,
  input: AttestationInput,
  steps: Steps,
): void {
  const paths = (state: CoveredFile['state']): readonly string[] => [
    ...new Set(rows.filter((row) => row.state === state).map(({ path }) => path)),
  ];
  const [same, changed, missing, open] = [paths('same'), paths('changed'), paths('missing'), paths('not-checked')];
  const detail = {
    same: same.length,
    changed: changed.length,
    missing: missing.length,
    notChecked: open.length,
    hashes,
    notComputed,
  };
  if (missing.length > 0 && !input.folder.files.some(({ path }) => path !== input.path)) {
    const reason = { code: 'ATTEST_NO_FILE', detail: { path: missing[0]! } } as const;
    steps.unchecked('files', reason, { detail });
  } else if (changed.length + missing.length > 0) {
    const named = { changed: listed(changed), missing: listed(missing) };
    const counts = { changedCount: changed.length, missingCount: missing.length };
    steps.contradicts('files', 'ATTEST_BILL_FILES', { ...named, ...counts }, { detail });
  } else if (open.length > 0) {
    steps.unchecked('files', rows.find(({ reason }) => reason !== undefined)!.reason!, { detail });
  } else if (bill.files.some((file) => file.hashes.length > 0)) {
    steps.matches('files', { detail });
  } else {
    const others = bill.others.filter((other) => other.hashes.length > 0).length;
    steps.unchecked('files', model ?? { code: 'ATTEST_NO_HASHES', detail: { others } }, { detail });
  }
}

function listed(paths: readonly string[]): string {
  const more = paths.length - NAMES_SHOWN;
  const shown = paths.slice(0, NAMES_SHOWN).map((path) => (path.length <= 80 ? path : `…${path.slice(-79)}`));
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function warn({ covered, weak }: Comparison, { folder, path: bill }: AttestationInput, warnings: Warning[]): void {
  if (weak.length > 0) warnings.push({ code: 'weak-hash-only', detail: { files: weak.length, path: weak[0]! } });
  const base = modelFolder(bill, folder);
  const bare = folder.files.filter(
    ({ path }) => path.startsWith(base) && !covered.has(path) && isWeights(path, folder),
  );
  const [first] = bare;
  if (first !== undefined)
    warnings.push({ code: 'weights-without-hash', detail: { files: bare.length, path: first.path } });
}
