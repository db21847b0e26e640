/** DVC records against the files they describe: `model.bin.dvc`, `dvc.lock`. MD5 and unsigned: “as recorded”, never more. */
import { AppError } from '../../../errors.ts';
import { RECORD_MAX } from '../../../limits.ts';
import type { HashProvider } from '../../../hash/hasher.ts';
import { concluded, type Attestation, type CoveredFile } from '../attestation.ts';
import type { AttestationInput, AttestationKind } from '../kind.ts';
import { resolveRecordPath } from '../record-path.ts';
import { Steps } from '../steps.ts';
import { parseYaml } from '../yaml.ts';
import { listingText, readListing, type ListedFile } from './directory.ts';
import { dos2unixDigests } from './dos2unix.ts';
import { readDvcRecord, type DvcData, type DvcRecord } from './record.ts';

export const DVC: AttestationKind = {
  id: 'dvc',
  title: 'DVC records',
  names: /\.dvc$|^dvc\.lock$/i,
  recognises: (path) => DVC.names.test(path.slice(path.lastIndexOf('/') + 1)),
  namedAfter: true,
  wants: () => ['md5'],
  examine: async (input) => [await examine(input)],
};

/** DVC's own files are never part of a folder it records. */
const OWN = /(?:^|\/)(?:\.dvc|\.git|\.hg)\/|(?:^|\/)\.dvcignore$/;

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const record = await steps.run(
    'bundle',
    async () => readDvcRecord(await parseYaml(input.bytes)),
    ({ data }) => ({ detail: { entries: data.length } }),
  );
  const rules = new Set<string>();
  const files = record === null ? [] : await compareAll(record, input, rules);
  if (record !== null) judge(steps, files);
  const list = steps.list();
  const facts: Record<string, string> = rules.size === 0 ? {} : { matchedBy: [...rules].sort().join(', ') };
  return { kind: 'dvc', path: input.path, outcome: concluded(list), steps: list, files, warnings: [], facts };
}

function judge(steps: Steps, files: readonly CoveredFile[]): void {
  const count = (state: CoveredFile['state']): number => files.filter((file) => file.state === state).length;
  const detail = { same: count('same'), changed: count('changed'), missing: count('missing'), extra: count('extra') };
  if (detail.changed + detail.missing + detail.extra > 0) steps.contradicts('files', 'ATTEST_FILES', detail);
  else if (detail.same > 0 && count('not-checked') === 0)
    steps.matches('files', { detail: { ...detail, weak: 'MD5' } });
  else {
    const reason = files.find((file) => file.reason !== undefined)?.reason;
    steps.unchecked('files', reason ?? { code: 'ATTEST_NO_FILE', detail: {} }, { detail });
  }
}

async function compareAll(
  record: DvcRecord,
  input: AttestationInput,
  rules: Set<string>,
): Promise<readonly CoveredFile[]> {
  const rows: CoveredFile[] = [];
  for (const data of record.data) {
    const path = resolveRecordPath(input.path, record.folder, data.path);
    rows.push(...(await compareData(data, path ?? data.path, path !== null, input, rules)));
  }
  return rows;
}

/** Data is usually kept elsewhere than its record: what is not here was not compared. */
async function compareData(
  data: DvcData,
  path: string,
  inside: boolean,
  input: AttestationInput,
  rules: Set<string>,
): Promise<readonly CoveredFile[]> {
  const { md5, size } = data;
  const open = (error: AppError): readonly CoveredFile[] => [
    { path, state: 'not-checked', ...(md5 === undefined ? {} : { expected: md5 }), reason: error.toData() },
  ];
  if (md5 === undefined) return open(new AppError('CLAIM_DIGEST', { text: 'no MD5', name: input.path }));
  if (md5.endsWith('.dir')) {
    const here = input.folder.files.some((file) => inside && file.path.startsWith(`${path}/`));
    return here ? compareFolder(data, md5, path, input, rules) : open(new AppError('SOURCE_NOT_FOUND', { path }));
  }
  const file = input.folder.files.find((one) => inside && one.path === path);
  if (file === undefined) return open(new AppError('SOURCE_NOT_FOUND', { path }));
  const digests = await digestsOf(file.path, file.size, data.rule, input);
  const by = Object.entries(digests).filter(([, digest]) => digest === md5);
  const fits = by.length > 0 && (size === undefined || size === file.size);
  if (fits) for (const [rule] of by) rules.add(rule === 'md5-dos2unix-chunks' ? 'md5-dos2unix' : rule);
  const actual = by[0]?.[1] ?? digests['md5']!;
  return [{ path, state: fits ? 'same' : 'changed', algorithm: 'md5', expected: md5, actual }];
}

