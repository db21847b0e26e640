import { describe, expect, it } from 'vitest';
import { AppError } from '../../../errors.ts';
import { applyPolicy, asksBuild, isAsked } from './apply-policy.ts';
import type { Policy } from './policy.ts';
import type { Predicate } from './predicate.ts';
import type { Statement } from './statement.ts';

const statement: Statement = { type: '', predicateType: '', subjects: [], predicate: {} };
const GENERATOR = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows';
const GO = `${GENERATOR}/builder_go_slsa3.yml`;
const GITHUB = 'https://token.actions.githubusercontent.com';
const built = (builder: string): Predicate => ({ kind: 'provenance', builder, unknownParameters: [], levels: [] });

function codeOf(policy: Policy, predicate: Predicate, certificate: Parameters<typeof applyPolicy>[3]): string | null {
  try {
    applyPolicy(policy, statement, predicate, certificate);
    return null;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

describe('the builder that a policy expects', () => {
  const signed = (identity: string, more = {}) => ({ identity, issuer: GITHUB, ...more });

  it('is the workflow that the certificate is for', () => {
    expect(codeOf({ builder: GO }, built(`${GO}@refs/tags/v2.0.0`), signed(`${GO}@refs/tags/v2.0.0`))).toBeNull();
  });
  it('cannot be claimed by a workflow of somebody else', () => {
    const other = 'https://github.com/attacker/repo/.github/workflows/build.yml@refs/heads/main';
    expect(codeOf({ builder: GO }, built(`${GO}@refs/tags/v2.0.0`), signed(other))).toBe('ATTEST_POLICY');
  });
  it('may have let the generator’s delegator sign, in a release of it only', () => {
    const own = 'https://github.com/o/r/.github/workflows/builder.yml';
    const delegator = `${GENERATOR}/delegator_lowperms-generic_slsa3.yml`;
    expect(codeOf({ builder: own }, built(own), signed(`${delegator}@refs/tags/v1.6.0`))).toBeNull();
    expect(codeOf({ builder: own }, built(own), signed(`${delegator}@refs/heads/main`))).toBe('ATTEST_POLICY');
    expect(
      codeOf({ builder: own }, built(own), signed(`${delegator.replace('slsa-framework', 'x')}@refs/tags/v1.6.0`)),
    ).toBe('ATTEST_POLICY');
  });
  it('on a hosted runner of GitHub is vouched for by GitHub, and the certificate names no other runner', () => {
    const runner = 'https://github.com/actions/runner/github-hosted';
    const workflow = 'https://github.com/o/r/.github/workflows/w.yml@refs/heads/main';
    expect(codeOf({ builder: runner }, built(runner), signed(workflow, { runner: 'github-hosted' }))).toBeNull();
    expect(codeOf({ builder: runner }, built(runner), signed(workflow, { runner: 'self-hosted' }))).toBe(
      'ATTEST_POLICY',
    );
    expect(codeOf({ builder: runner }, built(runner), { identity: 'a@example.org', issuer: 'https://else' })).toBe(
      'ATTEST_POLICY',
    );
  });
  it('that no certificate can confirm stays open, and under a key is the word of whoever gave the key', () => {
    const other = 'https://example.org/builder';
    expect(codeOf({ builder: other }, built(other), signed('a@example.org'))).toBe('ATTEST_NO_BUILDER');
    expect(codeOf({ builder: other }, built(other), {})).toBeNull();
  });
});

describe('the level that a policy wants of provenance', () => {
  const certificate = { identity: `${GO}@refs/tags/v2.0.0`, issuer: GITHUB };
  it.each([
    [GO, 'SLSA_BUILD_LEVEL_3', null],
    [GO, 'SLSA_BUILD_LEVEL_2', null],
    [GO, 'SLSA_BUILD_LEVEL_4', 'ATTEST_POLICY'],
  ])('%s reaches %s: %s', (builder, level, code) => {
    expect(codeOf({ levels: [level] }, built(builder), certificate)).toBe(code);
  });
  it('is one for a builder nobody knows, whatever it says of itself', () => {
    const own = 'https://github.com/o/r/.github/workflows/own_slsa3.yml';
    const signed = { identity: `${own}@refs/heads/main`, issuer: GITHUB };
    expect(codeOf({ levels: ['SLSA_BUILD_LEVEL_1'] }, built(own), signed)).toBeNull();
    expect(codeOf({ levels: ['SLSA_BUILD_LEVEL_2'] }, built(own), signed)).toBe('ATTEST_POLICY');
  });
  it('is none while nothing confirms the builder', () => {
    const forged = { identity: 'https://github.com/a/b/.github/workflows/c.yml@refs/heads/main', issuer: GITHUB };
    expect(codeOf({ levels: ['SLSA_BUILD_LEVEL_1'] }, built(GO), forged)).toBe('ATTEST_POLICY');
  });
});

it('what a policy asks and a statement cannot answer is known', () => {
  const other: Predicate = { kind: 'other', unknownParameters: [], levels: [] };
  expect(isAsked({ source: 'x' }, other)).toBe(false);
  expect(asksBuild({ source: 'x' })).toBe(true);
  expect(asksBuild({ keyId: 'x', levels: [] })).toBe(false);
});
