/** Sigstore bundles: the public conformance suite, and own cases derived from a real bundle or made with own authorities. */
import { failedStep, only, verdictOf, type Case, type Corpus } from '../corpus.ts';

interface SigstoreCase extends Case {
  readonly bundle: string;
  readonly artifact?: string;
  readonly trusted_root: string;
  readonly identity?: string;
  readonly issuer?: string;
  readonly key?: string;
  readonly model?: string;
  readonly base?: string;
}

export const sigstoreConformance: Corpus<SigstoreCase> = {
  name: 'sigstore-conformance',
  job(one, files) {
    const { identity, issuer } = one;
    const artifact = files.file(one.artifact!);
    return {
      kind: 'sigstore',
      attestation: files.file(one.bundle, `${artifact.path}.sigstore.json`),
      files: [artifact],
      expect: {
        trustedRoots: [files.path(one.trusted_root)],
        keys: one.key === undefined ? [] : [files.path(one.key)],
        signers: identity === undefined ? [] : [{ identity, ...(issuer === undefined ? {} : { issuer }) }],
      },
    };
  },
  compare(one, examined) {
    const found = only(examined);
    if (typeof found === 'string') return [found];
    const verdict = verdictOf(found);
    // The suite knows accepted and not accepted; a bundle for which no key was given is not accepted.
    if (one.expect === 'fail' && verdict === 'not_checked') return [];
    return verdict === one.expect ? [] : [`${verdict} at ${failedStep(found) ?? 'no step'} instead of ${one.expect}`];
  },
};

/** Names of steps in the corpus that cover several of ours. */
const STEPS: Readonly<Record<string, readonly string[]>> = { certificate: ['certificate', 'sct'] };

export const sigstoreGenerated: Corpus<SigstoreCase> = {
  name: 'sigstore-generated',
  job(one, files) {
    // Cases of a real bundle have their files where the bundle came from.
    const model = one.model ?? `../${one.base!}`;
    return {
      kind: 'oms',
      attestation: files.file(one.bundle, 'model.sig'),
      files: files.files(model),
      expect: {
        method: 'sigstore',
        trustedRoots: [files.path(one.trusted_root)],
        signers: [{ identity: one.identity!, issuer: one.issuer! }],
      },
    };
  },
  compare(one, examined) {
    const found = only(examined);
    if (typeof found === 'string') return [found];
    const verdict = verdictOf(found);
    const failed = failedStep(found);
    if (verdict !== one.expect) return [`${verdict} at ${failed ?? 'no step'} instead of ${one.expect}`];
    if (verdict !== 'fail' || (STEPS[one.step!] ?? [one.step]).includes(failed!)) return [];
    return [`fails at ${failed} instead of ${one.step}`];
  },
};
