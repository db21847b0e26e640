/** Two models side by side: MPK's signals of both, and tensor by tensor what became of the numbers. */
import type { OpenContext } from '../bytes/open.ts';
import { toErrorData, type ErrorData } from '../errors.ts';
import type { HashProvider } from '../hash/hasher.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { DECODED_TIMES_MAX } from '../limits.ts';
import type { JobContext } from '../progress.ts';
import {
  COMPARISON_FORMAT,
  COMPARISON_VERSION,
  type ComparedModel,
  type ComparedTensor,
  type ModelComparison,
} from '../report/comparison.ts';
import { thisTool } from '../report/tool.ts';
import { compareModels as mpkOpinion } from '../signals/mpk/compare.ts';
import type { ModelSignals } from '../signals/mpk/model.ts';
import { alike, pairByContent } from './compare-content.ts';
import { openModel } from './compare-files.ts';
import { comparedModel, listModel, type DescribedModel } from './compare-list.ts';
import { pairTensors, type Pair } from './compare-pairing.ts';
import type { CompareRequest, ModelInput } from './compare-request.ts';
import { rowsOf, wholeSide } from './compare-rows.ts';
import { costOf, inFileOrder, runPairs, type PairOutcome, type PairTask } from './compare-run.ts';
import type { EqualBytes } from './compare-bytes.ts';
import { Totals } from './totals.ts';

/** Signals of one model; `cached` when they were had without extracting. */
export interface SignalsFound {
  readonly signals: ModelSignals;
  readonly cached: boolean;
}

/** What another thread needs to compare some of the pairs: it opens both models itself. Plain data. */
export interface PairsRequest {
  readonly models: readonly [ModelInput, ModelInput];
  readonly tasks: readonly PairTask[];
}

export interface CompareTools extends OpenContext {
  readonly kernels: () => Promise<Kernels>;
  readonly hashes: HashProvider;
  readonly equal?: EqualBytes;
  /** @throws AppError SOURCE_* */
  readonly signals: (model: ModelInput, ctx: JobContext) => Promise<SignalsFound>;
  /** Where pairs are compared besides this thread; `lanes` of them at once. Absent: here. */
  readonly beside?: {
    readonly lanes: number;
    pairs(request: PairsRequest, ctx: JobContext): Promise<readonly PairOutcome[]>;
  };
}

/** Less than this is compared sooner than another thread has opened both models. Bytes of both sides. */
const WORTH_A_LANE = 64 * 1024 * 1024;

/**
 * Compares two models. Never rejects for a model's sake: what could not be had or read says so, and a run that was
 * stopped gives what it came to, marked `stopped`.
 */
export async function compareModels(
  { models, depth, now }: CompareRequest,
  tools: CompareTools,
  ctx: JobContext,
): Promise<ModelComparison> {
  const started = performance.now();
  ctx.progress({ phase: 'headers', done: 0 });
  const listed = await Promise.all(models.map((model) => described(model, tools, ctx.signal)));
  const [a, b] = [listed[0] ?? null, listed[1] ?? null];
  const plan = depth === 'tensors' && a !== null && b !== null ? planTensors(a, b) : null;
  const weights = listed.map((one) => (one?.model.files ?? []).reduce((sum, { source }) => sum + source.size, 0));
  const total = weights[0]! + weights[1]! + (plan?.bytes ?? 0);
  const totals = new Totals(total, ctx);
  const found = await Promise.all(
    models.map(async (model, i) => {
      const one = await signalsOf(model, tools, totals.of(i));
      totals.finished(i, weights[i]!);
      return one;
    }),
  );
  const tensors = plan === null ? [] : await plan.run(models, tools, totals);
  return {
    format: COMPARISON_FORMAT,
    version: COMPARISON_VERSION,
    tool: thisTool(),
    created: now,
    sides: [sideOf(models[0], a, found[0]!), sideOf(models[1], b, found[1]!)],
    depth,
    stopped: ctx.signal.aborted,
    seconds: (performance.now() - started) / 1000,
    tensors,
    mpk: mpkOpinion(found[0]!.signals, found[1]!.signals),
  };
}

