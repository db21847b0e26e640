/**
 * Signatures by `ssh-keygen -Y sign`. The key inside is never believed: it must be one the person gave, as a `.pub` file or
 * in a list of allowed signers, which also says whose it is, for what it may sign and when.
 */
import { sshFingerprint, sshHolds } from '../../../crypto/ssh-key.ts';
import { sameBytes } from '../../../crypto/spki.ts';
import { AppError } from '../../../errors.ts';
import type { Attestation, CoveredFile, Signer, TrustOrigin, Warning } from '../attestation.ts';
import type { AttestationInput, AttestationKind, ExpectedSigner } from '../kind.ts';
import { Steps } from '../steps.ts';
import { matchesPatterns, type AllowedSigner } from './allowed-signers.ts';
import { covered, fileOrReason, finished, keySigner, uncovered } from './finish.ts';
import { keysOf } from './given-keys.ts';
import { findSignedFile, type SignedFile } from './signed-file.ts';
import { looksLikeSshSig, readSshSig, sshSignedData, type SshSig } from './sshsig.ts';

const WANTS = 'the publisher’s OpenSSH public key or a list of allowed signers';

export const OPENSSH: AttestationKind = {
  id: 'openssh',
  title: 'OpenSSH signatures',
  names: /\.(?:sig|sshsig)$/i,
  recognises: (_, bytes) => looksLikeSshSig(bytes),
  namedAfter: true,
  wants: (bytes) => {
    try {
      return readSshSig(bytes).hash === 'sha512' ? ['sha512'] : [];
    } catch {
      return [];
    }
  },
  examine: async (input) => [await examine(input)],
};

/** What the person says of the key: nothing but that it counts, or a line of a list. */
interface Allowed {
  readonly origin: TrustOrigin;
  readonly signer?: AllowedSigner;
}

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const facts: Record<string, string | number | boolean> = {};
  let files: readonly CoveredFile[] = [];
  const warnings: Warning[] = [];
  let signer: Signer | undefined;
  const sig = await steps.run(
    'bundle',
    () => readSshSig(input.bytes),
    ({ namespace, key, hash }) => ({ detail: { namespace, method: key.type, hash } }),
  );
  if (sig !== null) {
    facts['namespace'] = sig.namespace;
    facts['keyType'] = sig.key.type;
    facts['fingerprint'] = await sshFingerprint(sig.key);
    const allowed = await steps.run(
      'material',
      () => choose(sig, input, String(facts['fingerprint'])),
      ({ origin }) => ({ trust: origin, detail: { fingerprint: facts['fingerprint']! } }),
    );
    const { file, reason } = await fileOrReason(() => findSignedFile(input, ['.sshsig', '.sig']));
    if (allowed !== null) {
      if (file === null) steps.unchecked('signature', reason);
      else {
        const held = await steps.run(
          'signature',
          () => verified(sig, file),
          () => ({ trust: allowed.origin }),
        );
        if (held?.use !== undefined) {
          facts['touched'] = held.use.present;
          if (!held.use.present) warnings.push({ code: 'no-touch' });
        }
      }
      await checkLimits(sig, allowed, input, steps, warnings);
    }
    if (allowed !== null && file !== null && steps.failed === null && holds(steps)) {
      const listed = await covered(input, steps, file);
      files = listed.files;
      warnings.push(...listed.warnings);
      const name = checkPrincipal(allowed, input.expect.signers, steps);
      signer = await keySigner(name, sig.key.key.spki);
    } else files = uncovered(input, file, steps);
  }
  return finished('openssh', input, steps, { ...(signer === undefined ? {} : { signer }), files, warnings, facts });
}

const holds = (steps: Steps): boolean =>
  steps.list().some(({ id, outcome }) => id === 'signature' && outcome === 'matches');

/** @throws AppError ATTEST_SIGNATURE, ATTEST_NO_SIGNED_FILE, ATTEST_BUNDLE */
async function verified(sig: SshSig, file: SignedFile): Promise<NonNullable<Awaited<ReturnType<typeof sshHolds>>>> {
  const held = await sshHolds(sig.key, sig.signature, sshSignedData(sig, await file.digest(sig.hash)));
  if (held !== null) return held;
  throw file.sure ? new AppError('ATTEST_SIGNATURE') : new AppError('ATTEST_NO_SIGNED_FILE');
}

