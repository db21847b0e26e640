/**
 * The one authority that quotes of Azure machines lead to. Only its fingerprint is kept: a proof carries the certificate
 * itself, and one with this SHA-256 is that certificate.
 */
import { toHex } from '../../../bytes/hex.ts';
import { sha256 } from '../../../crypto/digest.ts';
import type { TrustOrigin } from '../attestation.ts';

/**
 * “Azure Virtual TPM Root Certificate Authority 2023”, valid to 2048-06-01. Microsoft publishes the certificate in its
 * questions and answers about Trusted Launch; the copy in AICert's client (commit 0f35285) has the same digest.
 */
const AZURE_VTPM_ROOT_2023 = 'e6c596b17f8ffefba5c300f714cfb1260c6028704ecf7becc4ab5018efb00e95';

export const AZURE_ROOT: TrustOrigin = {
  from: 'shipped',
  name: 'the fingerprint of Azure Virtual TPM Root Certificate Authority 2023',
  date: '2023-06-01',
  sha256: AZURE_VTPM_ROOT_2023,
};

/** Those of these certificates (DER) that are the shipped root. */
export async function shippedRoots(certificates: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const digests = await Promise.all(certificates.map(async (der) => toHex(await sha256(der))));
  return certificates.filter((_, i) => digests[i] === AZURE_VTPM_ROOT_2023);
}
