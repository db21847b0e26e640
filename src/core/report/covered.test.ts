import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attestation, CoveredFile, Step } from '../claims/attestations/attestation.ts';
import { STEP_IDS } from '../claims/attestations/attestation.ts';
import { ATTESTATION_AXES, axisOfStep, axisOutcome, signerEstablished } from './attestation-axes.ts';
import { coverageOf, countedFiles, STANDINGS, type Coverage } from './covered.ts';
import { toMarkdown } from './markdown.ts';
import { file, report, sums } from './situation.suite.ts';
import { coverageSentence, fileCoverWords } from './words/coverage.ts';

const step = (id: Step['id'], outcome: Step['outcome'] = 'matches'): Step => ({ id, outcome });
const HELD = [step('bundle'), step('material'), step('signature'), step('files')];
const OPEN = [step('bundle'), step('material', 'could-not-check'), step('signature', 'could-not-check'), step('files')];
const RECORD = [step('bundle'), step('files')];
const attestation = (files: readonly CoveredFile[], more: Partial<Attestation> = {}): Attestation => ({
  kind: 'oms',
  path: 'model.sig',
  outcome: 'matches',
  steps: HELD,
  signer: { method: 'key', name: 'release.pem' },
  files,
  warnings: [],
  facts: {},
  ...more,
});
const row = (path: string, state: CoveredFile['state'] = 'same'): CoveredFile => ({ path, state, expected: 'aa' });
const unsigned = (files: readonly CoveredFile[], more: Partial<Attestation> = {}): Attestation => {
  const { signer: _, ...rest } = attestation(files, { kind: 'dvc', path: 'a.dvc', steps: RECORD, ...more });
  return rest;
};

const A = file('a.safetensors', 'a');
const B = file('b.safetensors', 'b');
const made = (attestations: readonly Attestation[], files = [A, B]): Coverage =>
  coverageOf(report(files, { attestations }));
const standings = (coverage: Coverage) =>
  Object.fromEntries(coverage.files.map(({ path, standing }) => [path, standing]));

