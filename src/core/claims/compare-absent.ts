/** What a claim lists and is not here, and what is here and is not listed. */
import { ROWS_LISTED_MAX } from '../limits.ts';
import type { CheckDraft, CheckList } from './check-list.ts';
import type { Claim, DigestStatement } from './claim.ts';
import { compareFile } from './compare-file.ts';
import { whyUnread, type Evidence } from './evidence.ts';
import { isBookkeeping } from './hub.ts';

/**
 * Listed paths that no artifact has. A repository listing names far more than people download, and a single file is
 * rarely all of a list: there it is a remark. A list that lies in a folder promises its files: there it could not be
 * checked.
 *
 * @param alone true when one file was given, not a folder
 */
export function reportMissing(claim: Claim, absent: readonly DigestStatement[], alone: boolean, out: CheckList): void {
  const { source, exhaustive } = claim;
  const paths = new Map(absent.flatMap((s) => (s.path === null || isBookkeeping(s.path) ? [] : [[s.path, s]])));
  const remark = exhaustive || alone;
  const base = { axis: 'bytes', kind: 'file-missing', source } as const;
  const listed = alone ? [] : [...paths].slice(0, ROWS_LISTED_MAX);
  for (const [path, { label }] of listed) {
    const named = label === undefined ? {} : { detail: { label } };
    if (remark) out.add({ ...base, outcome: 'no-claim', path, ...named });
    else
      out.add({
        ...base,
        outcome: 'could-not-check',
        path,
        reason: { code: 'SOURCE_NOT_FOUND', detail: { path } },
        ...named,
      });
  }
  const more = paths.size - listed.length;
  if (more === 0) return;
  out.add({
    ...base,
    outcome: remark ? 'no-claim' : 'could-not-check',
    detail: { files: more, more: listed.length > 0 },
  });
}

/** Artifacts that a complete listing does not have. One weight file alone that equals nothing of it contradicts. */
export function reportExtra(
  claim: Claim,
  extra: readonly Evidence[],
  content: readonly Evidence[],
  out: CheckList,
): void {
  if (!claim.exhaustive) return;
  const { source } = claim;
  const weights = content.filter((e) => e.role === 'weights');
  const [only] = content.length === 1 ? content : weights.length === 1 ? weights : [];
  const base = { axis: 'bytes', source } as const;
  let rows = 0;
  for (const evidence of extra) {
    rows += 1;
    if (evidence === only && evidence.status === 'complete') {
      out.add({ ...base, kind: 'digest-nowhere', outcome: 'contradicts', ...nowhere(evidence, claim) });
    } else if (rows <= ROWS_LISTED_MAX) {
      out.add({ ...base, kind: 'file-extra', outcome: 'no-claim', path: evidence.path });
    }
  }
  if (rows <= ROWS_LISTED_MAX) return;
  out.add({ ...base, kind: 'file-extra', outcome: 'no-claim', detail: { files: rows - ROWS_LISTED_MAX, more: true } });
}

function nowhere(evidence: Evidence, claim: Claim): Pick<CheckDraft, 'path' | 'algorithm' | 'actual' | 'detail'> {
  const actual = evidence.digests.sha256;
  return {
    path: evidence.path,
    algorithm: 'sha256',
    ...(actual === undefined ? {} : { actual }),
    detail: { listed: claim.statements.length },
  };
}

/**
 * Digests without a name that no file has. Digests of one algorithm are alternatives: one of them found is enough, and
 * none found contradicts, because somebody said that these are the bytes.
 *
 * @param absent statements without a path that nothing matched
 * @param matched algorithms of which another digest without a name was found
 * @returns the artifact, when there is only one that can be meant
 */
export function reportNowhere(
  claim: Claim,
  absent: readonly DigestStatement[],
  matched: ReadonlySet<string>,
  content: readonly Evidence[],
  out: CheckList,
): readonly string[] {
  const { source } = claim;
  const weights = content.filter((e) => e.role === 'weights');
  const candidates = weights.length > 0 ? weights : content;
  for (const algorithm of new Set(absent.map((s) => s.algorithm))) {
    const those = absent.filter((s) => s.algorithm === algorithm);
    const base = { axis: 'bytes', source, algorithm } as const;
    const count = { digests: those.length, files: candidates.length };
    const [statement] = those;
    const [evidence] = candidates;
    const unread = candidates.find((e) => e.digests[algorithm] === undefined);
    if (source.kind === 'layout' || matched.has(algorithm)) {
      out.add({
        ...base,
        kind: 'file-missing',
        outcome: 'no-claim',
        detail: { ...count, label: statement?.label ?? '' },
      });
    } else if (candidates.length === 1 && those.length === 1) {
      out.add(
        compareFile({ source, statement: statement!, evidence: evidence!, exact: statement!.label === undefined }),
      );
    } else if (unread !== undefined) {
      const reason = whyUnread(unread);
      const why = unread.status === 'headers-only' ? { depth: 'headers' } : {};
      const because = reason === undefined ? {} : { reason };
      out.add({
        ...base,
        kind: 'digest-nowhere',
        outcome: 'could-not-check',
        ...because,
        detail: { ...count, ...why },
      });
    } else {
      const stated = those.length === 1 ? { expected: statement!.digest } : {};
      const found = candidates.length === 1 ? { path: evidence!.path, actual: evidence!.digests[algorithm]! } : {};
      out.add({ ...base, kind: 'digest-nowhere', outcome: 'contradicts', ...stated, ...found, detail: count });
    }
  }
  return absent.length > 0 && candidates.length === 1 ? [candidates[0]!.path] : [];
}
