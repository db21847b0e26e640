/** SLSA provenance, npm's pairs and verification summaries: `slsa`, with the table of policies in the same file. */
import type { Attestation } from '../../../../src/core/claims/attestations/attestation.ts';
import type { AttestationJob, CaseFile } from '../compute.ts';
import { failedStep, type Case, type CaseFolder, type Corpus } from '../corpus.ts';

interface SlsaCase extends Case {
  readonly kind: 'npm' | 'vsa' | 'gha provenance' | 'sigstore bundle' | 'npm policy';
  readonly file?: string;
  readonly bundle?: string;
  readonly trusted_root?: string;
  readonly artifact?: string;
  readonly artifact_sha256?: string;
  readonly artifact_size?: number;
  readonly attestations?: readonly { readonly kind: string; readonly expect: string }[];
  readonly public_key?: string;
  readonly key_id?: string;
  readonly subject?: string;
  readonly verifier_id?: string;
  readonly resource_uri?: string;
  readonly levels?: readonly string[];
  readonly source?: string;
  readonly builder_id?: string | null;
  readonly package?: string | null;
  readonly version?: string | null;
}

export const slsa: Corpus<SlsaCase> = {
  name: 'slsa',

  more(document) {
    const { npm_policy: rows, cases } = document as unknown as {
      readonly npm_policy: readonly (SlsaCase & { readonly case: string })[];
      readonly cases: readonly SlsaCase[];
    };
    return rows.map((row) => {
      const { file, artifact } = cases.find(({ id }) => id === row.case)!;
      return { ...row, kind: 'npm policy', file: file!, ...(artifact === undefined ? {} : { artifact }) };
    });
  },

  job(one, files) {
    const path = one.file ?? one.bundle!;
    const attestation = files.file(path);
    return {
      kind: one.bundle !== undefined && one.kind === 'sigstore bundle' ? 'sigstore' : 'in-toto',
      attestation,
      files: artifactOf(one, files, attestation),
      expect: {
        ...(one.trusted_root === undefined ? {} : { trustedRoots: [files.path(one.trusted_root)] }),
        ...(one.public_key === undefined ? {} : { keys: [files.path(one.public_key)] }),
        ...policyOf(one),
      },
    };
  },

  compare(one, examined) {
    if (!examined.ok) return [`could not be examined: ${examined.error.code}`];
    const { attestations } = examined;
    if (one.kind === 'npm') {
      const found = attestations.map((found) => verdict(found));
      const expected = one.attestations!.map(({ expect }) => expect);
      return found.join() === expected.join() ? [] : [`${found.join()} instead of ${expected.join()}`];
    }
    if (one.kind === 'npm policy') return comparePolicy(one, attestations);
    const [found] = attestations;
    if (found === undefined || attestations.length !== 1) return [`${attestations.length} attestations instead of one`];
    const actual = verdict(found);
    if (actual !== one.expect) return [`${actual} at ${failedStep(found) ?? 'no step'} instead of ${one.expect}`];
    const step = one.step === 'subject' ? 'files' : one.step;
    const failed = failedStep(found);
    return actual !== 'fail' || step === failed ? [] : [`fails at ${failed} instead of ${step}`];
  },
};

/** The artifact, by its digests where its bytes are not in the corpus. */
function artifactOf(one: SlsaCase, files: CaseFolder, beside: CaseFile): readonly CaseFile[] {
  const { artifact, artifact_sha256: sha256 } = one;
  if (sha256 !== undefined) return [{ ...beside, path: 'artifact', size: one.artifact_size ?? 0, digests: { sha256 } }];
  if (artifact === undefined) return [];
  const stated = files.document['artifacts'] as Readonly<Record<string, { readonly sha512: string } | undefined>>;
  return [{ ...beside, path: `${artifact}.tgz`, digests: { sha512: stated[artifact]?.sha512 ?? '' } }];
}

function policyOf(one: SlsaCase): Partial<AttestationJob['expect']> {
  const stated = (value: string | null | undefined, key: string): Readonly<Record<string, string>> =>
    value === undefined || value === null ? {} : { [key]: value };
  if (one.kind === 'vsa') {
    const policy = {
      ...stated(one.key_id, 'keyId'),
      ...stated(one.subject, 'subject'),
      ...stated(one.verifier_id, 'verifier'),
      ...stated(one.resource_uri, 'resource'),
      levels: one.levels ?? [],
    };
    return { policyText: JSON.stringify(policy) };
  }
  if (one.kind !== 'npm policy') return {};
  const policy = {
    ...stated(one.source, 'source'),
    ...stated(one.builder_id, 'builder'),
    ...stated(one.package, 'package'),
    ...stated(one.version, 'version'),
  };
  return { policyText: JSON.stringify(policy) };
}

/**
 * These cases name no signer and some no artifact: what they expect is about the proofs. Everything else that could not be
 * checked counts.
 */
function verdict({ steps }: Attestation): string {
  if (steps.some(({ outcome }) => outcome === 'contradicts')) return 'fail';
  const open = steps.filter(({ outcome }) => outcome === 'could-not-check').map(({ id }) => id);
  return open.every((id) => id === 'identity' || id === 'files') ? 'pass' : 'not_checked';
}

/** The upstream tool insists on a builder; without one, ours says that nothing was expected of it. */
function comparePolicy(one: SlsaCase, attestations: readonly Attestation[]): readonly string[] {
  const found = attestations.some((found) => verdict(found) === 'fail') ? 'fail' : 'pass';
  if (one.builder_id === null && one.expect === 'fail') return [];
  return found === one.expect ? [] : [`${found} instead of ${one.expect}`];
}
