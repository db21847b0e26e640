/** OpenSSF model signatures: `oms-generated` (own cases with steps) and `oms-reference` (published vectors). */
import { failedStep, only, verdictOf, type Case, type CaseFolder, type Corpus } from '../corpus.ts';
import type { AttestationJob, Examined } from '../compute.ts';

interface OmsCase extends Case {
  readonly bundle: string;
  readonly model: string;
  readonly method: 'key' | 'certificate' | 'sigstore';
  readonly public_key?: string | null;
  readonly root?: string | null;
  readonly trusted_root?: string;
  readonly identity?: string | null;
  readonly issuer?: string | null;
  readonly ignore?: readonly string[];
  readonly ignore_unsigned_files?: boolean;
  readonly findings?: Readonly<Partial<Record<'changed' | 'missing' | 'extra', readonly string[]>>>;
}

function omsJob(one: OmsCase, files: CaseFolder): AttestationJob {
  const optional = (path: string | null | undefined): readonly string[] => (path ? [files.path(path)] : []);
  const { identity, issuer } = one;
  // The signature may lie outside its model: it is given the name it would have inside.
  const listed = files.files(one.model);
  const inside = listed.find(({ file }) => file === files.path(one.bundle));
  return {
    kind: 'oms',
    attestation: files.file(one.bundle, inside?.path ?? 'model.sig'),
    files: listed,
    expect: {
      method: one.method,
      keys: optional(one.public_key),
      roots: optional(one.root),
      trustedRoots: optional(one.trusted_root),
      signers: identity ? [{ identity, ...(issuer ? { issuer } : {}) }] : [],
      ignore: (one.ignore ?? []).filter((path) => path !== inside?.path),
      allowExtra: one.ignore_unsigned_files === true,
    },
  };
}

/** Names of steps in the corpora that cover several of ours, or differ. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  material: ['material', 'bundle'],
  chain: ['certificate'],
  certificate: ['certificate', 'sct'],
};

/** Signatures of old releases hold, and say beside it that they are old. */
const OLD_FORMS: ReadonlySet<string> = new Set(['key-without-hint', 'legacy-form', 'expired-now']);

function compareOms(one: OmsCase, examined: Examined, historic: boolean): readonly string[] {
  const found = only(examined);
  if (typeof found === 'string') return one.expect === 'fail' && !examined.ok ? [] : [found];
  const shown = historic ? { ...found, warnings: found.warnings.filter(({ code }) => !OLD_FORMS.has(code)) } : found;
  const verdict = verdictOf(shown);
  const failed = failedStep(found);
  const lines: string[] = [];
  if (verdict !== one.expect) lines.push(`${verdict} at ${failed ?? 'no step'} instead of ${one.expect}`);
  else if (one.expect === 'fail' && one.step !== undefined) {
    if (!(STEPS[one.step] ?? [one.step]).includes(failed ?? ''))
      lines.push(`fails at ${failed} instead of ${one.step}`);
  }
  for (const [state, paths] of Object.entries(one.findings ?? {})) {
    const actual = found.files
      .filter((file) => file.state === state)
      .map(({ path, range }) => (range === undefined ? path : `${path}:${range[0]}:${range[1]}`));
    if (actual.join('|') !== paths.join('|'))
      lines.push(`${state}: ${actual.join(', ')} instead of ${paths.join(', ')}`);
  }
  return lines;
}

export const omsGenerated: Corpus<OmsCase> = {
  name: 'oms-generated',
  job: omsJob,
  compare: (one, examined) => compareOms(one, examined, false),
};

export const omsReference: Corpus<OmsCase> = {
  name: 'oms-reference',
  job: omsJob,
  compare: (one, examined) => compareOms(one, examined, true),
};
