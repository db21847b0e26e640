/** The four outcomes and four axes as words on screen. */
import type { Axis, Outcome } from '../../core/claims/check.ts';
import type { Sighting } from '../../core/report/report.ts';

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  matches: 'Verified',
  contradicts: 'Contradicted',
  'could-not-check': 'Could not be checked',
  'no-claim': 'Nothing to compare with',
};

export const AXIS_WORDS: Readonly<Record<Axis, { readonly title: string; readonly asks: string }>> = {
  bytes: { title: 'Bytes', asks: 'Are they the ones somebody stated?' },
  signer: { title: 'Signer', asks: 'Who vouches for them?' },
  lineage: { title: 'Lineage', asks: 'Whose weights are they?' },
  contents: { title: 'Contents', asks: 'What is inside?' },
};

/** How a database row came to state a digest; the strongest evidence first. */
export const TRUST_WORDS: Readonly<Record<Sighting['trust'], string>> = {
  commit: 'a commit of the repository states this digest',
  pinned: 'read at a fixed commit',
  enforced: 'an app or build refuses any other bytes under this name',
  listed: 'listed by',
};

/** Reasons for care about a sighting, in full sentences. */
export function cautions(sighting: Sighting): string[] {
  const list: string[] = [];
  if (sighting.moved) list.push('The branch it was read from has moved on since.');
  if (sighting.old) list.push('The entry is old; the file may have been replaced.');
  if (sighting.disputed) list.push('Sources disagree about this name.');
  return list;
}
