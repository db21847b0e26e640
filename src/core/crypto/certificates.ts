/** X.509 certificates (RFC 5280): paths from a leaf to a root that a person gave. */
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate,
} from '@peculiar/x509';
import { toHex } from '../bytes/hex.ts';
import { AppError } from '../errors.ts';
import { CERTIFICATES_MAX, CERTIFICATE_PATH_MAX } from '../limits.ts';

export type { X509Certificate };

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';

/** @param der one certificate each @throws AppError ATTEST_CERTIFICATE */
export function readCertificates(der: readonly Uint8Array[]): readonly X509Certificate[] {
  if (der.length > CERTIFICATES_MAX) throw new AppError('ATTEST_CERTIFICATE', { why: 'too many certificates' });
  return der.map((bytes) => {
    try {
      return new X509Certificate(bytes.slice());
    } catch (error) {
      throw new AppError('ATTEST_CERTIFICATE', { why: 'one is malformed' }, error);
    }
  });
}

/** SubjectPublicKeyInfo, DER. @throws AppError ATTEST_CERTIFICATE: it is read only now, and may be malformed by itself */
export function certificateKey(certificate: X509Certificate): Uint8Array {
  try {
    return new Uint8Array(certificate.publicKey.rawData);
  } catch (error) {
    throw new AppError('ATTEST_CERTIFICATE', { why: 'its key is malformed' }, error);
  }
}

/**
 * A path from the leaf through intermediates to one of the roots: each name is the next subject, each signature is by the
 * next key, everything above the leaf is a CA that may sign certificates, and path lengths hold. Validity in time is not
 * looked at: see `outOfTime`. Names alone never make a certificate self-signed, because real leaves bear their issuer's.
 *
 * @returns leaf first, root last
 * @throws AppError ATTEST_CERTIFICATE {why}
 */
export async function certificatePath(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): Promise<readonly X509Certificate[]> {
  const known = new Set(roots.map(identity));
  if (known.has(identity(leaf))) return [leaf];
  const candidates = [...roots, ...intermediates];
  // Breadth first, so that the shortest path wins; a certificate stands in a path once.
  let paths: X509Certificate[][] = [[leaf]];
  let reason = 'it does not lead to a root that was given';
  for (let length = 1; length < CERTIFICATE_PATH_MAX && paths.length > 0; length++) {
    const longer: X509Certificate[][] = [];
    for (const path of paths) {
      const last = path.at(-1)!;
      for (const issuer of candidates) {
        if (issuer.subject !== last.issuer || path.some((one) => identity(one) === identity(issuer))) continue;
        if (!(await isSignedBy(last, issuer))) continue;
        const refused = notAnIssuer(issuer, path.length - 1);
        if (refused !== null) {
          reason = refused;
          continue;
        }
        if (known.has(identity(issuer))) return [...path, issuer];
        if (longer.length < CERTIFICATES_MAX) longer.push([...path, issuer]);
      }
    }
    paths = longer;
  }
  throw new AppError('ATTEST_CERTIFICATE', { why: reason });
}

/** Which certificate of a path is not valid at a time, or null. */
export function outOfTime(path: readonly X509Certificate[], time: Date): X509Certificate | null {
  return path.find(({ notBefore, notAfter }) => time < notBefore || time > notAfter) ?? null;
}

/** @throws AppError ATTEST_CERTIFICATE when the leaf is neither for digital signatures nor for signing code */
export function requireSigningUse(leaf: X509Certificate): void {
  const usage = leaf.getExtension(KeyUsagesExtension);
  const digital = usage !== null && (usage.usages & KeyUsageFlags.digitalSignature) !== 0;
  const code = hasPurpose(leaf, CODE_SIGNING);
  if (!digital && !code) throw new AppError('ATTEST_CERTIFICATE', { why: 'it is not meant for signing' });
}

/** True when the certificate lists this purpose among its extended key usages. */
export function hasPurpose(certificate: X509Certificate, oid: string): boolean {
  return certificate.getExtension(ExtendedKeyUsageExtension)?.usages.some((use) => use === oid) ?? false;
}

async function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): Promise<boolean> {
  try {
    return await certificate.verify({ publicKey: issuer.publicKey, signatureOnly: true });
  } catch {
    // A key or algorithm that this platform does not take signs nothing here.
    return false;
  }
}

/** @param below certificates between it and the leaf */
function notAnIssuer(certificate: X509Certificate, below: number): string | null {
  const constraints = certificate.getExtension(BasicConstraintsExtension);
  if (!constraints?.ca) return 'a certificate on the way is not one of an authority';
  if (constraints.pathLength !== undefined && constraints.pathLength < below) return 'the path is longer than allowed';
  const usage = certificate.getExtension(KeyUsagesExtension);
  if (usage !== null && (usage.usages & KeyUsageFlags.keyCertSign) === 0)
    return 'an authority may not sign certificates';
  return null;
}

function identity(certificate: X509Certificate): string {
  return toHex(new Uint8Array(certificate.rawData));
}
