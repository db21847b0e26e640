/** `assay verify --same-weights-as`: the numbers of both models, decoded and compared. */
import type { Check } from '../core/claims/check.ts';
import type { Plan } from '../core/scan/model.ts';
import { checkSameWeights } from '../core/scan/same-weights.ts';
import type { Options } from './args.ts';
import { LeafThread } from './leaf-thread.ts';
import { machine } from './machine.ts';
import { nodeHashes } from './node-hash.ts';
import { createProgressBar } from './progress-bar.ts';
import { planTarget } from './session.ts';

/**
 * The check, or null when none was asked for.
 *
 * @throws AppError SOURCE_*, HUB_* when the other model cannot be listed at all; USAGE
 */
export async function sameWeights(
  options: Options,
  plan: Plan,
  signal: AbortSignal,
): Promise<Omit<Check, 'id'> | null> {
  const { sameWeightsAs } = options;
  if (sameWeightsAs === undefined) return null;
  const other = await planTarget({ ...options, target: sameWeightsAs, against: [] }, 'headers', signal);
  const total = [plan, other].reduce((sum, { artifacts }) => sum + artifacts.reduce((n, { size }) => n + size, 0), 0);
  const bar = createProgressBar(process.stderr);
  const leaves = new LeafThread();
  let done = 0;
  const read = (bytes: number): void => bar.update((done += bytes), total, 'comparing numbers');
  try {
    const tools = { hashes: nodeHashes(leaves), signal, read };
    // As it was named: a folder's own name may be the same for both.
    const named = { ...other, name: sameWeightsAs };
    return await checkSameWeights(plan, named, machine(options.offline), tools);
  } finally {
    bar.clear();
    await leaves.close();
  }
}
