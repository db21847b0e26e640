/** A Sigstore bundle with the trust roots at hand: the shipped one, or those a person gave instead. */
import { pemOrDer } from '../../../crypto/pem.ts';
import { AppError, toErrorData } from '../../../errors.ts';
import type { AttestationInput, Supplied } from '../kind.ts';
import { Steps } from '../steps.ts';
import { checkBundle, type BundleOptions, type VerifiedBundle } from './check-bundle.ts';
import { loadSigstore } from './load.ts';
import { shippedTarget } from './shipped-root.ts';
import { readTrustRoot } from './trust.ts';

/**
 * Tries each trust root; the steps are those of the first that holds, or of the last. A root a person gives takes the
 * place of the shipped one: private instances have their own.
 *
 * @returns null when no root made all steps hold
 * @throws AppError SOURCE_* of the artifact
 */
export async function checkSigstore(
  input: Pick<AttestationInput, 'bytes' | 'expect'>,
  steps: Steps,
  options: BundleOptions = {},
): Promise<VerifiedBundle | null> {
  const engine = await loadSigstore();
  const keys = input.expect.keys.flatMap(({ bytes, keyId: id, validFor }) =>
    publicKeysIn(bytes).map((spki) => ({
      spki,
      ...(id === undefined ? {} : { id }),
      ...(validFor === undefined ? {} : { validFor }),
    })),
  );
  const given = input.expect.trustedRoots;
  const roots: readonly Supplied[] = given.length > 0 ? given : [await shippedTarget('trusted_root.json')];
  for (const [i, root] of roots.entries()) {
    const tried = new Steps();
    let verified: VerifiedBundle | null = null;
    try {
      verified = await checkBundle(engine, input.bytes, readTrustRoot(engine, root, keys), tried, options);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'ATTEST_TRUST_ROOT') throw error;
      tried.add({ id: 'certificate', outcome: 'contradicts', reason: toErrorData(error), trust: root.origin });
    }
    if (verified === null && i + 1 < roots.length) continue;
    for (const step of tried.list()) steps.add(step);
    return verified;
  }
  return null;
}

/** SubjectPublicKeyInfo (DER) of what was given. Keys of other forms (minisign, OpenSSH) are not for bundles. */
export function publicKeysIn(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    return pemOrDer(bytes, 'PUBLIC KEY');
  } catch {
    return [];
  }
}