/** What a result says of one model. */
export function sideOf(
  model: ModelInput,
  listed: DescribedModel | null,
  { signals, cached }: SignalsFound,
): ComparedModel {
  const { missing, seconds, derived } = signals;
  const rebuilt = derived === undefined ? {} : { derived };
  return comparedModel(model, listed, { missing, seconds, ...rebuilt, ...(cached ? { cached } : {}) });
}

/** Null when stopped before its headers were read, or when they could not be. */
export async function described(
  model: ModelInput,
  tools: OpenContext,
  signal: AbortSignal,
): Promise<DescribedModel | null> {
  try {
    return await listModel(await openModel(model, tools, signal), signal);
  } catch (error) {
    const { code } = toErrorData(error);
    if (code.startsWith('SOURCE_')) return null;
    throw error;
  }
}

/** A model that cannot be read, or was not reached, has no signals, and says why. */
export async function signalsOf(
  model: ModelInput,
  tools: Pick<CompareTools, 'signals'>,
  ctx: JobContext,
): Promise<SignalsFound> {
  try {
    return await tools.signals(model, ctx);
  } catch (error) {
    return { signals: noSignals(toErrorData(error)), cached: false };
  }
}

function noSignals(reason: ErrorData): ModelSignals {
  return {
    fingerprint: null,
    family: 'unknown',
    tokenizer: null,
    vocab: null,
    weights: null,
    missing: (['metadata', 'tokenizer', 'weights'] as const).map((part) => ({ part, reason })),
    seconds: { base: 0, weights: 0 },
  };
}

interface TensorPlan {
  /** Bytes of both sides that will be read. */
  readonly bytes: number;
  run(models: CompareRequest['models'], tools: CompareTools, totals: Totals): Promise<readonly ComparedTensor[]>;
}

/** Places of the content search and of the first lane in the sums of progress: after the signals of both models. */
const CONTENT = 2;
const LANES = 3;

function planTensors(a: DescribedModel, b: DescribedModel): TensorPlan {
  const found = pairTensors(a.candidates, b.candidates);
  const named = { ...found, pairs: affordable(found.pairs, a, b) };
  const same = alike(a, b, named.onlyA, named.onlyB);
  const cost = tasksOf(named.pairs).reduce((sum, task) => sum + costOf(task, a, b), 0);
  return {
    // What is found by content is read once more, to say how it is equal.
    bytes: cost + 2 * same.bytes,
    async run(models, tools, totals) {
      const content = same.bytes > 0 ? await byContent(a, b, same, tools, totals.of(CONTENT)) : [];
      const pairs = [...named.pairs, ...content];
      const [inA, inB] = [new Set(pairs.map((pair) => pair.a?.index)), new Set(pairs.map((pair) => pair.b?.index))];
      const only = { a: named.onlyA.filter((i) => !inA.has(i)), b: named.onlyB.filter((i) => !inB.has(i)) };
      const tasks = inFileOrder(tasksOf(pairs), a);
      const outcomes = await runAll(models, { a, b, tasks }, tools, totals);
      return rowsOf(a, b, pairs, new Map(outcomes.map((outcome) => [outcome.place, outcome])), only);
    },
  };
}

/** Leaves out what a hostile table asks beyond reason: tensors may share bytes, and a small one many times those of a file. */
function affordable(pairs: readonly Pair[], a: DescribedModel, b: DescribedModel): readonly Pair[] {
  const size = a.model.bytes + b.model.bytes;
  let cost = 0;
  return pairs.map((pair) => {
    const [task] = tasksOf([pair]);
    if (task === undefined) return pair;
    cost += costOf(task, a, b);
    if (cost <= DECODED_TIMES_MAX * size) return pair;
    const tensor = a.candidates.tensors[task.pair.a.index]!.name.slice(0, 200);
    return { ...pair, relation: 'not-compared', reason: { code: 'FORMAT_OVERLAP', detail: { tensor } } };
  });
}

