/** Shards, index and numbering of one model against each other. */
import { openSource, type OpenContext } from '../bytes/open.ts';
import type { Check } from '../claims/check.ts';
import { CheckList } from '../claims/check-list.ts';
import type { Finding } from '../content/finding.ts';
import { AppError, toErrorData, type ErrorCode } from '../errors.ts';
import { isWeightIndex, judgeSets, type SetMember, type SideFile } from '../formats/set.ts';
import { SIDE_FILE_MAX } from '../limits.ts';
import type { ArtifactScan, PlannedArtifact } from './model.ts';

export interface SetChecks {
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
}

/** What makes files of one model not fit together. Everything else means that an index cannot be read. */
const UNFIT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'FORMAT_BOUNDS',
  'FORMAT_MISSING_FILE',
  'FORMAT_MISSING_TENSOR',
  'FORMAT_SIZE_MISMATCH',
]);

/**
 * Reads the index files among the artifacts (bounded) and holds everything against them.
 *
 * A part that is missing contradicts, because the model cannot be loaded without it; where one file was given alone it is
 * a remark.
 *
 * @throws AppError SOURCE_ABORTED; other failures to read an index become checks
 */
export async function setChecks(
  artifacts: readonly PlannedArtifact[],
  scans: ReadonlyMap<string, ArtifactScan>,
  open: OpenContext,
  signal: AbortSignal,
): Promise<SetChecks> {
  const out = new CheckList();
  const sides: SideFile[] = [];
  for (const { path, spec } of artifacts.filter((a) => isWeightIndex(a.path))) {
    try {
      const source = await openSource(spec, open, signal);
      if (source.size > SIDE_FILE_MAX) throw new AppError('SOURCE_TOO_LARGE', { path, limit: SIDE_FILE_MAX });
      sides.push({ path, bytes: await source.read(0, source.size, signal) });
    } catch (error) {
      const reason = toErrorData(error);
      if (reason.code === 'SOURCE_ABORTED') throw new AppError('SOURCE_ABORTED');
      out.add({ ...about(path), outcome: 'could-not-check', reason });
    }
  }
  const members = artifacts.filter((a) => a.role === 'weights').map((a) => member(a.path, scans.get(a.path)));
  const sizes = new Map(artifacts.map((a) => [a.path, a.size]));
  const { sets, errors, findings } = judgeSets(members, sides, sizes);
  const alone = artifacts.filter((a) => a.role !== 'claim').length === 1;
  const failed = new Set<string>();
  for (const { path, error } of errors) {
    failed.add(path);
    const outcome = !UNFIT.has(error.code) ? 'could-not-check' : alone ? 'no-claim' : 'contradicts';
    out.add({ ...about(path), outcome, reason: error });
  }
  // What was found about one of its files says that a set does not fit together as it should.
  for (const { path, severity } of findings) if (severity !== 'note' && path !== undefined) failed.add(path);
  for (const { kind, index, files } of sets) {
    if (failed.has(index ?? '') || files.some((file) => failed.has(file))) continue;
    const named = index ?? files[0];
    if (files.length < 2 || named === undefined) continue;
    // An index does not count among the files that it speaks of.
    const others = index === undefined ? files.length : files.length - 1;
    const numbered = index === undefined ? { numbered: true } : {};
    out.add({ ...about(named), outcome: 'matches', detail: { set: kind, files: others, ...numbered } });
  }
  return { checks: out.list(), findings };
}

function about(path: string): Pick<Check, 'axis' | 'kind' | 'source' | 'path'> {
  return { axis: 'contents', kind: 'set', source: { kind: 'index', name: path, independent: false }, path };
}

/** What a scan keeps of an opened file is all that sets are judged by. */
function member(path: string, scan: ArtifactScan | undefined): SetMember {
  if (scan?.format === undefined) return { path };
  const { format, tensors, metadata, findings, facts } = scan;
  return { path, opened: { format, tensors, metadata, findings, facts, headerEnd: 0, headerSha256: '' } };
}
