/** Decoded values of chosen tensors of a file, in one forward pass over its bytes. */
import type { ByteSource } from '../../bytes/source.ts';
import { AppError, throwIfAborted } from '../../errors.ts';
import type { OpenArtifact } from '../../formats/format.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { createDecoder, type Decoder, type StoredTensor } from '../../tensors/decode/decoder.ts';
import { elementCount } from '../../tensors/dtypes.ts';
import type { TensorEntry } from '../../tensors/entry.ts';

/** What is wanted of one tensor. */
export interface TensorVisitor {
  /** Tiles in order; valid only during the call. */
  tile(values: Float32Array): void;
  /** After the last tile. */
  done(): void;
}

export interface Visit {
  readonly tensor: TensorEntry;
  readonly visitor: TensorVisitor;
}

export interface StreamTools {
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
  /** Told how many bytes were read since the last time. */
  readonly read: (bytes: number) => void;
}

/** Bytes between two tensors that are read and thrown away rather than asked for separately. */
const GAP_MAX = 4 * 1024 * 1024;

/** Why the values of a tensor cannot be had, or null when they can. */
export function unreadable(tensor: TensorEntry): string | null {
  if (tensor.transforms !== undefined) return 'stored with a transformation';
  if (tensor.storage.kind === 'absent') return tensor.storage.why;
  if (tensor.storage.kind === 'external') return `in another file, ${tensor.storage.path}`;
  if (tensor.storage.kind === 'range' && tensor.storage.strides !== undefined) return 'a view with strides';
  const made = createDecoder(stored(tensor), () => undefined);
  return 'notDecoded' in made ? `numbers of type ${made.notDecoded} are not decoded` : null;
}

/**
 * Tensors that lie in the file are read in its order, neighbours in one stream; those that have to be put together
 * follow. Memory is a few chunks.
 *
 * @throws AppError SOURCE_*, FORMAT_* of a payload that breaks its format
 */
export async function visitTensors(
  source: ByteSource,
  opened: OpenArtifact,
  visits: readonly Visit[],
  tools: StreamTools,
): Promise<void> {
  const placed = visits.filter(({ tensor }) => tensor.storage.kind === 'range').sort((a, b) => startOf(a) - startOf(b));
  for (const run of runs(placed)) await visitRun(source, run, tools);
  for (const { tensor, visitor } of visits) {
    if (tensor.storage.kind !== 'assembled') continue;
    if (opened.payload === undefined) throw new AppError('ENGINE_UNSUPPORTED', { kind: 'payload' });
    const decoder = decoderOf(tensor, visitor, tools.kernels);
    for await (const chunk of opened.payload(tensor, tools.signal)) {
      throwIfAborted(tools.signal);
      decoder.push(chunk);
      tools.read(chunk.length);
    }
    decoder.end();
    visitor.done();
  }
}

/** Whole rows of the first dimension, each read by itself: for models of which only a few rows are wanted. */
export async function visitRows(
  source: ByteSource,
  tensor: TensorEntry,
  rows: readonly number[],
  visitor: TensorVisitor,
  tools: StreamTools,
): Promise<void> {
  const { storage, shape, byteLength } = tensor;
  const total = shape[0] ?? 1;
  if (storage.kind !== 'range') throw new AppError('ENGINE_UNSUPPORTED', { kind: 'rows' });
  const rowBytes = byteLength / total;
  const part = { ...tensor, shape: [rows.length, ...shape.slice(1)], byteLength: rowBytes * rows.length };
  const decoder = decoderOf(part, visitor, tools.kernels);
  for (const row of rows) {
    const start = storage.start + row * rowBytes;
    decoder.push(await source.read(start, start + rowBytes, tools.signal));
    tools.read(rowBytes);
  }
  decoder.end();
  visitor.done();
}

/** Neighbours that are worth one stream. Overlapping tensors begin runs of their own. */
function runs(sorted: readonly Visit[]): Visit[][] {
  const out: Visit[][] = [];
  let end = -1;
  for (const visit of sorted) {
    const start = startOf(visit);
    if (out.length === 0 || start < end || start - end > GAP_MAX) out.push([]);
    out.at(-1)!.push(visit);
    end = start + visit.tensor.byteLength;
  }
  return out;
}

async function visitRun(source: ByteSource, run: readonly Visit[], tools: StreamTools): Promise<void> {
  const last = run.at(-1)!;
  let next = 0;
  let decoder: Decoder | null = null;
  let at = startOf(run[0]!);
  const finishEmpty = (): void => {
    // Tensors without bytes have no chunk of their own.
    while (next < run.length && run[next]!.tensor.byteLength === 0) run[next++]!.visitor.done();
  };
  finishEmpty();
  for await (const chunk of source.stream(at, startOf(last) + last.tensor.byteLength, tools.signal)) {
    throwIfAborted(tools.signal);
    let done = 0;
    while (next < run.length && done < chunk.length) {
      const visit = run[next]!;
      const begin = startOf(visit);
      const end = begin + visit.tensor.byteLength;
      const from = Math.max(begin - at, done);
      if (from >= chunk.length) break;
      const to = Math.min(end - at, chunk.length);
      decoder ??= decoderOf(visit.tensor, visit.visitor, tools.kernels);
      decoder.push(chunk.subarray(from, to));
      done = to;
      if (to < end - at) break;
      decoder.end();
      visit.visitor.done();
      decoder = null;
      next++;
      finishEmpty();
    }
    at += chunk.length;
    tools.read(chunk.length);
  }
}

function startOf({ tensor }: Visit): number {
  return tensor.storage.kind === 'range' ? tensor.storage.start : 0;
}

function decoderOf(tensor: TensorEntry, visitor: TensorVisitor, kernels: Kernels): Decoder {
  const made = createDecoder(stored(tensor), (values) => visitor.tile(values), kernels);
  if ('notDecoded' in made) throw new AppError('FORMAT_DTYPE', { dtype: made.notDecoded });
  return made;
}

function stored({ dtype, shape, storage }: TensorEntry): StoredTensor {
  const order = storage.kind === 'range' || storage.kind === 'assembled' ? storage.order : undefined;
  return { dtype, elements: elementCount(shape), ...(order === undefined ? {} : { order }) };
}
