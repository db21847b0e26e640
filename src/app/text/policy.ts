/** Words for the fields of a policy: what each expects, and how it is written. */
import type { Policy } from '../../core/claims/attestations/in-toto/policy.ts';

export type PolicyKey = keyof Policy;

interface FieldWords {
  readonly label: string;
  readonly help: string;
  readonly example: string;
}

export const POLICY_WORDS: Readonly<Record<PolicyKey, FieldWords>> = {
  source: {
    label: 'Source repository',
    help: 'Where the source lies. Compared exactly, but for https:// and .git; the certificate must name the same one.',
    example: 'github.com/org/name',
  },
  ref: {
    label: 'Branch or tag',
    help: 'As Git names it in full.',
    example: 'refs/tags/v1.0.0',
  },
  builder: {
    label: 'Builder',
    help: 'The id of the service that built it, with or without its @version. The certificate must confirm it.',
    example: 'https://github.com/org/builder/.github/workflows/build.yml',
  },
  buildType: {
    label: 'Build type',
    help: 'The address that says how to read the build’s parameters.',
    example: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
  },
  package: { label: 'Package', help: 'The name in a package registry.', example: '@org/name' },
  version: { label: 'Version', help: 'The version in that registry.', example: '1.2.3' },
  verifier: {
    label: 'Verifier',
    help: 'Who checked the artifact and signed the summary.',
    example: 'https://example.org/verifier',
  },
  resource: {
    label: 'Resource',
    help: 'The address the summary is about.',
    example: 'pkg:huggingface/org/name',
  },
  levels: {
    label: 'Levels, at least',
    help: 'Divided by blanks. For a summary what it states, for provenance what the maker of the builder states of it. A higher level of a track covers the lower ones; other names are compared as they are.',
    example: 'SLSA_BUILD_LEVEL_3',
  },
  subject: {
    label: 'Subject by another digest',
    help: 'Algorithm and digest of something that is not a file, which then is not looked for among the files.',
    example: 'gce_image_id:8970095005306000053',
  },
  keyId: { label: 'Key id', help: 'The id of the key that the envelope must name.', example: 'SHA256:…' },
};

interface PolicyGroup {
  readonly title: string;
  readonly keys: readonly PolicyKey[];
}

export const POLICY_GROUPS: readonly PolicyGroup[] = [
  { title: 'Provenance: how it was built', keys: ['source', 'ref', 'builder', 'buildType', 'package', 'version'] },
  { title: 'Verification summary: who checked it', keys: ['verifier', 'resource'] },
  { title: 'For both', keys: ['levels'] },
  { title: 'Seldom needed', keys: ['subject', 'keyId'] },
];
