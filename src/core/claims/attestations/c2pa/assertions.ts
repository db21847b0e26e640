/** The assertions of a manifest against the digests in its claim (C2PA 2.4 section 15.10). */
import { toHex } from '../../../bytes/hex.ts';
import { AppError } from '../../../errors.ts';
import type { Claim, ClaimHash } from './claim.ts';
import type { C2paManifest } from './store.ts';

const WEB_CRYPTO: Readonly<Record<ClaimHash, string>> = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };

/**
 * Every assertion that is claimed is here and unchanged, and none is here that is not claimed.
 *
 * @throws AppError ATTEST_ASSERTION {label, why}
 */
export async function checkAssertions({ assertions }: C2paManifest, claim: Claim): Promise<number> {
  for (const { label, hash, digest } of claim.assertions) {
    const box = assertions.get(label);
    if (box === undefined) throw new AppError('ATTEST_ASSERTION', { label, why: 'it is not here' });
    const actual = toHex(new Uint8Array(await crypto.subtle.digest(WEB_CRYPTO[hash], box.payload.slice())));
    if (actual !== digest) throw new AppError('ATTEST_ASSERTION', { label, why: 'it was changed' });
  }
  const claimed = new Set(claim.assertions.map(({ label }) => label));
  for (const label of assertions.keys()) {
    if (!claimed.has(label)) throw new AppError('ATTEST_ASSERTION', { label, why: 'nobody claimed it' });
  }
  return assertions.size;
}
