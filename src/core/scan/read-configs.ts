import { openSource, type OpenContext } from '../bytes/open.ts';
import { parseLooseJson, type Loose } from '../content/loose-json.ts';
import { AppError } from '../errors.ts';
import { isModelConfig } from '../formats/set/model-folders.ts';
import { CONFIGS_READ_MAX, SIDE_FILE_MAX } from '../limits.ts';
import type { PlannedArtifact } from './model.ts';

/**
 * The configurations that say what their folders are, by path. One that cannot be read is left out: its own scan has said
 * that.
 *
 * @throws AppError SOURCE_ABORTED
 */
export async function readConfigs(
  artifacts: readonly Pick<PlannedArtifact, 'path' | 'size' | 'spec'>[],
  open: OpenContext,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Loose>> {
  const configs = new Map<string, Loose>();
  const named = artifacts.filter(({ path, size }) => isModelConfig(path) && size <= SIDE_FILE_MAX);
  for (const { path, spec } of named.slice(0, CONFIGS_READ_MAX)) {
    try {
      const source = await openSource(spec, open, signal);
      if (source.size > SIDE_FILE_MAX) continue;
      configs.set(path, parseLooseJson(await source.read(0, source.size, signal)).root);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
    }
  }
  return configs;
}
