/** Words for the TRUST codes: what signatures are checked with could not be renewed or kept. */
import type { ErrorCode } from '../../core/errors.ts';
import { fact, num, phrase, type CodeWords } from '../../core/report/words/detail.ts';

type TrustCode = Extract<ErrorCode, `TRUST_${string}`>;

const STAYS = 'The trust root that was there before stays in use.';
const LATER = 'Try again later, and from another network.';
const ROLES: Readonly<Record<string, string>> = {
  root: 'list of keys (root)',
  timestamp: 'timestamp',
  snapshot: 'snapshot',
  targets: 'list of files (targets)',
};

function role(d: Parameters<typeof fact>[0]): string {
  return ROLES[fact(d, 'role')] ?? 'metadata';
}

export const TRUST_WORDS: Readonly<Record<TrustCode, CodeWords>> = {
  TRUST_CHAIN: {
    title: 'The repository’s keys do not lead on from the ones known here',
    why: (d) =>
      `Each list of keys must follow the one before it without a gap${phrase(d, ['why'], (w) => ` (${w})`, '')}. ${STAYS}`,
    next: LATER,
  },
  TRUST_EXPIRED: {
    title: (d) => `The repository’s ${role(d)} is out of date`,
    why: (d) =>
      `It was good until ${fact(d, 'expires') || 'an earlier day'}. Somebody may be holding back newer files, or this device’s clock is wrong. ${STAYS}`,
    next: 'Check the clock of this device, and try from another network.',
  },
  TRUST_HASH: {
    title: (d) => `${fact(d, 'name') || 'A file'} is not the one that was announced`,
    why: (d) =>
      `Its ${fact(d, 'what') || 'digest'} is not what the signed ${role(d)} states, so it was changed or cut on the way. ${STAYS}`,
    next: LATER,
  },
  TRUST_KEPT: {
    title: 'This cannot be kept to check signatures with',
    why: (d) =>
      fact(d, 'why') === 'storage'
        ? 'This device did not let it be stored (a private window, a full disk).'
        : `A Sigstore trust root, a certificate or a public key was expected${phrase(d, ['why'], (w) => ` (${w})`, '')}.`,
    next: 'Give it for one check instead, or choose another file.',
  },
  TRUST_METADATA: {
    title: (d) => `The repository’s ${role(d)} cannot be read`,
    why: (d) => `It is not the metadata it should be${phrase(d, ['why'], (w) => ` (${w})`, '')}. ${STAYS}`,
    next: LATER,
  },
  TRUST_ROLLBACK: {
    title: (d) => `The repository showed an older ${role(d)} than before`,
    why: (d) =>
      `Version ${num(d, 'version') ?? 'of it'} came, and ${num(d, 'seen') ?? 'a newer one'} was seen already. Somebody may be trying to bring back keys that were withdrawn. ${STAYS}`,
    next: LATER,
  },
  TRUST_THRESHOLD: {
    title: (d) => `Too few of the holders of keys signed the repository’s ${role(d)}`,
    why: (d) =>
      `${num(d, 'threshold') ?? 'More'} signatures by different keys are asked for${phrase(d, ['version'], (v) => ` (version ${v})`, '')}. ${STAYS}`,
    next: LATER,
  },
};
