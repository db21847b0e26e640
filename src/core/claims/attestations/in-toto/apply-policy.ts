/** A policy against what a statement says and what its certificate confirms (slsa.dev, “verifying artifacts”). */
import { AppError } from '../../../errors.ts';
import { builderLevel, GITHUB_ISSUER, GITHUB_RUNNER, isDelegator, isWorkflow, withoutRef } from './builders.ts';
import type { CertificateFacts } from '../sigstore/certificate-facts.ts';
import type { Policy } from './policy.ts';
import type { Predicate } from './predicate.ts';
import type { Statement } from './statement.ts';

/** Expectations that a kind of predicate can answer. */
const ANSWERS: Readonly<Record<Predicate['kind'], readonly (keyof Policy)[]>> = {
  provenance: ['source', 'ref', 'builder', 'buildType', 'package', 'version', 'levels'],
  summary: ['verifier', 'resource', 'levels'],
  publish: ['package', 'version'],
  other: [],
};

/** True when the policy asks something that this statement is about. */
export function isAsked(policy: Policy, { kind }: Predicate): boolean {
  return ANSWERS[kind].some((key) => policy[key] !== undefined);
}

/** True when it asks how something was made or verified at all. */
export function asksBuild(policy: Policy): boolean {
  return Object.values(ANSWERS)
    .flat()
    .some((key) => policy[key] !== undefined && policy[key].length > 0);
}

/** @throws AppError ATTEST_POLICY {what, expected, actual} for the first expectation that is not met */
export function applyPolicy(
  policy: Policy,
  statement: Statement,
  predicate: Predicate,
  certificate: CertificateFacts,
): void {
  const { kind } = predicate;
  if (kind === 'summary') return applySummary(policy, predicate);
  const named = packageOf(statement);
  expectEqual('package', policy.package, named.name);
  expectEqual('version', policy.version, named.version);
  if (kind !== 'provenance') return;
  expectSource(policy.source, predicate, certificate);
  expectEqual('ref', policy.ref, predicate.ref);
  expectEqual('build type', policy.buildType, predicate.buildType);
  expectBuilder(policy.builder, predicate.builder, certificate);
  if (policy.builder === undefined && policy.levels === undefined) return;
  requireConfirmed(predicate.builder, certificate);
  expectLevels(policy.levels, [builderLevel(predicate.builder, certificate)]);
}

function applySummary(policy: Policy, { verifier, resource, levels, result }: Predicate): void {
  expectEqual('result', 'PASSED', result);
  expectEqual('verifier', policy.verifier, verifier);
  expectEqual('resource', policy.resource, resource);
  expectLevels(policy.levels, levels);
}

function expectLevels(expected: readonly string[] = [], reached: readonly string[]): void {
  for (const wanted of expected) {
    if (!reached.some((level) => covers(level, wanted))) throw mismatch('level', wanted, reached.join(', ') || 'none');
  }
}

/** A higher level of a track covers the lower ones: `SLSA_BUILD_LEVEL_3` covers `SLSA_BUILD_LEVEL_1`. */
function covers(level: string, wanted: string): boolean {
  if (level === wanted) return true;
  const [, track, reached] = /^(SLSA_[A-Z]+_LEVEL_)(\d)$/.exec(level) ?? [];
  const [, other, asked] = /^(SLSA_[A-Z]+_LEVEL_)(\d)$/.exec(wanted) ?? [];
  return track !== undefined && track === other && Number(reached) >= Number(asked);
}

/** Exactly, but for the scheme. The certificate, which the builder cannot choose, must not name another one. */
function expectSource(expected: string | undefined, { source }: Predicate, { repository }: CertificateFacts): void {
  if (source !== undefined && repository !== undefined && plain(source) !== plain(repository)) {
    throw mismatch('source named by the certificate', plain(source), plain(repository));
  }
  if (expected === undefined) return;
  if (source === undefined || plain(source) !== plain(expected))
    throw mismatch('source', plain(expected), plain(source ?? 'none'));
}

function plain(repository: string): string {
  return repository
    .replace(/^git\+/, '')
    .replace(/^https:\/\//, '')
    .replace(/\.git$/, '');
}

/**
 * The id, with or without its version. Statements of npm's first form say only `…/actions/runner`; which runner it was is
 * in the certificate.
 */
function expectBuilder(expected: string | undefined, builder: string | undefined, { runner }: CertificateFacts): void {
  if (expected === undefined) return;
  const names = builder === undefined ? [] : [builder, withoutRef(builder)];
  if (builder === 'https://github.com/actions/runner' && runner !== undefined) names.push(`${builder}/${runner}`);
  if (!names.includes(expected)) throw mismatch('builder', expected, builder ?? 'none');
}

/**
 * A statement may name any builder; who signed it is in the certificate. A build on GitHub is signed for the workflow that
 * made it, so that workflow must be the builder. Under a key, the person who gave it answers for the builder.
 *
 * @throws AppError ATTEST_POLICY; ATTEST_NO_BUILDER when nothing in the certificate says who built it
 */
function requireConfirmed(builder: string | undefined, { identity, issuer, runner }: CertificateFacts): void {
  if (identity === undefined || builder === undefined) return;
  if (isWorkflow(builder)) {
    if (withoutRef(identity) !== withoutRef(builder) && !isDelegator(identity))
      throw mismatch('builder named by the certificate', withoutRef(builder), withoutRef(identity));
  } else if (builder.startsWith(GITHUB_RUNNER)) {
    if (issuer !== GITHUB_ISSUER) throw mismatch('who vouches for the builder', GITHUB_ISSUER, issuer ?? 'none');
    const [, hosted] = /\/runner\/([a-z-]+)$/.exec(builder) ?? [];
    if (hosted !== undefined && runner !== undefined && hosted !== runner)
      throw mismatch('runner named by the certificate', hosted, runner);
  } else throw new AppError('ATTEST_NO_BUILDER', { actual: builder });
}

/** `pkg:npm/%40scope/name@1.0` names package and version. */
function packageOf({ subjects }: Statement): { readonly name?: string; readonly version?: string } {
  const [, name, version] = /^pkg:[a-z]+\/(.+)@([^@]+)$/.exec(subjects[0]?.name ?? '') ?? [];
  if (name === undefined || version === undefined) return {};
  try {
    return { name: decodeURIComponent(name), version: decodeURIComponent(version) };
  } catch {
    return { name, version };
  }
}

function expectEqual(what: string, expected: string | undefined, actual: string | undefined): void {
  if (expected !== undefined && expected !== actual) throw mismatch(what, expected, actual ?? 'none');
}

function mismatch(what: string, expected: string, actual: string): AppError {
  return new AppError('ATTEST_POLICY', { what, expected, actual });
}
