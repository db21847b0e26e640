/** A Sigstore bundle with the trust roots at hand: the shipped one, or those a person gave instead. */
import { AppError, toErrorData } from '../../../errors.ts';
import { readGivenKeys } from '../detached/given-keys.ts';
import type { AttestationInput } from '../kind.ts';
import { Steps } from '../steps.ts';
import { checkBundle, type BundleOptions, type VerifiedBundle } from './check-bundle.ts';
import { loadSigstore } from './load.ts';
import { TrustMemory } from './trust-memory.ts';

/**
 * Tries each trust root; the steps are those of the first that holds, or of the last given, or of the public one. A root a
 * person gives for this check takes the place of the public one and of those that are kept: private instances have their own.
 *
 * @returns null when no root made all steps hold
 * @throws AppError SOURCE_* of the artifact
 */
export async function checkSigstore(
  input: Pick<AttestationInput, 'bytes' | 'expect' | 'now' | 'trustMemory'>,
  steps: Steps,
  options: BundleOptions = {},
): Promise<VerifiedBundle | null> {
  const memory = input.trustMemory ?? new TrustMemory();
  const given = input.expect.trustedRoots;
  const { publicRoot, trustedRoots: more = [] } = input.expect.kept ?? {};
  // Both are asked for at once: neither waits for the other to arrive.
  const [engine, roots] = await Promise.all([
    loadSigstore(),
    given.length > 0 ? given : Promise.all([publicRoot ?? memory.shipped(), ...more]),
  ]);
  const keys = input.expect.keys.flatMap(({ bytes, keyId: id, validFor, origin }) =>
    publicKeysIn(bytes).map((spki) => ({
      spki,
      origin,
      ...(id === undefined ? {} : { id }),
      ...(validFor === undefined ? {} : { validFor }),
    })),
  );
  let first: Steps | null = null;
  for (const [i, root] of roots.entries()) {
    const tried = new Steps();
    let verified: VerifiedBundle | null = null;
    try {
      verified = await checkBundle(engine, input.bytes, memory.read(engine, root, keys), tried, {
        ...options,
        now: input.now,
      });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'ATTEST_TRUST_ROOT') throw error;
      // One that was kept may be of an earlier version of this program: that says nothing about the bundle.
      const outcome = given.length > 0 ? 'contradicts' : 'could-not-check';
      tried.add({ id: 'certificate', outcome, reason: toErrorData(error), trust: root.origin });
    }
    first ??= tried;
    if (verified === null && i + 1 < roots.length) continue;
    // Kept roots are of other instances: when none of them knows the bundle, what the public one says counts.
    for (const step of (verified === null && given.length === 0 ? first : tried).list()) steps.add(step);
    return verified;
  }
  return null;
}

/** SubjectPublicKeyInfo (DER) of what was given. Keys of other forms (minisign, OpenSSH) are not for bundles. */
export function publicKeysIn(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    const given = readGivenKeys({ bytes, origin: { from: 'given', name: '' } });
    return given.flatMap((one) => (one.form === 'pem' ? [one.key.spki] : []));
  } catch {
    return [];
  }
}
