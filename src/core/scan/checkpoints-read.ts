/** The numbers of all checkpoints, tensor by tensor, side by side: each weight file is read once. */
import { Sample } from '../checkpoints/init-test.ts';
import type { MeasuredTensor } from '../checkpoints/judge-claims.ts';
import { matcherOf } from '../checkpoints/pattern.ts';
import type { Recipe } from '../checkpoints/recipe.ts';
import { roundingShare } from '../checkpoints/rounding.ts';
import { TensorSums, type Row } from '../checkpoints/sums.ts';
import { AppError, throwIfAborted, toErrorData, type ErrorData } from '../errors.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { DECODED_TIMES_MAX } from '../limits.ts';
import type { JobContext } from '../progress.ts';
import { dtypeByName, elementCount } from '../tensors/dtypes.ts';
import { decodedDtype } from '../tensors/read/read.ts';
import { dtypeOf, type DescribedModel } from './compare-list.ts';
import { bytesOf, pieceOf, ReadingSide } from './compare-side.ts';
import type { ValueStream } from './compare-values.ts';
import { Pace } from './pace.ts';

/** One tensor of the first checkpoint with its counterparts, by place in each checkpoint's list. */
export interface CommonTensor {
  readonly name: string;
  readonly places: readonly number[];
  readonly trained: boolean;
  /** Read although no optimiser moves it: it is said to be frozen. */
  readonly read: boolean;
}

export interface ReadOutcome {
  readonly tensors: readonly MeasuredTensor[];
  readonly unread: readonly { readonly name: string; readonly reason: ErrorData }[];
  readonly stopped: boolean;
}

/** What training counts or averages beside the weights (PyTorch's batch norm), and constants that some versions save. */
const BUFFERS = /(?:^|\.)(?:running_mean|running_var|num_batches_tracked|inv_freq|position_ids|masked_bias)$/;

/** Tensors that every checkpoint has under one name and with one shape, in the order of the first one's files. */
export function commonTensors(models: readonly DescribedModel[], recipe: Recipe | null): readonly CommonTensor[] {
  const [first, ...others] = models.map(({ tensors }) => placesByName(tensors.map(({ name }) => name)));
  const buffers = (recipe?.buffers ?? []).map(matcherOf);
  const frozen = (recipe?.frozen ?? []).map(matcherOf);
  const found: CommonTensor[] = [];
  for (const [name, place] of first ?? []) {
    const places = [place, ...others.map((map) => map.get(name) ?? -1)];
    const tensors = places.map((at, i) => models[i]!.tensors[at]);
    const [own] = tensors;
    if (own === undefined || tensors.some((one) => one === undefined || one.shape.join() !== own.shape.join()))
      continue;
    const numbers = dtypeByName(decodedDtype(own))?.kind ?? 'float';
    const moved = numbers === 'float' || numbers === 'block';
    const trained = moved && !BUFFERS.test(name) && !buffers.some((rule) => rule(name));
    found.push({ name, places, trained, read: trained || frozen.some((rule) => rule(name)) });
  }
  return inFileOrder(found, models[0]!);
}

/** A name that occurs twice stands for nothing. */
function placesByName(names: readonly string[]): ReadonlyMap<string, number> {
  const map = new Map<string, number>();
  const twice = new Set<string>();
  for (const [i, name] of names.entries()) {
    if (map.has(name)) twice.add(name);
    else map.set(name, i);
  }
  for (const name of twice) map.delete(name);
  return map;
}

function inFileOrder(found: readonly CommonTensor[], { model, tensors }: DescribedModel): readonly CommonTensor[] {
  const files = new Map(model.files.map((file, i) => [file.source, i]));
  const keyed = found.map((one) => {
    const piece = pieceOf(tensors[one.places[0]!]!);
    return {
      one,
      file: piece === null ? files.size : (files.get(piece.source) ?? files.size),
      start: piece?.start ?? 0,
    };
  });
  return keyed.sort((a, b) => a.file - b.file || a.start - b.start).map(({ one }) => one);
}

/**
 * Never rejects for a model's sake: what cannot be read is in `unread`, and a run that was stopped gives what it came to.
 * When a file turns out to have changed, nothing that was read says anything.
 *
 * @param ctx told of the bytes of all checkpoints
 */
