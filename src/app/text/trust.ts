/** Words for trust roots and what else is kept. Settings and the command line share them. */
import { TRUST_ROOT_OLD_DAYS } from '../../core/limits.ts';
import { date as longDate } from './units.ts';
import type { PublicRootFacts } from '../../core/claims/attestations/trust-facts.ts';

export const KEPT_KIND_WORDS = {
  'trust-root': 'Sigstore trust root',
  certificate: 'root certificate',
  key: 'public key',
} as const;

const DAY_MS = 24 * 60 * 60 * 1000;

/** `Shipped with this version, dated 2026-11-05` */
export function rootFrom({ from, date }: PublicRootFacts): string {
  const day = date.slice(0, 10);
  return from === 'shipped' ? `Shipped with this version, dated ${day}` : `Updated on ${day}`;
}

/**
 * What to think of its age, or null while it is fresh.
 *
 * @param wanted day of a signature that needed a newer one, ISO
 */
export function rootAge({ date }: PublicRootFacts, now: Date, wanted?: string | null): string | null {
  if (wanted !== undefined && wanted !== null && wanted > date.slice(0, 10))
    return `A signature of ${longDate(wanted)} names an authority or log that this trust root does not know: update it, then check again.`;
  const days = Math.floor((now.getTime() - Date.parse(date)) / DAY_MS);
  if (days <= TRUST_ROOT_OLD_DAYS) return null;
  return `It is ${days} days old. Newer signatures may name authorities or logs it does not know; those are then reported as not checked.`;
}

/** For the terminal. */
export function rootLines(root: PublicRootFacts, now: Date): readonly string[] {
  const age = rootAge(root, now);
  return [
    rootFrom(root),
    `sha256:${root.sha256}`,
    `found by version ${root.rootVersion} of the list of its keepers’ keys (TUF root)`,
    ...(age === null ? [] : [age]),
  ];
}
