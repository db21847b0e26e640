/** One statement about one file against what was computed of it. */
import { likelyCause } from './cause.ts';
import type { Check, TrustSource } from './check.ts';
import type { CheckDraft } from './check-list.ts';
import type { DigestStatement } from './claim.ts';
import { whyUnread, type Evidence } from './evidence.ts';

export interface FileComparison {
  readonly source: TrustSource;
  readonly statement: DigestStatement;
  readonly evidence: Evidence;
  /** False when the claim calls the file something else: the check says what. */
  readonly exact: boolean;
  /** Path of another file for which the same claim states exactly these bytes. */
  readonly twin?: string | undefined;
}

/** Digests decide. Without one, a differing size contradicts, and an equal size says nothing. */
export function compareFile({ source, statement, evidence, exact, twin }: FileComparison): CheckDraft {
  const { algorithm, digest, size, path, label, assumed } = statement;
  const actual = evidence.digests[algorithm];
  const called = path ?? label;
  const detail: Check['detail'] = {
    ...(exact || called === undefined || called === evidence.path ? {} : { listedAs: called }),
    ...(label === undefined || label === called ? {} : { label }),
    ...(assumed ? { assumed } : {}),
  };
  const about = { axis: 'bytes', source, path: evidence.path } as const;
  if (actual === digest)
    return { ...about, kind: 'file-digest', outcome: 'matches', algorithm, expected: digest, actual, detail };
  if (actual !== undefined) {
    const why = { ...detail, ...likelyCause(evidence, statement, twin) };
    return { ...about, kind: 'file-digest', outcome: 'contradicts', algorithm, expected: digest, actual, detail: why };
  }
  if (size !== undefined && size !== evidence.size) {
    const why = { ...detail, ...likelyCause(evidence, statement, undefined) };
    const sizes = { expected: String(size), actual: String(evidence.size) };
    return { ...about, kind: 'file-size', outcome: 'contradicts', ...sizes, detail: why };
  }
  const reason = whyUnread(evidence);
  return {
    ...about,
    kind: 'file-digest',
    outcome: 'could-not-check',
    algorithm,
    expected: digest,
    ...(reason === undefined ? {} : { reason }),
    detail: { ...detail, ...(evidence.status === 'headers-only' ? { depth: 'headers' } : {}) },
  };
}
