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

/** The other model, and how it was named: a folder's own name may be the same for both. */
export interface OtherModel {
  readonly name: string;
  readonly plan: Plan;
}

/**
 * What `--same-weights-as` names, looked up before anything is read; null when it was not given.
 *
 * @throws AppError SOURCE_*, HUB_* when it cannot be listed; USAGE
 */
export async function otherModel(options: Options, signal: AbortSignal): Promise<OtherModel | null> {
  const { sameWeightsAs: name } = options;
  if (name === undefined) return null;
  return { name, plan: await planTarget({ ...options, target: name, against: [] }, 'headers', signal) };
}

/** The check; whatever goes wrong is part of it. */
export async function sameWeights(
  plan: Plan,
  { name, plan: other }: OtherModel,
  offline: boolean,
  signal: AbortSignal,
): Promise<Omit<Check, 'id'>> {
  const total = [plan, other].reduce((sum, { artifacts }) => sum + artifacts.reduce((n, { size }) => n + size, 0), 0);
  const bar = createProgressBar(process.stderr);
  const leaves = new LeafThread();
  let done = 0;
  const read = (bytes: number): void => bar.update((done += bytes), total, 'comparing numbers');
  try {
    const tools = { hashes: nodeHashes(leaves), signal, read };
    return await checkSameWeights(plan, { ...other, name }, machine(offline), tools);
  } finally {
    bar.clear();
    await leaves.close();
  }
}
