/**
 * Whether one certificate was signed by another, asked of the platform's own crypto before the package asks. The package
 * can only ask synchronously, of arithmetic in JavaScript that takes milliseconds for P-384, and asks the same of the same
 * two again: of the authorities for every bundle, of the leaf for every timestamp. The answer never changes.
 */
import { parsePublicKey, verifySignature, type Hash } from '../../../crypto/public-key.ts';
import { SIGSTORE_CHAIN_MAX } from '../../../limits.ts';
import type { SignedEntity, TrustMaterial } from './engine.ts';
import type { SigstoreTrust } from './trust.ts';

type Certificate = TrustMaterial['certificateAuthorities'][number]['certChain'][number];

const HASHES: Readonly<Record<string, Hash>> = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };

/** Everything that will be asked about the signer's certificate and its timestamps, as far as the trust root has it. */
export async function answerAhead({ key, timestamps }: SignedEntity, trust: SigstoreTrust): Promise<void> {
  const { certificateAuthorities, timestampAuthorities } = trust.material;
  if (key.$case === 'certificate') {
    const leaf = key.certificate;
    const chains = certificateAuthorities
      .map(({ certChain }) => certChain)
      .filter((chain) => chain.some((one) => maySign(one, leaf)));
    await answerFor(leaf, chains.flat());
    for (const chain of chains) await answerChain(chain, trust);
  }
  if (timestamps.some(({ $case }) => $case === 'timestamp-authority')) {
    for (const { certChain } of timestampAuthorities) await answerChain(certChain, trust);
  }
}

/** Among the certificates of a chain each may be signed by another or by itself. */
async function answerChain(chain: readonly Certificate[], { answered }: SigstoreTrust): Promise<void> {
  if (answered?.has(chain) === true) return;
  answered?.add(chain);
  for (const certificate of chain) await answerFor(certificate, chain);
}

/** Answers for one certificate and those that may have signed it. Whatever is not answered here the package works out. */
async function answerFor(certificate: Certificate, issuers: readonly Certificate[]): Promise<void> {
  const known = new Map<Certificate | undefined, boolean>();
  for (const issuer of issuers.filter((one) => maySign(one, certificate)).slice(0, SIGSTORE_CHAIN_MAX)) {
    const answer = await signedBy(certificate, issuer);
    if (answer === null) continue;
    known.set(issuer, answer);
    // Of a certificate that bears its own name the package asks without naming anybody.
    if (issuer === certificate) known.set(undefined, answer);
  }
  const ask = certificate.verify.bind(certificate);
  certificate.verify = (issuer) => {
    const answer = known.get(issuer) ?? ask(issuer);
    known.set(issuer, answer);
    return answer;
  };
}

function maySign(issuer: Certificate, certificate: Certificate): boolean {
  const wanted = certificate.extAuthorityKeyID?.keyIdentifier;
  const own = issuer.extSubjectKeyID?.keyIdentifier;
  if (issuer !== certificate && wanted !== undefined && own !== undefined && !same(own, wanted)) return false;
  return same(issuer.subject, certificate.issuer);
}

/** Null when the platform cannot tell. */
async function signedBy(certificate: Certificate, issuer: Certificate): Promise<boolean | null> {
  try {
    const hash = HASHES[certificate.signatureAlgorithm];
    if (hash === undefined) return null;
    const key = parsePublicKey(issuer.publicKey);
    return await verifySignature(key, certificate.tbsCertificate.toDER(), certificate.signatureValue, { hash });
  } catch {
    return null;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
