/**
 * "The trust root is older than the bundle": an authority or log that it does not know may have been announced since. That
 * says nothing for or against the bundle. Everything that a known authority or log should have signed and did not stays a
 * contradiction, and so does a bundle from before the day of the trust root.
 */
import type { StepId } from '../attestation.ts';
import type { Bundle, SignedEntity } from './engine.ts';
import type { SigstoreEngine } from './load.ts';
import type { SigstoreTrust } from './trust.ts';

export interface OlderRoot {
  /** What the trust root does not know, for the words. */
  readonly what: string;
  /** Day the bundle says it is of, ISO. Nobody vouches for it here. */
  readonly signedAt: string;
  /** Day of the trust root, ISO. */
  readonly rootDate: string;
}

interface Failed {
  readonly engine: SigstoreEngine;
  readonly bundle: Bundle;
  readonly entity: SignedEntity;
  readonly trust: SigstoreTrust;
  /** ISO time that counts as now: a bundle of tomorrow is not newer, it is false. */
  readonly now: string;
}

/**
 * @param step that did not hold
 * @returns null when the trust root is as new as the bundle, or knows what the bundle names
 */
export function olderRoot(step: StepId, failed: Failed): OlderRoot | null {
  const rootDate = failed.trust.origin.date?.slice(0, 10);
  if (rootDate === undefined) return null;
  try {
    const signedAt = statedDay(failed);
    if (signedAt === null || signedAt <= rootDate || signedAt > failed.now.slice(0, 10)) return null;
    const what = UNKNOWN[step]?.(failed) ?? null;
    return what === null ? null : { what, signedAt, rootDate };
  } catch {
    // Malformed where it names its authority: that is no newer authority.
    return null;
  }
}

/**
 * A bundle of another instance, where nobody said which instances count: anybody may run one, and the public-good trust
 * root says nothing for or against it. A trust root that was given for the check was chosen, and then it does.
 *
 * @param step that did not hold
 * @returns what the public-good trust root does not know; null when it knows it, or is not the one that was used
 */
export function otherInstance(step: StepId, failed: Failed): string | null {
  const { from } = failed.trust.origin;
  if (from !== 'shipped' && from !== 'updated') return null;
  try {
    // What an authority of the public instance signed belongs into its logs: another log in there is no other instance.
    const asked = failed.entity.key.$case === 'certificate' ? 'certificate' : step;
    return UNKNOWN[asked]?.(failed) ?? null;
  } catch {
    return null;
  }
}

/** First day of the certificate (it lives for minutes), or what the log entry of a managed key states. */
function statedDay({ entity, bundle }: Failed): string | null {
  if (entity.key.$case === 'certificate') return entity.key.certificate.notBefore.toISOString().slice(0, 10);
  const seconds = Number(bundle.verificationMaterial.tlogEntries[0]?.integratedTime ?? 0);
  return seconds > 0 ? new Date(seconds * 1000).toISOString().slice(0, 10) : null;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

const UNKNOWN: Readonly<Partial<Record<StepId, (failed: Failed) => string | null>>> = {
  time({ entity, trust: { material } }) {
    const known = material.timestampAuthorities.flatMap(({ certChain }) => certChain.slice(0, 1));
    const unknown = entity.timestamps.some(
      (one) =>
        one.$case === 'timestamp-authority' &&
        !known.some(
          (tsa) =>
            same(tsa.serialNumber, one.timestamp.signerSerialNumber) && same(tsa.issuer, one.timestamp.signerIssuer),
        ),
    );
    return unknown ? 'a timestamp authority' : null;
  },

  certificate({ entity, trust: { material } }) {
    if (entity.key.$case !== 'certificate') return null;
    const { issuer, extAuthorityKeyID } = entity.key.certificate;
    const id = extAuthorityKeyID?.keyIdentifier;
    const known = material.certificateAuthorities
      .flatMap(({ certChain }) => certChain)
      .some((ca) => {
        const own = ca.extSubjectKeyID?.keyIdentifier;
        return id !== undefined && own !== undefined ? same(own, id) : same(ca.subject, issuer);
      });
    return known ? null : 'a certificate authority';
  },

  sct({ entity, trust: { material } }) {
    if (entity.key.$case !== 'certificate') return null;
    const logs = entity.key.certificate.extSCT?.signedCertificateTimestamps.map(({ logID }) => logID) ?? [];
    const unknown = logs.length > 0 && !logs.some((id) => material.ctlogs.some(({ logID }) => same(logID, id)));
    return unknown ? 'a certificate log' : null;
  },

  log({ bundle, trust: { material } }) {
    const unknown = bundle.verificationMaterial.tlogEntries.some(({ logId, inclusionProof }) => {
      // The first line of a checkpoint is the name of its log.
      const [name = ''] = inclusionProof?.checkpoint?.envelope.split(/[\n ]/, 1) ?? [];
      return !material.tlogs.some(
        ({ logID, baseURL }) =>
          (logId !== undefined && same(logID, logId.keyId)) || (name !== '' && baseURL.includes(name)),
      );
    });
    return unknown ? 'a signature log' : null;
  },
};
