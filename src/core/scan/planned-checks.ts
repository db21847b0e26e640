import type { Claim } from '../claims/claim.ts';
import type { ErrorData } from '../errors.ts';
import { isWeightIndex } from '../formats/set.ts';
import { isModelConfig } from '../formats/set/model-folders.ts';
import type { Depth, PlannedArtifact, PlannedCheck } from './model.ts';

/** Claims as far as they are known before the work: some cannot be read, some are asked for later. */
export interface ExpectedClaims {
  readonly claims: readonly Claim[];
  /** Repositories to compare with; they are listed when the comparison is made. */
  readonly repositories: number;
  /** What was given to compare with and cannot be understood. */
  readonly unusable: readonly { readonly name: string; readonly error: ErrorData }[];
}

/** Whole files have to be read for it. */
const BODY = { possible: false, detail: { depth: 'headers' } } as const;

/** The questions that this plan will answer, and those it will not with the reason. */
export function plannedChecks(
  depth: Depth,
  artifacts: readonly PlannedArtifact[],
  { claims, repositories, unusable }: ExpectedClaims,
): PlannedCheck[] {
  const checks: PlannedCheck[] = [];
  const full = depth === 'full';
  const weights = artifacts.filter((a) => a.role === 'weights').length;
  if (weights > 0) {
    checks.push({ kind: 'container-bounds', possible: true, detail: { files: weights } });
    checks.push({ kind: 'findings', possible: true });
  }
  const folders = artifacts.filter(({ path }) => isModelConfig(path) || isWeightIndex(path)).length;
  if (folders > 0) checks.push({ kind: 'set', possible: true, detail: { files: folders } });
  const statements = claims.flatMap((claim) => claim.statements);
  const ofFiles = statements.filter((s) => s.scope === 'file').length;
  if (repositories > 0 || claims.some((claim) => claim.exhaustive))
    checks.push({ kind: 'file-missing', possible: true });
  if (ofFiles > 0 || repositories > 0) {
    const sources = [...new Set(claims.map((claim) => claim.source.name))];
    const detail = { statements: ofFiles, sources: sources.length + repositories, source: sources[0] ?? '' };
    checks.push(full ? { kind: 'file-digest', possible: true, detail } : { kind: 'file-digest', ...BODY });
  } else if (unusable.length === 0) {
    // Nobody states anything: said before the work, so that nobody waits for an answer that cannot come.
    checks.push({ kind: 'file-digest', possible: false, detail: { statements: 0 } });
  }
  if (ofFiles < statements.length) {
    checks.push(full ? { kind: 'tensor-digest', possible: true } : { kind: 'tensor-digest', ...BODY });
  }
  checks.push(full ? { kind: 'known-file', possible: true } : { kind: 'known-file', ...BODY });
  for (const { name, error } of unusable) {
    checks.push({ kind: 'file-digest', possible: false, reason: error, detail: { source: name } });
  }
  return checks;
}
