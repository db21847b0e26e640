/** A sequence of checkpoints: what it is consistent with, from the files alone. Method and thresholds: docs/checkpoints.md. */
import type { OpenContext } from '../bytes/open.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BEYOND, unchecked, type Reason, type SequenceCheck } from '../checkpoints/check.ts';
import { judgeClaims, type MeasuredTensor } from '../checkpoints/judge-claims.ts';
import { judgePath, lengthScores, type PathFacts } from '../checkpoints/judge-path.ts';
import { judgeStructure } from '../checkpoints/judge-structure.ts';
import { parseRecipe, type Recipe } from '../checkpoints/recipe.ts';
import { roundingShare } from '../checkpoints/rounding.ts';
import { rateSum } from '../checkpoints/schedule.ts';
import { addSums, emptySums, type SequenceSums } from '../checkpoints/sums.ts';
import { trajectoryOf, type Trajectory } from '../checkpoints/trajectory.ts';
import { toErrorData, type ErrorData } from '../errors.ts';
import type { HashProvider } from '../hash/hasher.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { JobContext } from '../progress.ts';
import {
  CHECKPOINTS_FORMAT,
  CHECKPOINTS_VERSION,
  type CheckpointsResult,
  type SegmentRow,
} from '../report/checkpoints.ts';
import { thisTool } from '../report/tool.ts';
import { dtypeOf, listModel, type DescribedModel } from './compare-list.ts';
import { openModel } from './compare-files.ts';
import { checkChains, type ChainsChecked } from './checkpoints-chain.ts';
import { layersOf } from './checkpoints-layers.ts';
import { commonTensors, readSequence, type ReadOutcome } from './checkpoints-read.ts';
import type { CheckpointsRequest, PlannedCheckpoint, SequencePlan } from './checkpoints-request.ts';
import { rowOf } from './checkpoints-rows.ts';
import { WindowedSource, windowOf } from './checkpoints-window.ts';
import { Totals } from './totals.ts';

export interface CheckpointsTools extends OpenContext {
  readonly kernels: () => Promise<Kernels>;
  readonly hashes: HashProvider;
}

/**
 * Looks at a sequence. Never rejects for a model's sake: what could not be read or checked says why, and a run that was
 * stopped gives what it came to, marked `stopped`.
 *
 * @throws AppError USAGE {problem}: a recipe that cannot be used
 */
export async function checkCheckpoints(
  { plan, recipe: text, expect, now }: CheckpointsRequest,
  tools: CheckpointsTools,
  ctx: JobContext,
): Promise<CheckpointsResult> {
  const started = performance.now();
  const recipe = text === null ? null : parseRecipe(text);
  ctx.progress({ phase: 'headers', done: 0 });
  const opened = await openAll(plan.checkpoints, tools, ctx.signal);
  const weights = plan.checkpoints.reduce((sum, { bytes }) => sum + bytes, 0);
  const totals = new Totals(2 * weights, ctx);
  const chains = await checkChains(
    plan.files,
    { ...(expect === undefined ? {} : { expect }), now },
    tools,
    totals.of(0),
  );
  const models = opened.flatMap(({ model }) => (model === null ? [] : [model]));
  const complete = models.length === opened.length;
  const read = complete
    ? await readSequence(models, commonTensors(models, recipe), recipe, await tools.kernels(), totals.of(1))
    : NOTHING_READ;
  const facts = factsOf(plan, recipe, read);
  return {
    format: CHECKPOINTS_FORMAT,
    version: CHECKPOINTS_VERSION,
    tool: thisTool(),
    created: now,
    stopped: ctx.signal.aborted,
    seconds: (performance.now() - started) / 1000,
    orderBy: plan.orderBy,
    unit: plan.unit,
    stepsGoBack: facts.stepsGoBack,
    recipe: recipe !== null,
    checkpoints: opened.map(({ planned, model }, i) => rowOf(planned, model, facts.path, i)),
    segments: segmentsOf(facts.path, facts.pathFacts),
    pathRatio: facts.path?.pathRatio ?? null,
    layers: complete ? layersOf(models[0]!, read.tensors) : [],
    trained: { tensors: facts.trained.length, values: facts.path?.values ?? 0 },
    leftOut: { tensors: read.tensors.filter(({ trained }) => !trained).length },
    unread: [
      ...opened.flatMap(({ reason, planned }) => (reason ? [{ name: planned.name, reason }] : [])),
      ...read.unread,
    ],
    checks: checksOf(plan, recipe, facts, { models, complete, read, chains }),
    chains: chains.attestations,
  };
}

const NOTHING_READ: ReadOutcome = { tensors: [], unread: [], stopped: false };

interface Opened {
  readonly planned: PlannedCheckpoint;
  /** Null: its headers could not be read, and `reason` says why. */
  readonly model: DescribedModel | null;
  readonly reason?: ErrorData;
}

/** Headers of all. Local files are read in small pieces, many at a time; a server is asked as it always is. */
async function openAll(
  planned: readonly PlannedCheckpoint[],
  tools: OpenContext,
  signal: AbortSignal,
): Promise<readonly Opened[]> {
  const window = windowOf(planned.length);
  const opened: Opened[] = [];
  for (const one of planned) {
    const near = one.model.artifacts.every(({ spec }) => spec.kind !== 'http');
    try {
      const around = near ? { around: (bare: ByteSource) => new WindowedSource(bare, window) } : {};
      const model = await openModel(one.model, { ...tools, ...around }, signal);
      const [unread] = model.unread;
      if (unread !== undefined || model.files.length === 0) {
        opened.push({ planned: one, model: null, reason: unread?.reason ?? { code: 'FORMAT_NO_DATA', detail: {} } });
      } else opened.push({ planned: one, model: await listModel(model, signal) });
    } catch (error) {
      opened.push({ planned: one, model: null, reason: toErrorData(error) });
    }
  }
  return opened;
}

