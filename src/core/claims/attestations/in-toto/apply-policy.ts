/** A policy against what a statement says and what its certificate confirms (slsa.dev, “verifying artifacts”). */
import { AppError } from '../../../errors.ts';
import type { CertificateFacts } from '../sigstore/certificate-facts.ts';
import type { Policy } from './policy.ts';
import type { Predicate } from './predicate.ts';
import type { Statement } from './statement.ts';

/** Expectations that a kind of predicate can answer. */
const ANSWERS: Readonly<Record<Predicate['kind'], readonly (keyof Policy)[]>> = {
  provenance: ['source', 'ref', 'builder', 'buildType', 'package', 'version'],
  summary: ['verifier', 'resource', 'levels'],
  publish: ['package', 'version'],
  other: [],
};

/** True when the policy asks something that this statement is about. */
export function isAsked(policy: Policy, { kind }: Predicate): boolean {
  return ANSWERS[kind].some((key) => policy[key] !== undefined);
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
}

function applySummary(policy: Policy, { verifier, resource, levels, result }: Predicate): void {
  expectEqual('result', 'PASSED', result);
  expectEqual('verifier', policy.verifier, verifier);
  expectEqual('resource', policy.resource, resource);
  for (const wanted of policy.levels ?? []) {
    if (!levels.some((level) => covers(level, wanted))) throw mismatch('level', wanted, levels.join(', ') || 'none');
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
  const names = builder === undefined ? [] : [builder, builder.replace(/@refs\/.*$/, '')];
  if (builder === 'https://github.com/actions/runner' && runner !== undefined) names.push(`${builder}/${runner}`);
  if (!names.includes(expected)) throw mismatch('builder', expected, builder ?? 'none');
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
