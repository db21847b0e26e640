/** `assay inspect`: what a model holds, from its headers, or from every number when asked. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Check } from '../core/claims/check.ts';
import { isWeightIndex } from '../core/formats/set.ts';
import { silentContext } from '../core/progress.ts';
import { inspectModel, type InspectedModel } from '../core/scan/decode-scans.ts';
import { withDataFiles } from '../core/scan/data-files.ts';
import { folderChecks } from '../core/scan/folder-checks.ts';
import type { ArtifactScan, Plan } from '../core/scan/model.ts';
import type { Finding } from '../core/content/finding.ts';
import type { Options } from './args.ts';
import { LeafThread } from './leaf-thread.ts';
import { machine } from './machine.ts';
import { nodeHashes } from './node-hash.ts';
import { inspectionJson, printInspection } from './print-inspection.ts';
import { planTarget, scanPlan } from './session.ts';

/** Everything that is shown of a model, whichever way. */
export interface Inspection {
  readonly plan: Plan;
  readonly model: InspectedModel;
  /** Files that belong together, against each other. */
  readonly sets: readonly Check[];
  readonly findings: readonly Finding[];
}

/**
 * Reads headers, and with `canonical` or `stats` every byte. The index of a sharded model stands for its folder.
 *
 * @returns null when it was stopped
 * @throws AppError SOURCE_*, HUB_*, USAGE
 */
export async function inspectTarget(options: Options, signal: AbortSignal): Promise<Inspection | null> {
  const numbers = options.canonical || options.stats;
  const target = isWeightIndex(options.target) && existsSync(options.target) ? dirname(options.target) : options.target;
  const plan = withNumbers(await planTarget({ ...options, target }, numbers ? 'full' : 'headers', signal), numbers);
  const scans = withDataFiles(await scanPlan(plan, signal));
  return signal.aborted ? null : judge(plan, scans, options, numbers, signal);
}

/** @returns exit status: 1 when a container breaks its format or a file is no model, 2 when one could not be read */
export async function inspect(options: Options, signal: AbortSignal): Promise<number> {
  const found = await inspectTarget(options, signal);
  if (found === null) return 2;
  const { scans } = found.model;
  console.log(options.json ? JSON.stringify(inspectionJson(found), null, 2) : printInspection(found, options));
  if (scans.some((s) => s.status === 'failed' || s.status === 'aborted')) return 2;
  const broken = scans.some((s) => s.formatError ?? s.notAModel) || found.sets.some((c) => c.outcome === 'contradicts');
  return broken ? 1 : 0;
}

/** The same plan with the numbers of every weight file wanted. */
function withNumbers(plan: Plan, numbers: boolean): Plan {
  if (!numbers) return plan;
  return { ...plan, artifacts: plan.artifacts.map((a) => (a.role === 'weights' ? { ...a, numbers } : a)) };
}

async function judge(
  plan: Plan,
  scans: readonly ArtifactScan[],
  { offline }: Options,
  numbers: boolean,
  signal: AbortSignal,
): Promise<Inspection> {
  const context = machine(offline);
  const leaves = new LeafThread();
  try {
    const hashes = numbers ? nodeHashes(leaves) : undefined;
    const model = await inspectModel(plan.artifacts, scans, context, signal, hashes);
    const byPath = new Map(scans.map((scan) => [scan.path, scan]));
    const { checks, findings } = await folderChecks(plan.artifacts, byPath, context, silentContext().signal);
    return { plan, model, sets: checks, findings };
  } finally {
    await leaves.close();
  }
}
