/** Who signed against whom the person expects. Compared exactly: no pattern, no prefix, no change of case. */
import type { ExpectedSigner } from './kind.ts';
import type { Steps } from './steps.ts';

export function checkIdentity(
  steps: Steps,
  actual: { readonly identity: string; readonly issuer?: string },
  expected: readonly ExpectedSigner[],
): void {
  if (steps.failed !== null) return;
  const { identity, issuer } = actual;
  const detail = { actual: identity, ...(issuer === undefined ? {} : { issuer }) };
  if (expected.length === 0) {
    steps.unchecked('identity', { code: 'ATTEST_NO_IDENTITY', detail });
    return;
  }
  const same = expected.find((one) => one.identity === identity && (one.issuer === undefined || one.issuer === issuer));
  const wanted = expected.map((one) => (one.issuer === undefined ? one.identity : `${one.identity} by ${one.issuer}`));
  if (same !== undefined) steps.matches('identity', { detail, ...(same.origin && { trust: same.origin }) });
  else steps.contradicts('identity', 'ATTEST_IDENTITY', { ...detail, expected: wanted.join(', ') });
}
