/** What every command shares: a plan for the target, its scans with a progress bar, and the report. */
import { AppError } from '../core/errors.ts';
import { ALGORITHMS, type Algorithm } from '../core/hash/hasher.ts';
import type { JobContext } from '../core/progress.ts';
import type { ArtifactScan, Depth, Plan } from '../core/scan/model.ts';
import { makePlan } from '../core/scan/plan.ts';
import type { Options } from './args.ts';
import { hubSettings, readAgainst, readIntake } from './intake.ts';
import { machine } from './machine.ts';
import { createProgressBar } from './progress-bar.ts';
import { runScans } from './scan-pool.ts';

/** A context without a bar, for short work. */
export function quietContext(signal: AbortSignal): JobContext {
  return { signal, progress() {}, network() {} };
}

/** Plan of the target at this depth. `algorithms` are computed for every file, besides those that claims ask for. */
export async function planTarget(options: Options, depth: Depth, signal: AbortSignal): Promise<Plan> {
  const hub = hubSettings(process.env);
  const intake = await readIntake(options.target, hub);
  if (options.offline && intake.kind !== 'local') throw new AppError('SOURCE_OFFLINE', { url: options.target });
  const against = await Promise.all(options.against.map((text) => readAgainst(text, hub)));
  return makePlan({ intake, against, depth }, machine(options.offline), quietContext(signal));
}

/** The algorithms named on the command line. @throws AppError CLAIM_ALGORITHM {algorithm} */
export function readAlgorithms(names: readonly string[]): Algorithm[] {
  return names.map((name) => {
    const plain = name.toLowerCase().replace(/^(sha)-(\d+)$/, '$1$2');
    const found = ALGORITHMS.find((a) => a === plain);
    if (!found) throw new AppError('CLAIM_ALGORITHM', { algorithm: name, known: ALGORITHMS.join(', ') });
    return found;
  });
}

/** Scans everything in the plan, with a bar on standard error when that is a terminal. */
export async function scanPlan(plan: Plan, signal: AbortSignal): Promise<readonly ArtifactScan[]> {
  const bar = createProgressBar(process.stderr);
  try {
    return await runScans(plan, {
      signal,
      progress: (p) => bar.update(p.done, p.total ?? plan.bytes, p.path ?? ''),
      network() {},
    });
  } finally {
    bar.clear();
  }
}