function tasksOf(pairs: readonly Pair[]): readonly PairTask[] {
  return pairs.flatMap((pair, place) => {
    const { a, b, relation } = pair;
    return a === null || b === null || relation !== undefined ? [] : [{ place, pair: { ...pair, a, b } }];
  });
}

/** Where the search could not be finished, nothing is said to have no counterpart. */
async function byContent(
  a: DescribedModel,
  b: DescribedModel,
  same: ReturnType<typeof alike>,
  tools: CompareTools,
  ctx: JobContext,
): Promise<readonly Pair[]> {
  let done = 0;
  try {
    return await pairByContent(a, b, same, {
      kernels: await tools.kernels(),
      hashes: tools.hashes,
      signal: ctx.signal,
      read: (bytes) => ctx.progress({ phase: 'reading', done: (done += bytes), total: same.bytes }),
    });
  } catch (error) {
    const reason = toErrorData(error);
    if (!reason.code.startsWith('SOURCE_')) throw error;
    const unknown = { transposed: false, relation: 'not-compared', reason } as const;
    return [
      ...same.a.map((i): Pair => ({ a: wholeSide(a, i), b: null, ...unknown })),
      ...same.b.map((i): Pair => ({ a: null, b: wholeSide(b, i), ...unknown })),
    ];
  }
}

interface Work {
  readonly a: DescribedModel;
  readonly b: DescribedModel;
  readonly tasks: readonly PairTask[];
}

async function runAll(
  models: CompareRequest['models'],
  { a, b, tasks }: Work,
  tools: CompareTools,
  totals: Totals,
): Promise<readonly PairOutcome[]> {
  const cost = tasks.reduce((sum, task) => sum + costOf(task, a, b), 0);
  const { beside } = tools;
  const lanes = beside === undefined ? 1 : Math.min(beside.lanes, Math.floor(cost / WORTH_A_LANE));
  if (beside === undefined || lanes < 2) {
    const shared = { kernels: await tools.kernels(), ...(tools.equal === undefined ? {} : { equal: tools.equal }) };
    return runPairs(a, b, tasks, shared, totals.of(LANES));
  }
  const shares = cut(tasks, lanes, (task) => costOf(task, a, b));
  const outcomes = await Promise.all(
    shares.map(async (share, i) => {
      try {
        return await beside.pairs({ models, tasks: share }, totals.of(LANES + i));
      } catch (thrown) {
        // A thread that died, or was ended because it did not answer a stop, takes its share with it and no more.
        const error = toErrorData(thrown);
        return share.map(({ place }): PairOutcome => ({ place, error }));
      }
    }),
  );
  return outcomes.flat();
}

/** Neighbours stay together: each share reads one region of the files. */
function cut(tasks: readonly PairTask[], shares: number, cost: (task: PairTask) => number): readonly PairTask[][] {
  const total = tasks.reduce((sum, task) => sum + cost(task), 0);
  const out: PairTask[][] = Array.from({ length: shares }, () => []);
  let done = 0;
  for (const task of tasks) {
    // By the middle of a task, so that one of half the bytes does not leave a share empty.
    const middle = done + cost(task) / 2;
    out[Math.min(shares - 1, Math.floor((middle / Math.max(1, total)) * shares))]!.push(task);
    done += cost(task);
  }
  return out;
}

/** Some of the pairs, on a thread that has nothing but the request. */
export async function comparePairsOf(
  { models, tasks }: PairsRequest,
  tools: Pick<CompareTools, 'kernels' | 'equal' | 'http' | 'openPath'>,
  ctx: JobContext,
): Promise<readonly PairOutcome[]> {
  try {
    const [a, b] = await Promise.all(
      models.map(async (model) => listModel(await openModel(model, tools, ctx.signal), ctx.signal)),
    );
    const shared = { kernels: await tools.kernels(), ...(tools.equal === undefined ? {} : { equal: tools.equal }) };
    return await runPairs(a!, b!, tasks, shared, ctx);
  } catch (error) {
    const data = toErrorData(error);
    return tasks.map(({ place }) => ({ place, error: data }));
  }
}
