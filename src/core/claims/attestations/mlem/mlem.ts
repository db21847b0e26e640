/** MLEM records (iterative/mlem, last changed in 2023): `<name>.mlem` beside the data it describes. MD5 of the bytes, unsigned. */
import { AppError } from '../../../errors.ts';
import { RECORD_OUTS_MAX } from '../../../limits.ts';
import { concluded, type Attestation, type CoveredFile } from '../attestation.ts';
import { field, isObject, textField } from '../json.ts';
import type { AttestationInput, AttestationKind } from '../kind.ts';
import { resolveRecordPath } from '../record-path.ts';
import { Steps } from '../steps.ts';
import { parseYaml } from '../yaml.ts';

export const MLEM: AttestationKind = {
  id: 'mlem',
  title: 'MLEM records',
  names: /\.mlem$/i,
  recognises: (path) => MLEM.names.test(path),
  namedAfter: true,
  wants: () => ['md5'],
  examine: async (input) => [await examine(input)],
};

interface Artifact {
  readonly uri: string;
  /** MD5, lower-case hex. */
  readonly hash?: string;
  readonly size?: number;
}

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const facts: Record<string, string> = {};
  const artifacts = await steps.run('bundle', async () => {
    const record = await parseYaml(input.bytes);
    const type = textField(record, 'object_type');
    if (!isObject(record) || type === undefined) throw new AppError('ATTEST_BUNDLE', { why: 'not a MLEM record' });
    facts['objectType'] = type;
    return artifactsOf(record);
  });
  const files: CoveredFile[] = [];
  for (const artifact of artifacts ?? []) files.push(await compare(artifact, input));
  if (artifacts !== null) {
    const count = (state: CoveredFile['state']): number => files.filter((file) => file.state === state).length;
    const detail = { same: count('same'), changed: count('changed') };
    const reason = files.find((file) => file.reason !== undefined)?.reason;
    if (detail.changed > 0) steps.contradicts('files', 'ATTEST_FILES', detail);
    else if (detail.same > 0 && detail.same === files.length)
      steps.matches('files', { detail: { ...detail, weak: 'MD5' } });
    else steps.unchecked('files', reason ?? { code: 'CLAIM_EMPTY', detail: { path: input.path } });
  }
  const list = steps.list();
  return { kind: 'mlem', path: input.path, outcome: concluded(list), steps: list, files, warnings: [], facts };
}

/** @throws AppError ATTEST_BUNDLE */
function artifactsOf(record: unknown): readonly Artifact[] {
  const listed = field(record, 'artifacts');
  if (!isObject(listed)) return [];
  const entries = Object.entries(listed);
  if (entries.length > RECORD_OUTS_MAX) throw new AppError('ATTEST_BUNDLE', { why: 'it records too many files' });
  return entries.map(([, value]) => {
    const uri = textField(value, 'uri');
    const hash = textField(value, 'hash');
    const size = field(value, 'size');
    if (uri === undefined) throw new AppError('ATTEST_BUNDLE', { why: 'an entry without a place' });
    return {
      uri,
      ...(hash !== undefined && /^[0-9a-f]{32}$/.test(hash) ? { hash } : {}),
      ...(typeof size === 'number' && Number.isSafeInteger(size) ? { size } : {}),
    };
  });
}

async function compare({ uri, hash, size }: Artifact, input: AttestationInput): Promise<CoveredFile> {
  const path = resolveRecordPath(input.path, uri);
  const file = input.folder.files.find((one) => one.path === path);
  const about = { path: path ?? uri, algorithm: 'md5', ...(hash === undefined ? {} : { expected: hash }) };
  if (hash === undefined) {
    return {
      ...about,
      state: 'not-checked',
      reason: { code: 'CLAIM_DIGEST', detail: { text: 'no MD5', name: input.path } },
    };
  }
  if (file === undefined)
    return { ...about, state: 'not-checked', reason: { code: 'SOURCE_NOT_FOUND', detail: { path: uri } } };
  const actual = await input.folder.digest(file.path, 'md5');
  const fits = actual === hash && (size === undefined || size === file.size);
  return { ...about, state: fits ? 'same' : 'changed', actual };
}
