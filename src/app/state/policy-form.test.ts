import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attestation } from '../../core/claims/attestations/attestation.ts';
import { POLICY_GROUPS, POLICY_WORDS, type PolicyKey } from '../text/policy.ts';
import { fieldText, readDraft, statedPolicies, withField, writePolicy } from './policy-form.ts';

const KEYS = Object.keys(POLICY_WORDS) as PolicyKey[];

describe('a policy in the form', () => {
  it('reads back whatever is entered in any field, and nothing of a field that was emptied', () => {
    const text = fc.string({ minLength: 1 }).filter((one) => one.trim() !== '');
    fc.assert(
      fc.property(fc.constantFrom(...KEYS.filter((key) => key !== 'levels')), text, (key, entered) => {
        const { policy, error } = readDraft(withField({ levels: ['A'] }, key, entered));
        expect(error).toBeNull();
        expect(fieldText(policy, key)).toBe(entered.trim());
        expect(fieldText(policy, 'levels')).toBe('A');
        expect(withField({ [key]: entered }, key, '  ')).toBe('');
      }),
    );
  });
  it('takes levels divided by blanks or commas', () => {
    const json = withField({}, 'levels', ' SLSA_BUILD_LEVEL_3, FEDRAMP_HIGH ');
    expect(JSON.parse(json)).toEqual({ levels: ['SLSA_BUILD_LEVEL_3', 'FEDRAMP_HIGH'] });
    expect(fieldText(readDraft(json).policy, 'levels')).toBe('SLSA_BUILD_LEVEL_3 FEDRAMP_HIGH');
    expect(withField({ levels: ['A'] }, 'levels', ' , ')).toBe('');
  });
  it.each([
    ['{"sources":"x"}', '“sources” is not understood'],
    ['{"source":1}', '“source” is not understood'],
    ['{"levels":"A"}', '“levels” is not understood'],
    ['{"source":"a","source":"b"}', 'not JSON'],
    ['{', 'not JSON'],
    ['[]', 'not an object'],
  ])('refuses %s as the check itself does', (text, why) => {
    expect(readDraft(text)).toMatchObject({ policy: {}, error: { code: 'ATTEST_POLICY_FILE', detail: { why } } });
  });
  it('that asks nothing is no policy', () => {
    expect(readDraft('  ')).toEqual({ policy: {}, error: null });
    expect(writePolicy({})).toBe('');
  });
  it('has every field of the format in one group', () => {
    expect(POLICY_GROUPS.flatMap(({ keys }) => keys).toSorted()).toEqual(KEYS.toSorted());
    for (const key of KEYS) {
      const value = key === 'levels' ? ['x'] : 'x';
      expect(readDraft(JSON.stringify({ [key]: value })).error, key).toBeNull();
    }
  });
});

it('what statements say of themselves is offered, and nothing else of them', () => {
  const attestation = (path: string, facts: Attestation['facts']): Attestation => ({
    kind: 'in-toto',
    path,
    outcome: 'matches',
    steps: [],
    files: [],
    warnings: [],
    facts,
  });
  expect(
    statedPolicies([
      attestation('a.jsonl', { source: 'github.com/o/r', builder: 'https://b', subjects: 3, predicateType: 'x' }),
      attestation('vsa.jsonl', { predicateType: 'y', verifier: 'https://v', levels: 'SLSA_BUILD_LEVEL_2, X' }),
      attestation('bill.json', { source: 'a free text' }),
      attestation('model.sig', { predicateType: 'z', root: 'sha256:…', source: 7 }),
    ]),
  ).toEqual([
    { path: 'a.jsonl', policy: { source: 'github.com/o/r', builder: 'https://b' } },
    { path: 'vsa.jsonl', policy: { verifier: 'https://v', levels: ['SLSA_BUILD_LEVEL_2', 'X'] } },
  ]);
});