describe('which statements cover a file', () => {
  it('without any statement no file is covered, and nothing is said', () => {
    const coverage = made([]);
    expect(standings(coverage)).toEqual({ 'a.safetensors': 'none', 'b.safetensors': 'none' });
    expect(coverageSentence(coverage)).toBe(null);
    expect(fileCoverWords(coverage.files[0]!, coverage)).toBe(null);
  });
  it('a signature whose signer is established covers the files that are as signed, and names those it does not', () => {
    const coverage = made([attestation([row('a.safetensors')])]);
    expect(standings(coverage)).toEqual({ 'a.safetensors': 'established', 'b.safetensors': 'none' });
    expect(fileCoverWords(coverage.files[0]!, coverage)).toBe('covered by 1 · release.pem');
    expect(fileCoverWords(coverage.files[1]!, coverage)).toBe('not covered by any statement');
    expect(coverageSentence(coverage)).toBe(
      '1 of 2 weight files is covered by a signature whose signer is established; no statement covers b.safetensors.',
    );
  });
  it('of the one file of a model it is said in words for one', () => {
    const open = { steps: OPEN, outcome: 'could-not-check' } as const;
    const sentence = (attestations: readonly Attestation[]): string | null => coverageSentence(made(attestations, [A]));
    expect(sentence([attestation([row('a.safetensors')])])).toBe(
      'The weight file is covered by a signature whose signer is established.',
    );
    expect(sentence([attestation([row('a.safetensors')], open)])).toBe(
      'The weight file is covered by a signature whose signer is not established.',
    );
    expect(sentence([unsigned([row('a.safetensors')])])).toBe('The weight file is covered by an unsigned record only.');
    expect(sentence([attestation([row('b.safetensors')])])).toBe('No statement covers the weight file.');
  });
  it('without a key the same files are signed by nobody who is established', () => {
    const coverage = made([attestation([row('a.safetensors')], { steps: OPEN, outcome: 'could-not-check' })]);
    expect(standings(coverage)['a.safetensors']).toBe('signed');
    expect(coverageSentence(coverage)).toMatch(
      /^None of the 2 weight files is covered by .* established; 1 by one whose/,
    );
  });
  it('a name that nobody said is expected does not establish the signer', () => {
    const steps = [...HELD, step('identity', 'could-not-check')];
    expect(standings(made([attestation([row('a.safetensors')], { steps })]))['a.safetensors']).toBe('signed');
    expect(signerEstablished(attestation([], { steps: [...HELD, step('identity')] }))).toBe(true);
  });
  it('a file that differs from one statement differs, whoever else it fits', () => {
    const coverage = made([attestation([row('a.safetensors')]), unsigned([row('a.safetensors', 'changed')])]);
    expect(standings(coverage)['a.safetensors']).toBe('differs');
    expect(fileCoverWords(coverage.files[0]!, coverage)).toBe('differs from a.dvc');
  });
  it('one changed file leaves the others of the same signature covered', () => {
    const steps = [...HELD.slice(0, 3), step('files', 'contradicts')];
    const coverage = made([attestation([row('a.safetensors'), row('b.safetensors', 'changed')], { steps })]);
    expect(standings(coverage)).toEqual({ 'a.safetensors': 'established', 'b.safetensors': 'differs' });
  });
  it('a statement that does not hold covers nothing', () => {
    const steps = [step('bundle'), step('signature', 'contradicts'), step('files')];
    const { signer: _, ...broken } = attestation([row('a.safetensors')], { steps, outcome: 'contradicts' });
    const coverage = made([broken]);
    expect(coverage.speakers[0]!.weight).toBe('broken');
    expect(standings(coverage)['a.safetensors']).toBe('none');
    expect(fileCoverWords(coverage.files[0]!, coverage)).toBe('not covered by any statement');
  });
  it('a file of several shards is as its worst shard', () => {
    const parts = [row('a.safetensors'), row('a.safetensors', 'changed'), row('a.safetensors')];
    expect(standings(made([attestation(parts)]))['a.safetensors']).toBe('differs');
  });
  it('a description without a digest covers nothing and says so', () => {
    const coverage = made([unsigned([{ path: 'a.safetensors', state: 'not-checked' }])]);
    expect(standings(coverage)['a.safetensors']).toBe('described');
  });
  it('a list of digests counts beside attestations, as unsigned', () => {
    const coverage = coverageOf(
      report([A, B], { claims: [sums({ 'b.safetensors': 'b' })], attestations: [attestation([row('a.safetensors')])] }),
    );
    expect(standings(coverage)).toEqual({ 'a.safetensors': 'established', 'b.safetensors': 'recorded' });
    expect(fileCoverWords(coverage.files[1]!, coverage)).toBe('covered by 1 · SHA256SUMS');
  });
  it('a list of digests alone is told where files are compared with it, and counted for programs', () => {
    const whole = report([A, B], { claims: [sums({ 'a.safetensors': 'a' })] });
    expect(coverageSentence(coverageOf(whole))).toBe(null);
    expect(whole.coverage).toMatchObject({ of: 'weights', total: 2, uncovered: ['b.safetensors'] });
    expect(whole.coverage!.standings).toMatchObject({ recorded: 1, none: 1, established: 0 });
    expect(report([A]).coverage).toBeUndefined();
  });
  it('the summary says it too', () => {
    expect(toMarkdown(report([A, B], { attestations: [attestation([row('a.safetensors')])] }))).toContain(
      '1 of 2 weight files is covered by a signature whose signer is established; no statement covers b.safetensors.',
    );
  });
  it('files that different lists state are not all told as stated by one', () => {
    const claims = [
      sums({ 'a.safetensors': 'a' }, { name: 'one/SHA256SUMS' }),
      sums({ 'b.safetensors': 'b' }, { name: 'two/SHA256SUMS' }),
    ];
    const { axes } = report([A, B], { claims });
    expect(axes.bytes.line).toBe('Both weight files match one/SHA256SUMS and 1 other statement');
  });
  it('paths of a signature in a folder are those of the model', () => {
    const inside = file('m/a.safetensors', 'a');
    expect(standings(made([attestation([row('a.safetensors')], { path: 'm/model.sig' })], [inside]))).toEqual({
      'm/a.safetensors': 'established',
    });
  });
  it('a statement does not cover itself, and that is not held against it', () => {
    const own = file('model.sig', 's', { role: 'claim' });
    const rows = [row('a.safetensors'), row('model.sig', 'ignored')];
    expect(made([attestation(rows)], [A, own]).files[1]!.by).toEqual([]);
  });
  it('a file that is listed and missing is no file of the report', () => {
    expect(made([attestation([row('gone.safetensors', 'missing')])]).files).toHaveLength(2);
  });
});

describe('three axes', () => {
  it('every step is on one of them', () => {
    for (const id of STEP_IDS) expect(ATTESTATION_AXES).toContain(axisOfStep(id));
  });
  it('files that differ leave the signature standing', () => {
    const one = attestation([], { steps: [...HELD.slice(0, 3), step('files', 'contradicts')] });
    expect(axisOutcome('integrity', one)).toBe('contradicts');
    expect(axisOutcome('authenticity', one)).toBe('matches');
    expect(axisOutcome('policy', one)).toBe('no-claim');
  });
});

it('whatever attestations say, each file has one standing, and only a file that somebody states is covered', () => {
  const state = fc.constantFrom('same', 'changed', 'missing', 'extra', 'ignored', 'not-checked') as fc.Arbitrary<
    CoveredFile['state']
  >;
  const rows = fc.array(
    fc.record({ path: fc.constantFrom('a.safetensors', 'b.safetensors', 'c'), state, expected: fc.constant('aa') }),
  );
  const steps = fc.array(
    fc.record({
      id: fc.constantFrom(...STEP_IDS),
      outcome: fc.constantFrom('matches', 'contradicts', 'could-not-check', 'no-claim') as fc.Arbitrary<
        Step['outcome']
      >,
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ rows, steps }), { maxLength: 4 }), (given) => {
      const coverage = made(given.map((one) => attestation(one.rows, { steps: one.steps })));
      for (const { path, standing, by } of countedFiles(coverage)) {
        expect(STANDINGS).toContain(standing);
        const same = given.some((one) => one.rows.some((r) => r.path === path && r.state === 'same'));
        if (['established', 'signed', 'recorded'].includes(standing)) expect(same).toBe(true);
        expect(by.length).toBeLessThanOrEqual(given.length);
        expect(fileCoverWords({ path, standing, by, role: 'weights' }, coverage) ?? '').not.toMatch(/undefined/);
      }
      if (given.length > 0) expect(coverageSentence(coverage)).toMatch(/\.$/);
    }),
  );
});
