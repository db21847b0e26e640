/** The published schema vectors of the model signing specification, `oms-spec`: form alone, no signature and no files. */
import { only, verdictOf, type Case, type Corpus } from '../corpus.ts';

interface SchemaCase extends Case {
  readonly file: string;
  readonly level: 'bundle schema' | 'statement schema' | 'bundle and statement';
}

/** Which of our steps says what a level of the corpus says. */
const STEPS: Readonly<Record<string, string>> = { 'bundle schema': 'bundle', 'statement schema': 'statement' };

export const omsSpec: Corpus<SchemaCase> = {
  name: 'oms-spec',
  job: (one, files) => ({ kind: 'oms', attestation: files.file(one.file), files: [], expect: {}, formOnly: true }),
  compare(one, examined) {
    const found = only(examined);
    if (typeof found === 'string') return [found];
    const verdict = verdictOf(found);
    const failed = found.steps.find(({ outcome }) => outcome === 'contradicts')?.id ?? 'no step';
    if (verdict !== one.expect) return [`${verdict} at ${failed} instead of ${one.expect}`];
    return verdict === 'pass' || STEPS[one.level] === failed ? [] : [`fails at ${failed} instead of ${one.level}`];
  },
};
