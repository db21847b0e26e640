/** What the signatures of a report were checked with, once each: given, kept, shipped or renewed, with day and digest. */
import { trustWords } from '../app/text/attestations.ts';
import type { TrustOrigin } from '../core/claims/attestations/attestation.ts';
import type { Report } from '../core/report/report.ts';

/** Lines of plain text; none when no step relied on anything. */
export function reliedOnLines({ attestations }: Pick<Report, 'attestations'>): readonly string[] {
  const found = new Map<string, TrustOrigin>();
  for (const { outcome, trust } of attestations.flatMap(({ steps }) => steps)) {
    // What a step that could not be made would have relied on says which one is too old.
    if (trust !== undefined && outcome !== 'no-claim') found.set(`${trust.from} ${trust.name} ${trust.sha256}`, trust);
  }
  if (found.size === 0) return [];
  return [
    'Signatures were checked with',
    ...[...found.values()].flatMap((trust) => [
      `  ${trustWords(trust)}`,
      ...(trust.sha256 === undefined ? [] : [`    sha256:${trust.sha256}`]),
    ]),
  ];
}