export async function readSequence(
  models: readonly DescribedModel[],
  common: readonly CommonTensor[],
  recipe: Recipe | null,
  kernels: Kernels,
  ctx: JobContext,
): Promise<ReadOutcome> {
  const costs = common.map(({ places, read }) =>
    read ? places.reduce((sum, at, i) => sum + bytesOf(models[i]!.tensors[at]!), 0) : 0,
  );
  const most = DECODED_TIMES_MAX * models.reduce((sum, { model }) => sum + model.bytes, 0);
  const total = Math.min(
    most,
    costs.reduce((sum, cost) => sum + cost, 0),
  );
  const pace = new Pace(ctx, '', total);
  const tensors: MeasuredTensor[] = [];
  const unread: { name: string; reason: ErrorData }[] = [];
  const reader = new Reader(models, recipe, kernels, ctx.signal);
  let done = 0;
  let broken: ErrorData | null = null;
  try {
    for (const [k, one] of common.entries()) {
      const facts = reader.facts(one);
      if (!one.read) {
        tensors.push({ ...facts, sums: null });
        continue;
      }
      const tooMuch: ErrorData = { code: 'FORMAT_OVERLAP', detail: { tensor: one.name.slice(0, 200) } };
      const refused = ctx.signal.aborted ? STOPPED : (broken ?? (done + costs[k]! > most ? tooMuch : null));
      try {
        if (refused !== null) throw new AppError(refused.code, refused.detail);
        const before = done;
        tensors.push(await reader.measure(one, (share) => pace.step(before + share * costs[k]!)));
      } catch (error) {
        const reason = toErrorData(error);
        tensors.push({ ...facts, sums: null });
        unread.push({ name: one.name, reason });
        // A file that cannot be read any more is not asked again.
        if (reason.code.startsWith('SOURCE_')) broken = reason;
      }
      done += costs[k]!;
    }
    if (!ctx.signal.aborted) pace.finish();
  } finally {
    pace.close();
  }
  const changed = await changedSince(models, ctx.signal);
  if (changed === null) return { tensors, unread, stopped: ctx.signal.aborted };
  return {
    tensors: tensors.map(({ name, shape, dtypes, trained }) => ({ name, shape, dtypes, trained, sums: null })),
    unread: [{ name: '', reason: changed }],
    stopped: ctx.signal.aborted,
  };
}

const STOPPED: ErrorData = { code: 'SOURCE_ABORTED', detail: {} };

async function changedSince(models: readonly DescribedModel[], signal: AbortSignal): Promise<ErrorData | null> {
  for (const { model } of models) {
    for (const source of model.sources) {
      try {
        if (!signal.aborted) await source.settle(signal);
      } catch (error) {
        const reason = toErrorData(error);
        if (reason.code !== 'SOURCE_ABORTED') return reason;
      }
    }
  }
  return null;
}

class Reader {
  readonly #models: readonly DescribedModel[];
  readonly #kernels: Kernels;
  readonly #signal: AbortSignal;
  readonly #initRules: readonly ((name: string) => boolean)[];

  constructor(models: readonly DescribedModel[], recipe: Recipe | null, kernels: Kernels, signal: AbortSignal) {
    this.#models = models;
    this.#kernels = kernels;
    this.#signal = signal;
    this.#initRules = (recipe?.init ?? []).map(({ tensors }) => matcherOf(tensors));
  }

  facts({ name, places, trained }: CommonTensor): Omit<MeasuredTensor, 'sums'> {
    const tensors = places.map((at, i) => this.#models[i]!.tensors[at]!);
    return { name, shape: tensors[0]!.shape, dtypes: tensors.map(dtypeOf), trained };
  }

  /** @param step told of the share that is done, 0 to 1 @throws AppError FORMAT_*, SOURCE_* */
  async measure(one: CommonTensor, step: (share: number) => Promise<void>): Promise<MeasuredTensor> {
    const facts = this.facts(one);
    const values = elementCount(facts.shape);
    const sums = new TensorSums(one.places.length);
    const first = this.#initRules.some((rule) => rule(one.name)) ? new Sample(values) : undefined;
    const streams = one.places.map((at, i) => {
      const { model, tensors } = this.#models[i]!;
      const side = { index: at, selections: [], shape: facts.shape };
      const tools = { kernels: this.#kernels, signal: this.#signal };
      return new ReadingSide(tensors[at]!, side, model, null, tools).values();
    });
    let done = 0;
    await lockStep(streams, async (rows, at, length) => {
      throwIfAborted(this.#signal);
      sums.add(rows, at, length);
      first?.add(rows[0]!, at[0]!, length);
      done += length;
      await step(values > 0 ? done / values : 1);
    });
    if (done !== values) throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: one.name.slice(0, 200) });
    const shares = facts.dtypes.map((dtype) => roundingShare(dtype) ?? 0);
    return { ...facts, sums: sums.result(shares), ...(first === undefined ? {} : { first }) };
  }
}

/** Gives the same places of all streams, in order, in runs as long as all of them have at hand. */
async function lockStep(
  streams: readonly ValueStream[],
  take: (rows: readonly Row[], at: readonly number[], length: number) => Promise<void>,
): Promise<void> {
  try {
    const rows: Row[] = [];
    const at = streams.map(() => 0);
    const ended = async (i: number): Promise<boolean> => {
      while (rows[i] === undefined || at[i] === rows[i]!.length) {
        const next = await streams[i]!.next();
        if (next === null) return true;
        rows[i] = next;
        at[i] = 0;
      }
      return false;
    };
    for (;;) {
      const ends: boolean[] = [];
      for (let i = 0; i < streams.length; i++) ends.push(await ended(i));
      if (ends.every(Boolean)) return;
      if (ends.some(Boolean)) throw new AppError('FORMAT_SIZE_MISMATCH', {});
      const length = Math.min(...rows.map((row, i) => row.length - at[i]!));
      await take(rows, at, length);
      for (let i = 0; i < at.length; i++) at[i]! += length;
    }
  } finally {
    await Promise.all(streams.map((stream) => stream.close()));
  }
}
