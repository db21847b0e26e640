/** Rows for what is not there: no claim, no signature, a stated origin that nobody was asked about. Absence is listed. */
import { isAttestationName } from '../claims/attestations/registry.ts';
import type { Check } from '../claims/check.ts';
import { CheckList } from '../claims/check-list.ts';
import type { Claim } from '../claims/claim.ts';
import { snapshotName } from '../claims/hub.ts';
import { hfStatedOrigin } from '../claims/layout-hf.ts';

/** Signature files by name: minisign, GnuPG, Sigstore, in-toto, PKCS#7. */
const SIGNATURE = /\.(?:sig|minisig|asc|gpg|p7s|sigstore|sigstore\.json|intoto\.jsonl)$/i;

/**
 * @param paths of all artifacts
 * @param asked true when something to compare with was given or found, even if it could not be used
 * @param signed true when an attestation was found, whatever came of it
 */
export function absences(
  paths: readonly string[],
  claims: readonly Claim[],
  asked: boolean,
  signed: boolean,
): readonly Check[] {
  const out = new CheckList();
  if (!asked) {
    const source = { kind: 'none', name: 'nobody', independent: true };
    out.add({ axis: 'bytes', kind: 'nothing-claimed', outcome: 'no-claim', source });
  }
  const origin = hfStatedOrigin(paths);
  if (
    origin !== null &&
    !claims.some((c) => c.source.kind === 'hub' && c.source.name.startsWith(`${origin.repo} at `))
  ) {
    const source = { kind: 'layout', name: snapshotName(origin.repo, origin.commit), independent: false };
    out.add({ axis: 'bytes', kind: 'stated-origin', outcome: 'no-claim', source, detail: { ...origin } });
  }
  // What has the name of a signature and no reader here is said too: absence of a check is never silent.
  const unread = paths.filter((path) => SIGNATURE.test(path) && !isAttestationName(path));
  const source = { kind: 'signature', name: 'signatures beside the files', independent: true };
  for (const path of unread) {
    const reason = { code: 'ENGINE_UNSUPPORTED', detail: { feature: 'Reading this kind of signature' } } as const;
    out.add({ axis: 'signer', kind: 'signature', outcome: 'could-not-check', source, path, reason });
  }
  if (unread.length === 0 && !signed) out.add({ axis: 'signer', kind: 'signature', outcome: 'no-claim', source });
  return out.list();
}