/** By rule; the plain one first. Only the old rule converts line ends. */
async function digestsOf(
  path: string,
  size: number,
  rule: DvcData['rule'],
  { folder, hashes }: AttestationInput,
): Promise<Readonly<Record<string, string>>> {
  const md5 = await folder.digest(path, 'md5');
  if (rule === 'plain') return { md5 };
  const { perFile, perChunk } = await dos2unixDigests(folder.stream(path), size, hashes);
  return { md5, 'md5-dos2unix': perFile, 'md5-dos2unix-chunks': perChunk };
}

async function compareFolder(
  { rule, size, files: counted }: DvcData,
  md5: string,
  path: string,
  input: AttestationInput,
  rules: Set<string>,
): Promise<readonly CoveredFile[]> {
  const prefix = `${path}/`;
  const inside = input.folder.files.filter((file) => file.path.startsWith(prefix) && !OWN.test(file.path));
  const byRule = new Map<string, ListedFile[]>();
  for (const file of inside) {
    const relpath = file.path.slice(prefix.length);
    for (const [name, digest] of Object.entries(await digestsOf(file.path, file.size, rule, input))) {
      byRule.set(name, [...(byRule.get(name) ?? []), { md5: digest, relpath }]);
    }
  }
  const total = inside.reduce((sum, file) => sum + file.size, 0);
  const sized = (size === undefined || size === total) && (counted === undefined || counted === inside.length);
  for (const [name, listed] of byRule) {
    if ((await listingDigest(listed, input.hashes)) !== md5 || !sized) continue;
    rules.add(name === 'md5-dos2unix-chunks' ? 'md5-dos2unix' : name);
    return listed.map((file) => ({
      path: prefix + file.relpath,
      state: 'same',
      algorithm: 'md5',
      expected: file.md5,
      actual: file.md5,
    }));
  }
  const listing = await findListing(md5, input);
  const own = [...byRule.values()];
  if (listing === null) return [{ path, state: 'changed', algorithm: 'md5', expected: md5 }];
  return explainFolder(prefix, listing, own);
}

/** Which files differ, told by the list that the recorded digest is over. */
function explainFolder(
  prefix: string,
  listing: readonly ListedFile[],
  own: readonly (readonly ListedFile[])[],
): readonly CoveredFile[] {
  const digests = new Map<string, readonly string[]>();
  for (const { relpath } of own[0] ?? []) {
    digests.set(
      relpath,
      own.map((files) => files.find((file) => file.relpath === relpath)!.md5),
    );
  }
  const rows = listing.map(({ md5: expected, relpath }): CoveredFile => {
    const actual = digests.get(relpath);
    const about = { path: prefix + relpath, algorithm: 'md5', expected };
    if (actual === undefined) return { ...about, state: 'missing' };
    return { ...about, state: actual.includes(expected) ? 'same' : 'changed', actual: actual[0]! };
  });
  const listed = new Set(listing.map(({ relpath }) => relpath));
  const extra = [...digests.keys()].filter((relpath) => !listed.has(relpath));
  return [...rows, ...extra.map((relpath): CoveredFile => ({ path: prefix + relpath, state: 'extra' }))];
}

async function listingDigest(files: readonly ListedFile[], hashes: HashProvider): Promise<string> {
  return `${await md5Of(new TextEncoder().encode(listingText(files)), hashes)}.dir`;
}

/** The `.dir` object, wherever it lies among the files: its own digest says that it is the one. */
async function findListing(md5: string, { folder, hashes }: AttestationInput): Promise<readonly ListedFile[] | null> {
  const name = md5.slice(2, 32);
  const candidates = folder.files.filter(
    (file) => file.size <= RECORD_MAX && (file.path.endsWith('.dir') || file.path.includes(name)),
  );
  for (const { path } of candidates) {
    const bytes = await folder.read(path, RECORD_MAX);
    if (`${await md5Of(bytes, hashes)}.dir` === md5) return readListing(bytes);
  }
  return null;
}

async function md5Of(bytes: Uint8Array, hashes: HashProvider): Promise<string> {
  const hasher = await hashes.create('md5', bytes.length);
  hasher.update(bytes);
  return hasher.digest();
}
