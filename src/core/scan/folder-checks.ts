import type { OpenContext } from '../bytes/open.ts';
import type { Check } from '../claims/check.ts';
import type { Finding } from '../content/finding.ts';
import type { ModelFolder } from '../formats/set/model-folders.ts';
import { configChecks } from './config-checks.ts';
import type { ArtifactScan, PlannedArtifact } from './model.ts';
import { modelChecks } from './model-checks.ts';
import { readConfigs } from './read-configs.ts';
import { setChecks } from './set-checks.ts';

/** What the files of a model say of each other. */
export interface FolderChecks {
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
  readonly models: readonly ModelFolder[];
}

/**
 * Files against each other: shards and indexes, data files and what describes them, configurations and tensors, pipelines
 * and their parts. Reads indexes and configurations again, bounded.
 *
 * @throws AppError SOURCE_ABORTED; other failures to read become checks
 */
export async function folderChecks(
  artifacts: readonly PlannedArtifact[],
  scans: ReadonlyMap<string, ArtifactScan>,
  open: OpenContext,
  signal: AbortSignal,
): Promise<FolderChecks> {
  const sets = await setChecks(artifacts, scans, open, signal);
  const incomplete = new Set(sets.checks.flatMap((c) => (c.outcome === 'matches' ? [] : (c.path ?? []))));
  const read = await readConfigs(artifacts, open, signal);
  const configs = configChecks(read, artifacts, scans, incomplete);
  const folders = modelChecks(read, artifacts, scans);
  return {
    checks: [...sets.checks, ...folders.checks, ...configs.checks],
    findings: [...sets.findings, ...configs.findings],
    models: folders.models,
  };
}
