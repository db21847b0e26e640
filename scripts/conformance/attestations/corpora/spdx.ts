/** SPDX 3.0 bills of models and data sets: `spdx-ai`. */
import type { Attestation } from '../../../../src/core/claims/attestations/attestation.ts';
import { failedStep, only, verdictOf, type Case, type Corpus } from '../corpus.ts';

interface SpdxCase extends Case {
  readonly file: string;
  readonly files?: string;
  readonly findings?: { readonly differs?: readonly string[] };
  /** What an independent reader found in the document. */
  readonly facts?: {
    readonly context: string;
    readonly types: Readonly<Record<string, number>>;
    readonly hashes: number;
    readonly ai_packages: readonly string[];
  };
}

export const spdx: Corpus<SpdxCase> = {
  name: 'spdx-ai',
  job(one, files) {
    const bill = files.file(one.file);
    return {
      kind: 'spdx',
      attestation: bill,
      files: [...(one.files === undefined ? [] : files.files(one.files)), bill],
      expect: {},
    };
  },
  compare(one, examined) {
    const found = only(examined);
    if (typeof found === 'string') return [found];
    const verdict = verdictOf(found);
    if (verdict !== one.expect) return [`${verdict} at ${failedStep(found) ?? 'no step'} instead of ${one.expect}`];
    const changed = found.files.filter(({ state }) => state === 'changed').map(({ path }) => path);
    const expected = one.findings?.differs ?? [];
    return [
      ...(changed.join('|') === expected.join('|') ? [] : [`differs: ${changed.join(', ')}`]),
      ...compareFacts(one, found),
    ];
  },
};

function compareFacts({ facts: expected }: SpdxCase, { facts }: Attestation): readonly string[] {
  if (expected === undefined) return [];
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['version', facts['specVersion'], /rdf\/([^/]+)\//.exec(expected.context)?.[1]],
    ['elements', facts['elements'], Object.values(expected.types).reduce((sum, n) => sum + n, 0)],
    ['hashes', facts['hashes'], expected.hashes],
    ['models', facts['models'], expected.ai_packages.join(', ')],
  ];
  return pairs.flatMap(([what, actual, wanted]) =>
    actual === wanted ? [] : [`${what}: ${String(actual)} instead of ${String(wanted)}`],
  );
}
