/** Builders whose SLSA Build level their makers state, and what a certificate says about who built. */
import type { CertificateFacts } from '../sigstore/certificate-facts.ts';

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';
export const GITHUB_RUNNER = 'https://github.com/actions/runner';

/**
 * What the maker of each builder states of it: slsa-framework/slsa-github-generator's README (level 3 for its reusable
 * workflows), GitHub's documentation of artifact attestations and npm's of provenance (level 2 for hosted runners),
 * Google's of Cloud Build (level 3). A builder that is not here reaches level 1: provenance exists and is signed.
 */
const LEVELS: readonly (readonly [builder: RegExp, level: 2 | 3])[] = [
  [/^https:\/\/github\.com\/slsa-framework\/slsa-github-generator\/\.github\/workflows\/[a-z_-]+_slsa3\.yml$/, 3],
  [/^https:\/\/cloudbuild\.googleapis\.com\/GoogleHostedWorker$/, 3],
  [/^https:\/\/github\.com\/actions\/runner\/github-hosted$/, 2],
];

/** `SLSA_BUILD_LEVEL_n` that a builder's maker states. The builder must have been confirmed before. */
export function builderLevel(builder: string | undefined, { runner }: CertificateFacts): string {
  const named = withoutRef(builder ?? '');
  const full = named === GITHUB_RUNNER && runner !== undefined ? `${named}/${runner}` : named;
  const level = LEVELS.find(([pattern]) => pattern.test(full))?.[1] ?? 1;
  return `SLSA_BUILD_LEVEL_${level}`;
}

/** A reusable workflow on GitHub. */
export function isWorkflow(builder: string): boolean {
  return /^https:\/\/github\.com\/[^/]+\/[^/]+\/\.github\/workflows\/[^/]+$/.test(withoutRef(builder));
}

/** Signs for builders that delegate to it, after it has checked which one called (slsa-github-generator, BYOB.md). */
export function isDelegator(identity: string): boolean {
  return /^https:\/\/github\.com\/slsa-framework\/slsa-github-generator\/\.github\/workflows\/delegator_[a-z-]+_slsa3\.yml@refs\/tags\/v[\d.]+$/.test(
    identity,
  );
}

/** Without `@refs/…` or `@<commit>`. */
export function withoutRef(builder: string): string {
  return builder.replace(/@(?:refs\/.*|[0-9a-f]{40})$/, '');
}
