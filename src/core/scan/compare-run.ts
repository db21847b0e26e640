/** Compares chosen pairs of two opened models, in the order of the files of the first. */
import { AppError, toErrorData, type ErrorData } from '../errors.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { JobContext } from '../progress.ts';
import type { LogicalTensor } from '../tensors/read/model.ts';
import { equalBytes, ForwardReader, type EqualBytes, type Piece } from './compare-bytes.ts';
import type { OpenedModel } from './compare-files.ts';
import { comparePair, type Measured } from './compare-pair.ts';
import type { Pair, PairSide } from './compare-pairing.ts';
import { bytesOf, narrowed, pieceOf, ReadingSide } from './compare-side.ts';
import { Pace } from './pace.ts';

/** A model with its tensors as a runtime has them. */
export interface ListedModel {
  readonly model: OpenedModel;
  readonly tensors: readonly LogicalTensor[];
}

/** A pair to be read, with its place in the result. */
export interface PairTask {
  readonly place: number;
  readonly pair: Pair & { readonly a: PairSide; readonly b: PairSide };
}

/** What became of a task: measured, or why not. */
export interface PairOutcome {
  readonly place: number;
  readonly measured?: Measured;
  readonly error?: ErrorData;
}

export interface RunTools {
  readonly kernels: Kernels;
  readonly equal?: EqualBytes;
}

/** Bytes that comparing a pair reads of both sides, when nothing has to be read twice. */
export function costOf({ pair }: PairTask, a: ListedModel, b: ListedModel): number {
  return bytesOf(tensorOf(a, pair.a).tensor) + bytesOf(tensorOf(b, pair.b).tensor);
}

function tensorOf({ tensors }: ListedModel, side: PairSide): ReturnType<typeof narrowed> {
  return narrowed(tensors[side.index]!, side);
}

/** In the order in which the first model's files hold them. */
export function inFileOrder(tasks: readonly PairTask[], a: ListedModel): readonly PairTask[] {
  const files = new Map(a.model.files.map((file, i) => [file.source, i]));
  const keyed = tasks.map((task) => {
    const piece = pieceOf(tensorOf(a, task.pair.a).tensor);
    return {
      task,
      file: piece === null ? files.size : (files.get(piece.source) ?? files.size),
      start: piece?.start ?? 0,
    };
  });
  return keyed.sort((x, y) => x.file - y.file || x.start - y.start).map(({ task }) => task);
}

/**
 * One outcome for each task, in their order. A stopped run gives SOURCE_ABORTED for what it did not come to. A file that
 * cannot be read any more is not asked again; one that turns out to have changed takes back what was compared with it.
 *
 * @param ctx told of the bytes of both sides
 */
export async function runPairs(
  a: ListedModel,
  b: ListedModel,
  tasks: readonly PairTask[],
  tools: RunTools,
  ctx: JobContext,
): Promise<readonly PairOutcome[]> {
  const total = tasks.reduce((sum, task) => sum + costOf(task, a, b), 0);
  const readers = [a, b].map((model, side) => {
    const pieces = tasks.map(({ pair }) => pieceOf(tensorOf(model, side === 0 ? pair.a : pair.b).tensor));
    return forward(pieces, ctx.signal);
  });
  const failed = new Map<string, ErrorData>();
  const outcomes: PairOutcome[] = [];
  const pace = new Pace(ctx, a.model.files[0]?.path ?? '', total);
  let done = 0;
  try {
    for (const [i, task] of tasks.entries()) {
      const { place, pair } = task;
      const keys = [`a:${pathOf(a, pair.a)}`, `b:${pathOf(b, pair.b)}`];
      const known = keys.map((key) => failed.get(key)).find((error) => error !== undefined);
      const stopped: ErrorData | undefined = ctx.signal.aborted ? { code: 'SOURCE_ABORTED', detail: {} } : undefined;
      const error = stopped ?? known;
      if (error !== undefined) {
        outcomes.push({ place, error });
        continue;
      }
      const cost = costOf(task, a, b);
      const sides = [a, b].map((listed, place) => {
        const { tensor, side } = tensorOf(listed, place === 0 ? pair.a : pair.b);
        const bytes = readers[place]!(i, (read) => (done += read));
        const shared = { kernels: tools.kernels, signal: ctx.signal };
        return new ReadingSide(tensor, side, listed.model, bytes, shared);
      });
      const before = done;
      try {
        const measured = await comparePair(sides[0]!, sides[1]!, pair.transposed, {
          kernels: tools.kernels,
          signal: ctx.signal,
          equal: tools.equal ?? equalBytes,
          // What has to be read twice is not counted twice.
          step: () => pace.step(Math.min(done, before + cost)),
        });
        outcomes.push({ place, measured });
      } catch (thrown) {
        const data = toErrorData(thrown);
        outcomes.push({ place, error: data });
        if (data.code.startsWith('SOURCE_') && data.code !== 'SOURCE_ABORTED') {
          for (const key of blamed(data, keys)) failed.set(key, data);
        }
      }
      done = before + cost;
    }
    if (!ctx.signal.aborted) pace.finish();
  } finally {
    pace.close();
    for (const reader of readers) await reader.close();
  }
  return withdrawn(outcomes, tasks, a, b, ctx.signal);
}

/** The file that the error names, or both. */
function blamed({ detail }: ErrorData, keys: readonly string[]): readonly string[] {
  const named = keys.filter((key) => key.slice(2) === detail['name']);
  return named.length === 1 ? named : keys;
}

function pathOf({ tensors }: ListedModel, { index }: PairSide): string {
  const tensor = tensors[index]!;
  if (tensor.kind === 'stored') return tensor.at.file.path;
  return tensor.parts.get(tensor.recipe.parts[0] ?? '')?.file.path ?? '';
}

type Reader = ((i: number, read: (bytes: number) => void) => AsyncIterable<Uint8Array> | null) & {
  close(): Promise<void>;
};

/** One forward reader over those tensors that lie in one piece. */
function forward(pieces: readonly (Piece | null)[], signal: AbortSignal): Reader {
  const places = pieces.flatMap((piece, i) => (piece === null ? [] : [i]));
  const reader = new ForwardReader(
    places.map((i) => pieces[i]!),
    signal,
  );
  const at = new Map(places.map((i, n) => [i, n]));
  const bytes = (i: number, read: (bytes: number) => void): AsyncIterable<Uint8Array> | null => {
    const n = at.get(i);
    return n === undefined ? null : counted(reader.read(n), read);
  };
  return Object.assign(bytes, { close: () => reader.close() });
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  read: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    read(chunk.length);
    yield chunk;
  }
}

/** A file that is not the one that was opened: nothing that was read of it says anything. */
async function withdrawn(
  outcomes: readonly PairOutcome[],
  tasks: readonly PairTask[],
  a: ListedModel,
  b: ListedModel,
  signal: AbortSignal,
): Promise<readonly PairOutcome[]> {
  const changed = new Map<string, ErrorData>();
  for (const [side, { model }] of [a, b].entries()) {
    for (const source of model.sources) {
      try {
        if (!signal.aborted) await source.settle(signal);
      } catch (error) {
        if (error instanceof AppError && error.code === 'SOURCE_ABORTED') continue;
        changed.set(`${side}:${source.name}`, toErrorData(error));
      }
    }
  }
  if (changed.size === 0) return outcomes;
  return outcomes.map((outcome, i) => {
    const { pair } = tasks[i]!;
    const error = changed.get(`0:${pathOf(a, pair.a)}`) ?? changed.get(`1:${pathOf(b, pair.b)}`);
    return error === undefined ? outcome : { place: outcome.place, error };
  });
}