/**
 * Of several lines with this key the one that lets the expected signer, this purpose and today through, as far as any does.
 *
 * @throws AppError ATTEST_NO_KEY, ATTEST_NO_USABLE_KEY, ATTEST_OTHER_KEY {hint}
 */
function choose(sig: SshSig, { expect, now }: AttestationInput, fingerprint: string): Allowed {
  const keys = keysOf(expect.keys, ['ssh', 'allowed-signer'], WANTS);
  const same = keys.flatMap((given): Allowed[] => {
    const key = given.form === 'ssh' ? given.key : given.signer.key;
    if (!sameBytes(key.blob, sig.key.blob)) return [];
    return [given.form === 'ssh' ? { origin: given.origin } : { origin: given.origin, signer: given.signer }];
  });
  if (same.length === 0) throw new AppError('ATTEST_OTHER_KEY', { hint: fingerprint });
  const rank = ({ signer }: Allowed): number =>
    (principalOf(signer, expect.signers) === null ? 0 : 4) +
    (mayUse(signer, sig.namespace) ? 2 : 0) +
    (countsAt(signer, now) ? 1 : 0);
  return same.reduce((best, one) => (rank(one) > rank(best) ? one : best));
}

function mayUse(signer: AllowedSigner | undefined, namespace: string): boolean {
  return signer?.namespaces === undefined || matchesPatterns(namespace, signer.namespaces);
}

function countsAt(signer: AllowedSigner | undefined, now: string): boolean {
  return (signer?.start === undefined || signer.start <= now) && (signer?.end === undefined || now < signer.end);
}

/** Purpose and days, where the list of signers limits them. Nobody vouches for when it was signed, so today counts. */
async function checkLimits(
  { namespace }: SshSig,
  { signer, origin }: Allowed,
  { now }: AttestationInput,
  steps: Steps,
  warnings: Warning[],
): Promise<void> {
  const { namespaces: expected, start, end } = signer ?? {};
  if (expected === undefined && namespace !== 'file') warnings.push({ code: 'other-namespace', detail: { namespace } });
  if (expected === undefined && start === undefined && end === undefined) return;
  const days = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
  await steps.run(
    'limits',
    () => {
      if (expected !== undefined && !mayUse(signer, namespace)) {
        throw new AppError('ATTEST_NAMESPACE', { actual: namespace, expected });
      }
      if (!countsAt(signer, now)) throw new AppError('ATTEST_NO_CURRENT_KEY', { name: origin.name, ...days });
    },
    () => ({ trust: origin, detail: { ...(expected === undefined ? {} : { namespace }), ...days } }),
  );
}

/** The name the list gives the key, or the expected one when its patterns let it through; null: neither. */
function principalOf(signer: AllowedSigner | undefined, expected: readonly ExpectedSigner[]): string | null {
  if (signer === undefined) return null;
  if (expected.length === 0) return signer.principals;
  const found = expected.find(
    ({ identity, issuer }) => issuer === undefined && matchesPatterns(identity, signer.principals),
  );
  return found?.identity ?? null;
}

/** @returns the signer's name */
function checkPrincipal({ signer, origin }: Allowed, expected: readonly ExpectedSigner[], steps: Steps): string {
  if (signer === undefined) {
    // A key of its own names nobody; that a name was expected must not go unsaid.
    if (expected.length > 0) {
      const wants = 'a list of allowed signers, which says whose key it is';
      const reason = {
        code: 'ATTEST_NO_USABLE_KEY',
        detail: { name: origin.name, why: 'it names nobody', wants },
      } as const;
      steps.unchecked('identity', reason);
    }
    return origin.name;
  }
  const name = principalOf(signer, expected);
  const actual = signer.principals;
  const wanted = expected.map((one) => (one.issuer === undefined ? one.identity : `${one.identity} by ${one.issuer}`));
  if (name === null) steps.contradicts('identity', 'ATTEST_IDENTITY', { actual, expected: wanted.join(', ') });
  else steps.matches('identity', { trust: origin, detail: { actual: name } });
  return name ?? actual;
}
