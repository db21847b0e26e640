/** What the person accepted on an earlier day, put to use for the kinds of attestation it was accepted for. */
import type { Expectations } from './kind.ts';

/**
 * What is given now wins over what was accepted before: a person who names a signer asks for that one and no other. Keys
 * of one kind of signature say nothing about others: provenance by a builder must not fail for the publisher’s own key.
 *
 * @param kind id of an attestation kind
 */
export function withRemembered(expect: Expectations, kind: string): Expectations {
  const mine = (expect.remembered ?? []).filter(
    ({ attestations }) => attestations.length === 0 || attestations.includes(kind),
  );
  if (mine.length === 0) return expect;
  const { keys, roots, trustedRoots, signers } = expect;
  // One signer under the shipped trust root and one under another: only the person can say which is meant now.
  const ownInstance = mine.filter((one) => one.signers.length > 0).every((one) => one.trustedRoots.length > 0);
  return {
    ...expect,
    keys: keys.length > 0 ? keys : mine.flatMap((one) => one.keys),
    roots: roots.length > 0 ? roots : mine.flatMap((one) => one.roots),
    signers: signers.length > 0 ? signers : mine.flatMap((one) => one.signers),
    trustedRoots: trustedRoots.length > 0 || !ownInstance ? trustedRoots : mine.flatMap((one) => one.trustedRoots),
  };
}
