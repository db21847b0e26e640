/**
 * Any other corpus whose cases use the common fields: what is examined (`bundle`, `attestation`, `signature`, `file`),
 * what lies beside it (`model`, `files`, `artifact`, `data`; `file` beside a `signature`), and what it is checked with (`public_key`, `key`, `root`,
 * `allowed_signers`, `trusted_root`, `identity`, `issuer`, `policy`, `ignore`, `ignore_unsigned_files`, `method`). The kind is found as in a
 * scan, by name and content.
 */
import type { AttestationJob, CaseFile } from '../compute.ts';
import { failedStep, verdictOf, type Case, type CaseFolder, type Corpus } from '../corpus.ts';

const EXAMINED = ['bundle', 'attestation', 'signature', 'proof', 'manifest', 'file'] as const;
const BESIDE = ['model', 'files', 'artifact', 'artifacts', 'data'] as const;

/** Names of steps in corpora that cover several of ours, or differ. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  material: ['material', 'bundle'],
  schema: ['schema', 'bundle'],
  chain: ['certificate'],
  certificate: ['certificate', 'sct'],
  subject: ['files', 'statement'],
};

export const anyCorpus: Corpus = {
  name: 'any other',

  job(one, files): AttestationJob | null {
    const key = EXAMINED.find((name) => typeof one[name] === 'string');
    if (key === undefined || one.expect === undefined) return null;
    const also = key === 'file' ? BESIDE : ([...BESIDE, 'file'] as const);
    const beside = also.flatMap((name) => texts(one[name])).flatMap((path) => files.files(path));
    const attestation = files.file(one[key] as string);
    const inside = beside.find(({ file }) => file === attestation.file);
    return { kind: 'any', attestation: inside ?? attestation, files: unique(beside), expect: expectations(one, files) };
  },

  compare(one, examined) {
    if (!examined.ok) {
      // What no kind takes for its own is not read at all.
      if (one.expect === 'fail' && examined.error.code === 'ATTEST_BUNDLE') return [];
      return [`could not be examined: ${examined.error.code} ${JSON.stringify(examined.error.detail)}`];
    }
    const verdicts = examined.attestations.map(verdictOf);
    const worst = (['fail', 'not_checked', 'warn', 'pass'] as const).find((verdict) => verdicts.includes(verdict));
    const failed = examined.attestations.map(failedStep).find((step) => step !== null) ?? null;
    if (worst !== one.expect) return [`${worst ?? 'nothing'} at ${failed ?? 'no step'} instead of ${one.expect}`];
    if (worst !== 'fail' || one.step === undefined) return [];
    return (STEPS[one.step] ?? [one.step]).includes(failed ?? '') ? [] : [`fails at ${failed} instead of ${one.step}`];
  },
};

function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function unique(files: readonly CaseFile[]): readonly CaseFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function expectations(one: Case, files: CaseFolder): AttestationJob['expect'] {
  const paths = (...names: readonly string[]): readonly string[] =>
    names.flatMap((name) => texts(one[name])).map((path) => files.path(path));
  const [identity] = texts(one['identity']);
  const [issuer] = texts(one['issuer']);
  const [method] = texts(one['method']);
  const policy = one['policy'];
  return {
    keys: paths('public_key', 'key', 'keys', 'allowed_signers'),
    roots: paths('root', 'roots'),
    trustedRoots: paths('trusted_root'),
    policies: paths('policy'),
    signers: identity === undefined ? [] : [{ identity, ...(issuer === undefined ? {} : { issuer }) }],
    ignore: texts(one['ignore']),
    allowExtra: one['ignore_unsigned_files'] === true,
    ...(method === 'key' || method === 'certificate' || method === 'sigstore' ? { method } : {}),
    ...(typeof policy === 'object' && policy !== null ? { policyText: JSON.stringify(policy) } : {}),
  };
}
