import { throwIfAborted, type ErrorData } from '../errors.ts';
import type { LogicalTensor, TensorModel } from '../tensors/read/model.ts';
import { decodedDtype, readTensors, type TensorWanted } from '../tensors/read/read.ts';
import { notReadable } from '../tensors/read/stored.ts';
import { DecodeTools, NumbersOfOne, unknownNumbers, type TensorNumbers } from './decode-lane-one.ts';

export interface DecodeModelTools {
  readonly tools: DecodeTools;
  readonly signal?: AbortSignal;
  /** Told how many bytes were read since the last time. */
  readonly read?: (bytes: number) => void;
}

/**
 * Canonical digest and statistics of any tensors of a model, from one pass over its files (`readTensors`): what
 * "the same weights in another container" is judged by. Memory is some 100 MB, whatever the size.
 *
 * @returns in the order of `tensors`; a tensor whose numbers cannot be had says why instead
 * @throws AppError SOURCE_*; whatever a hasher failed with
 */
export async function decodeModel(
  model: TensorModel,
  tensors: readonly LogicalTensor[],
  { tools, signal, read }: DecodeModelTools,
): Promise<readonly TensorNumbers[]> {
  const results: (TensorNumbers | Promise<TensorNumbers>)[] = [];
  const wanted = tensors.map((tensor, i): TensorWanted => {
    const failed = (error: ErrorData): void => {
      results[i] = unknownNumbers(error);
    };
    const why = tensor.kind === 'stored' ? notReadable(tensor.at.entry, tensor.at.file.format) : null;
    if (why !== null) {
      failed(why);
      return { tensor, visitor: { tile() {}, failed } };
    }
    // Made when the first tile comes: a model may have a hundred thousand tensors.
    let one: NumbersOfOne | null = null;
    const start = (): NumbersOfOne => (one ??= new NumbersOfOne(decodedDtype(tensor), tensor.shape, tools));
    const done = (): void => {
      const result = start().result();
      one = null;
      // Awaited below; a failure must not be unhandled until then.
      result.catch(() => undefined);
      results[i] = result;
    };
    return { tensor, visitor: { tile: (values, stored) => start().tile(values, stored), done, failed } };
  });
  await readTensors(model, wanted, {
    kernels: tools.kernels,
    room: tools.room,
    ...(signal === undefined ? {} : { signal }),
    ...(read === undefined ? {} : { read }),
  });
  throwIfAborted(signal);
  return Promise.all(results);
}
