/** Bills of materials in the form of CycloneDX: published samples and made ones, against the schema and against files. */
import { ALGORITHM_TITLES } from '../../../../src/core/claims/algorithm-names.ts';
import type { Algorithm } from '../../../../src/core/hash/hasher.ts';
import { failedStep, only, verdictOf, type Case, type Corpus } from '../corpus.ts';

interface BillCase extends Case {
  readonly file: string;
  readonly kind: 'schema' | 'hashes';
  /** The folder beside the bill. */
  readonly files?: string;
  readonly findings?: Readonly<Partial<Record<'differs' | 'missing', readonly string[]>>>;
}

/** What is asked before any file: a bill that is valid stays so whatever lies beside it. */
const FORM: ReadonlySet<string> = new Set(['bundle', 'schema']);

export const cyclonedx: Corpus<BillCase> = {
  name: 'cyclonedx',
  job(one, files) {
    const bill = files.file(one.file);
    const beside = one.files === undefined ? [] : files.files(one.files);
    return { kind: 'cyclonedx', attestation: bill, files: [...beside, bill], expect: {} };
  },
  compare(one, examined) {
    const found = only(examined);
    if (typeof found === 'string') return [found];
    const verdict = one.kind === 'schema' ? formOf(found) : verdictOf(found);
    if (verdict !== one.expect) return [`${verdict} at ${failedStep(found) ?? 'no step'} instead of ${one.expect}`];
    const actual = {
      differs: found.files
        .filter(({ state }) => state === 'changed')
        .map(({ path, algorithm = '' }) => `${path} ${ALGORITHM_TITLES[algorithm as Algorithm] ?? algorithm}`),
      missing: found.files.filter(({ state }) => state === 'missing').map(({ path }) => path),
    };
    return Object.entries(one.findings ?? {}).flatMap(([key, names]) => {
      const named = actual[key as keyof typeof actual];
      return named.join('|') === names.join('|') ? [] : [`${key}: ${named.join(', ')} instead of ${names.join(', ')}`];
    });
  },
};

function formOf(found: Parameters<typeof verdictOf>[0]): NonNullable<Case['expect']> {
  const outcomes = found.steps.filter(({ id }) => FORM.has(id)).map(({ outcome }) => outcome);
  if (outcomes.includes('contradicts')) return 'fail';
  return outcomes.length === FORM.size && outcomes.every((outcome) => outcome === 'matches') ? 'pass' : 'not_checked';
}
