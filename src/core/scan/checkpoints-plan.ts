/** Which of the given files are which checkpoint, and in which order. Nothing is read. */
import { orderAsGiven, orderByName } from '../checkpoints/order.ts';
import type { OpenContext } from '../bytes/open.ts';
import { AppError } from '../errors.ts';
import { CHECKPOINTS_MAX } from '../limits.ts';
import type { JobContext } from '../progress.ts';
import type { PlannedCheckpoint, SequencePlan, SequenceRequest } from './checkpoints-request.ts';
import type { ModelInput } from './compare-request.ts';
import type { Intake, LocalFile, PlannedArtifact } from './model.ts';
import { makePlan } from './plan.ts';
import { roleByName } from './roles.ts';

/** What training leaves beside the weights under the same endings. */
const STATE = /(?:^|\/)(?:optimizer|scheduler|rng_state(?:_\d+)?|training_args|scaler|trainer_state)\.[a-z]+$/i;
const SHARD = /-\d{5}-of-\d{5}(?=\.[a-z0-9]+$)/i;

/**
 * @throws AppError USAGE {problem}: fewer than two checkpoints, too many, or an order that is none of them; HUB_*, SOURCE_*
 */
export async function planCheckpoints(
  { intakes, order }: SequenceRequest,
  tools: OpenContext,
  ctx: JobContext,
): Promise<SequencePlan> {
  const models: ModelInput[] = [];
  const files: LocalFile[] = [];
  for (const intake of intakes) {
    if (intake.kind === 'local') {
      models.push(...localModels(intake, intakes.length === 1));
      const prefix = intakes.length === 1 || isOneFile(intake) ? '' : `${intake.name}/`;
      files.push(...intake.files.map((file) => ({ ...file, path: prefix + file.path })));
    } else {
      const plan = await makePlan({ intake, against: [], depth: 'headers' }, tools, ctx);
      const revision = intake.kind === 'hub' ? intake.ref.revision : undefined;
      models.push(revision === undefined ? plan : { ...plan, name: `${plan.name}@${revision}` });
    }
  }
  const weighty = models.filter((model) => bytesOf(model) > 0);
  const names = distinct(weighty.map(({ name }) => name));
  if (names.length < 2)
    throw usage(names.length === 0 ? 'There is no weight file in it.' : 'There is one checkpoint only.');
  if (names.length > CHECKPOINTS_MAX) throw usage(`There are more than ${CHECKPOINTS_MAX} checkpoints.`);
  const found = order === undefined ? orderByName(names) : orderAsGiven(names, order);
  if (found === null) throw usage(`The order has to name each of these once: ${names.join(', ').slice(0, 2000)}.`);
  const checkpoints = found.places.map((place, i): PlannedCheckpoint => {
    const model = { ...weighty[place]!, name: names[place]! };
    return { name: names[place]!, step: found.steps[i]!, model, bytes: bytesOf(model) };
  });
  return { orderBy: found.by, unit: found.unit, checkpoints, files };
}

function usage(problem: string): AppError {
  return new AppError('USAGE', {
    problem,
    next: 'Give a folder with one folder or file for each checkpoint, or several of them.',
  });
}

function isOneFile({ files }: Extract<Intake, { readonly kind: 'local' }>): boolean {
  return files.length === 1 && !files[0]!.path.includes('/');
}

/** One of several targets is one checkpoint; a target alone holds all of them: in folders, else in files. */
function localModels(intake: Extract<Intake, { readonly kind: 'local' }>, alone: boolean): ModelInput[] {
  const weights = intake.files.filter(({ path }) => isWeights(path));
  if (!alone) return [modelOf(intake.name, intake.files, '')];
  const folders = new Set(
    weights.flatMap(({ path }) => (path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [])),
  );
  const top = weights.filter(({ path }) => !path.includes('/'));
  if (folders.size >= 2 || (folders.size === 1 && top.length === 0)) {
    const below = [...folders].map((folder) => {
      const prefix = `${folder}/`;
      const inside = intake.files.filter(({ path }) => path.startsWith(prefix));
      return modelOf(folder, inside, prefix);
    });
    // A folder around the folders: `run/checkpoints/step1/…`.
    const [only] = below;
    if (below.length === 1 && only !== undefined) {
      const prefix = `${only.name}/`;
      const files = intake.files.flatMap((file) =>
        file.path.startsWith(prefix) ? [{ ...file, path: file.path.slice(prefix.length) }] : [],
      );
      return localModels({ ...intake, name: only.name, files }, true);
    }
    return below;
  }
  const sets = new Map<string, LocalFile[]>();
  for (const file of top) {
    const key = file.path.replace(SHARD, '');
    sets.set(key, [...(sets.get(key) ?? []), file]);
  }
  return [...sets].map(([name, files]) => modelOf(name, files, ''));
}

function isWeights(path: string): boolean {
  return roleByName(path) === 'weights' && !STATE.test(path);
}

function modelOf(name: string, files: readonly LocalFile[], prefix: string): ModelInput {
  const artifacts = files.map(({ path, size, spec }): PlannedArtifact => {
    const inside = path.slice(prefix.length);
    const role = isWeights(inside)
      ? 'weights'
      : roleByName(inside) === 'weights'
        ? 'other'
        : (roleByName(inside) ?? 'other');
    return { path: inside, size, spec, role, algorithms: [], tensorAlgorithms: [] };
  });
  return { name, origin: { kind: 'local' }, artifacts };
}

function bytesOf({ artifacts }: ModelInput): number {
  return artifacts.reduce((sum, { role, size }) => sum + (role === 'weights' ? size : 0), 0);
}

/** Two folders of the same name, from different places, are still two. */
function distinct(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const n = (seen.get(name) ?? 0) + 1;
    seen.set(name, n);
    return n === 1 ? name : `${name} (${n})`;
  });
}