interface Judged {
  readonly trained: readonly MeasuredTensor[];
  /** Null: no number was read. */
  readonly path: Trajectory | null;
  readonly pathFacts: PathFacts | null;
  readonly steps: readonly number[] | null;
  readonly rates: readonly number[] | null;
  readonly stepsGoBack: boolean;
}

function factsOf(plan: SequencePlan, recipe: Recipe | null, { tensors, unread }: ReadOutcome): Judged {
  const count = plan.checkpoints.length;
  const named = plan.unit === 'step' ? plan.checkpoints.map(({ step }) => step) : [];
  const given = recipe?.steps?.length === count ? recipe.steps : named.every((step) => step !== null) ? named : [];
  const stepsGoBack = given.some((step, i) => i > 0 && step <= given[i - 1]!);
  const steps = given.length === count && !stepsGoBack ? given : null;
  const schedule = recipe?.learningRate;
  const rates =
    steps === null || schedule === undefined
      ? null
      : steps.slice(1).map((step, i) => rateSum(schedule, steps[i]!, step));
  const trained = tensors.filter(({ trained: moved, sums }) => moved && sums !== null);
  // Lengths of half a model are lengths of nothing.
  const whole = trained.length > 0 && unread.length === 0;
  const path = whole ? trajectoryOf(total(trained, count)) : null;
  const pathFacts = path && {
    path,
    names: plan.checkpoints.map(({ name }) => name),
    steps: steps ?? plan.checkpoints.map(({ step }) => step),
    rates,
    same: sameNumbers(total(tensors, count)),
    roundingKnown: trained.every(({ dtypes }) => dtypes.every((dtype) => roundingShare(dtype) !== null)),
  };
  return { trained, path, pathFacts, steps, rates, stepsGoBack };
}

function total(tensors: readonly MeasuredTensor[], count: number): SequenceSums {
  const sum = emptySums(count);
  for (const { sums } of tensors) if (sums !== null) addSums(sum, sums);
  return sum;
}

/** Checkpoints whose sums are equal to the last bit, that of a fixed projection among them: each with the earliest like it. */
function sameNumbers({
  square,
  projection,
  fromStart,
  toEnd,
  values,
}: SequenceSums): readonly (readonly [number, number])[] {
  const seen = new Map<string, number>();
  const pairs: (readonly [number, number])[] = [];
  if (values === 0) return pairs;
  for (const [i, own] of square.entries()) {
    const key = [own, projection[i], fromStart[i], toEnd[i]].join();
    const first = seen.get(key);
    if (first === undefined) seen.set(key, i);
    else pairs.push([first, i]);
  }
  return pairs;
}

function checksOf(
  plan: SequencePlan,
  recipe: Recipe | null,
  facts: Judged,
  found: {
    readonly models: readonly DescribedModel[];
    readonly complete: boolean;
    readonly read: ReadOutcome;
    readonly chains: ChainsChecked;
  },
): readonly SequenceCheck[] {
  const names = plan.checkpoints.map(({ name }) => name);
  const reason: Reason = found.read.stopped ? 'stopped' : 'not-read';
  const forms = found.models.map(({ tensors }) =>
    tensors.map((tensor) => ({ name: tensor.name, shape: tensor.shape, dtype: dtypeOf(tensor) })),
  );
  const { tensors } = found.read;
  const structure = found.complete
    ? withNotFinite(judgeStructure(names, forms), tensors)
    : unchecked('structure', 'not-read');
  const { steps, rates } = facts;
  const claims = found.complete
    ? judgeClaims({ recipe, tensors, names, steps, rates })
    : (['frozen', 'optimiser', 'init'] as const).map((id) => unchecked(id, recipe === null ? 'no-recipe' : reason));
  const path =
    facts.pathFacts === null
      ? (['duplicate', 'jump', 'straight', 'collinear', 'direction', 'approach'] as const).map((id) =>
          unchecked(id, reason),
        )
      : judgePath(facts.pathFacts);
  const [frozen, optimiser, init] = claims;
  const beyond = BEYOND.map((id) => unchecked(id, NEEDS[id] ?? 'needs-data'));
  return [found.chains.check, structure, frozen!, optimiser!, ...path, init!, ...beyond];
}

/** Places with NaN or an infinity in some checkpoint are in no sum: that is said beside the form. */
function withNotFinite(check: SequenceCheck, tensors: readonly MeasuredTensor[]): SequenceCheck {
  const places = tensors.reduce((sum, { sums }) => sum + (sums?.notFinite ?? 0), 0);
  if (places === 0) return check;
  return { ...check, flags: [...check.flags, { code: 'not-finite', detail: { places } }] };
}

const NEEDS: Readonly<Partial<Record<SequenceCheck['id'], Reason>>> = {
  seed: 'needs-seed',
  memorisation: 'needs-data',
  retraining: 'needs-training',
};

function segmentsOf(path: Trajectory | null, facts: PathFacts | null): readonly SegmentRow[] {
  if (path === null || facts === null) return [];
  const scores = lengthScores(facts);
  return path.segments.map((segment, i) => {
    const turn = path.turns[i];
    return {
      ...segment,
      rates: facts.rates?.[i] ?? null,
      score: typeof scores === 'string' ? null : (scores[i] ?? null),
      cosineToNext: turn?.cosine ?? null,
      residual: turn?.residual ?? null,
      rounding: turn?.rounding ?? null,
    };
  });
}
