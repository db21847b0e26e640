import type { Check } from '../claims/check.ts';
import { CheckList } from '../claims/check-list.ts';
import type { Loose } from '../content/loose-json.ts';
import { recogniseModels, type FolderFile, type ModelFolder } from '../formats/set/model-folders.ts';
import { ROWS_LISTED_MAX } from '../limits.ts';
import type { ArtifactScan, PlannedArtifact } from './model.ts';

export interface ModelChecks {
  readonly models: readonly ModelFolder[];
  readonly checks: readonly Check[];
}

/** What models the folders hold, and whether each has the parts that it names. */
export function modelChecks(
  configs: ReadonlyMap<string, Loose>,
  artifacts: readonly PlannedArtifact[],
  scans: ReadonlyMap<string, ArtifactScan>,
): ModelChecks {
  const { models, errors } = recogniseModels(
    configs,
    artifacts.map((artifact) => folderFile(artifact, scans.get(artifact.path))),
  );
  const out = new CheckList();
  // Somebody who gives one configuration alone does not say that this is all there is.
  const alone = artifacts.filter((a) => a.role !== 'claim').length === 1;
  for (const { path, error } of errors.slice(0, ROWS_LISTED_MAX)) {
    out.add({ ...about(path), outcome: alone ? 'no-claim' : 'contradicts', reason: error.toData() });
  }
  for (const { kind, config, components } of models) {
    if (kind !== 'diffusers' || errors.some(({ path }) => path === config)) continue;
    out.add({ ...about(config), outcome: 'matches', detail: { set: kind, components: components.length } });
  }
  return { models, checks: out.list() };
}

function folderFile({ path, role }: PlannedArtifact, scan: ArtifactScan | undefined): FolderFile {
  const format = scan?.format;
  const written = scan?.metadata.find(({ key }) => key === 'format')?.value;
  return {
    path,
    weights: role === 'weights',
    tensors: scan?.tensors.length ?? 0,
    ...(format === undefined ? {} : { format }),
    ...(format === 'safetensors' && typeof written === 'string' ? { writtenFor: written } : {}),
  };
}

function about(path: string): Pick<Check, 'axis' | 'kind' | 'source' | 'path'> {
  return { axis: 'contents', kind: 'set', source: { kind: 'index', name: path, independent: false }, path };
}
