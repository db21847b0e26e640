/** Statements about tensors against their digests: one row for all that match, one for each that does not. */
import { ROWS_LISTED_MAX } from '../limits.ts';
import type { TrustSource } from './check.ts';
import type { CheckDraft, CheckList } from './check-list.ts';
import type { DigestStatement } from './claim.ts';
import { whyUnread, type Evidence } from './evidence.ts';

/** @param statements of scope `tensor` and `tensor-data`, all about this artifact */
export function compareTensors(
  source: TrustSource,
  statements: readonly DigestStatement[],
  evidence: Evidence,
  listedAs: string | null,
  out: CheckList,
): void {
  const about = { axis: 'bytes', source, path: evidence.path } as const;
  const called = listedAs === null ? {} : { listedAs };
  const unread = evidence.status !== 'complete';
  const reason = whyUnread(evidence) ?? evidence.formatError;
  const because = {
    ...(reason === undefined ? {} : { reason }),
    ...(evidence.status === 'headers-only' ? { detail: { ...called, depth: 'headers' } } : { detail: called }),
  };
  const places = new Map(evidence.tensors.map((t, i) => [t.name, i]));
  for (const algorithm of new Set(statements.map((s) => s.algorithm))) {
    const those = statements.filter((s) => s.algorithm === algorithm);
    for (const { digest } of those.filter((s) => s.scope === 'tensor-data')) {
      out.add(
        compareData(about, algorithm, digest, unread ? undefined : evidence.tensorData[algorithm], called, because),
      );
    }
    const tensors = those.filter((s) => s.scope === 'tensor');
    if (tensors.length === 0) continue;
    const digests = evidence.tensorExtra[algorithm];
    if (unread || digests === undefined || evidence.tensors.length === 0) {
      const count = { ...because.detail, tensors: tensors.length };
      out.add({ ...about, kind: 'tensor-digest', outcome: 'could-not-check', algorithm, ...because, detail: count });
      continue;
    }
    compareEach(about, algorithm, tensors, places, digests, called, out);
  }
}

type About = Pick<CheckDraft, 'axis' | 'source' | 'path'>;
type Called = { readonly listedAs?: string };

function compareData(
  about: About,
  algorithm: string,
  expected: string,
  actual: string | undefined,
  called: Called,
  because: Pick<CheckDraft, 'reason' | 'detail'>,
): CheckDraft {
  const base = { ...about, kind: 'tensor-data-digest', algorithm, expected };
  if (actual === undefined) return { ...base, outcome: 'could-not-check', ...because };
  return { ...base, outcome: actual === expected ? 'matches' : 'contradicts', actual, detail: called };
}

function compareEach(
  about: About,
  algorithm: string,
  tensors: readonly DigestStatement[],
  places: ReadonlyMap<string, number>,
  digests: readonly string[],
  called: Called,
  out: CheckList,
): void {
  const count = { matches: 0, unknown: 0, rest: 0 };
  let rows = 0;
  const row = (draft: CheckDraft): void => {
    rows += 1;
    if (rows <= ROWS_LISTED_MAX) out.add(draft);
    else count.rest += 1;
  };
  for (const { tensor = '', digest } of tensors) {
    const place = places.get(tensor);
    const actual = place === undefined ? undefined : digests[place];
    const base = { ...about, tensor, algorithm, expected: digest, detail: called };
    if (place === undefined) row({ ...base, kind: 'tensor-missing', outcome: 'contradicts' });
    else if (!actual) count.unknown += 1;
    else if (actual === digest) count.matches += 1;
    else row({ ...base, kind: 'tensor-digest', outcome: 'contradicts', actual });
  }
  const total = { ...called, tensors: count.matches, listed: tensors.length };
  const base = { ...about, kind: 'tensor-digest', algorithm };
  if (count.rest > 0)
    out.add({ ...base, outcome: 'contradicts', detail: { ...called, tensors: count.rest, more: true } });
  if (count.matches > 0) out.add({ ...base, outcome: 'matches', detail: total });
  if (count.unknown > 0)
    out.add({ ...base, outcome: 'could-not-check', detail: { ...called, tensors: count.unknown } });
}
