/** Decoded values of stored tensors of one file, in one forward pass over its bytes where they lie there. */
import type { ByteSource } from '../../bytes/source.ts';
import { AppError, throwIfAborted, toErrorData, type ErrorData } from '../../errors.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { createDecoder, type Decoder, type TileSink } from '../decode/decoder.ts';
import type { TensorEntry } from '../entry.ts';
import type { TensorFile, TensorModel } from './model.ts';
import { notReadable, storedBytesOf, storedTensor } from './stored.ts';

/** What is wanted of one tensor. */
export interface TensorVisitor {
  /** Tiles in order, as `TileSink` has them: valid only during the call. */
  readonly tile: TileSink;
  /** After the last tile. */
  done?(): void;
  /**
   * Instead of `done` when this tensor's bytes break their format (FORMAT_*) or it cannot be decoded; the others go on.
   * Absent: that ends the whole visit with the error.
   */
  failed?(error: ErrorData): void;
}

export interface Visit {
  readonly entry: TensorEntry;
  readonly visitor: TensorVisitor;
}

export interface ReadTools {
  /** Absent: plain TypeScript, slower. */
  readonly kernels?: Kernels;
  readonly signal?: AbortSignal;
  /** Told how many bytes were read since the last time. */
  readonly read?: (bytes: number) => void;
  /** Takes back a chunk of a stream that nobody reads any more: whoever made it may use its memory again. */
  readonly give?: (chunk: Uint8Array) => void;
  /** Awaited between pieces of work: where values go when they go to other threads. */
  readonly room?: () => Promise<void>;
}

/** Bytes between two tensors that are read and thrown away rather than asked for separately. */
const GAP_MAX = 4 * 1024 * 1024;
/** Stored bytes decoded before others get a turn. */
const PIECE = 256 * 1024;

/**
 * Decodes tensors of one file. Those that lie in it in one piece are read in its order, neighbours in one stream; views,
 * packed and external ones follow, one by one. Memory is a few chunks.
 *
 * Overlapping tensors are read once each: `visitModel` bounds how often.
 *
 * @throws AppError SOURCE_*; FORMAT_* where the visitor has no `failed`
 */
export async function visitTensors(
  file: TensorFile,
  visits: readonly Visit[],
  tools: ReadTools,
  model: Pick<TensorModel, 'open'> = {},
): Promise<void> {
  const able = visits.filter(({ entry, visitor }) => {
    const why = notReadable(entry, file.format);
    if (why !== null) fail(visitor, why);
    return why === null;
  });
  const placed = able
    .filter(({ entry }) => isPiece(entry))
    .sort((a, b) => startOf(a) - startOf(b) || a.entry.byteLength - b.entry.byteLength);
  for (const run of runs(placed)) await visitRun(file, run, tools);
  for (const visit of able) if (!isPiece(visit.entry)) await visitAlone(file, visit, tools, model);
}

/** Its row-major bytes are one piece of the file. */
export function isPiece({ storage }: TensorEntry): boolean {
  return storage.kind === 'range' && storage.strides === undefined;
}

/** Neighbours that are worth one stream. Overlapping tensors begin runs of their own. */
function runs(sorted: readonly Visit[]): Visit[][] {
  const out: Visit[][] = [];
  let end = -1;
  for (const visit of sorted) {
    const start = startOf(visit);
    if (out.length === 0 || start < end || start - end > GAP_MAX) out.push([]);
    out.at(-1)!.push(visit);
    end = start + visit.entry.byteLength;
  }
  return out;
}

async function visitRun(file: TensorFile, run: readonly Visit[], tools: ReadTools): Promise<void> {
  const last = run.at(-1)!;
  let next = 0;
  let decoder: Decoder | null = null;
  let at = startOf(run[0]!);
  const finishEmpty = (): void => {
    // Tensors without bytes have no chunk of their own.
    while (next < run.length && run[next]!.entry.byteLength === 0) run[next++]!.visitor.done?.();
  };
  finishEmpty();
  const stop = startOf(last) + last.entry.byteLength;
  if (at === stop) return;
  for await (const chunk of file.source.stream(at, stop, tools.signal)) {
    throwIfAborted(tools.signal);
    let done = 0;
    while (next < run.length && done < chunk.length) {
      const visit = run[next]!;
      const begin = startOf(visit);
      const end = begin + visit.entry.byteLength;
      const from = Math.max(begin - at, done);
      if (from >= chunk.length) break;
      const to = Math.min(end - at, chunk.length);
      decoder ??= decoderOf(visit, file.format, tools.kernels);
      await push(decoder, chunk.subarray(from, to), tools);
      done = to;
      if (to < end - at) break;
      decoder.end();
      visit.visitor.done?.();
      decoder = null;
      next++;
      finishEmpty();
    }
    at += chunk.length;
    tools.read?.(chunk.length);
    tools.give?.(chunk);
  }
}

async function visitAlone(
  file: TensorFile,
  visit: Visit,
  tools: ReadTools,
  model: Pick<TensorModel, 'open'>,
): Promise<void> {
  try {
    const decoder = decoderOf(visit, file.format, tools.kernels);
    for await (const chunk of storedBytesOf({ file, entry: visit.entry }, model, tools.signal)) {
      throwIfAborted(tools.signal);
      await push(decoder, chunk, tools);
      tools.read?.(chunk.length);
    }
    decoder.end();
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
    fail(visit.visitor, toErrorData(error));
    return;
  }
  visit.visitor.done?.();
}

/** Whole rows of the first dimension, each read by itself: for models of which only a few rows are wanted. */
export async function visitRows(
  source: ByteSource,
  entry: TensorEntry,
  rows: readonly number[],
  visitor: TensorVisitor,
  tools: ReadTools,
): Promise<void> {
  const { storage, shape, byteLength } = entry;
  if (storage.kind !== 'range' || storage.strides !== undefined || entry.transforms !== undefined) {
    throw new AppError('ENGINE_UNSUPPORTED', { what: 'rows' });
  }
  const rowBytes = byteLength / (shape[0] ?? 1);
  const part = { ...entry, shape: [rows.length, ...shape.slice(1)], byteLength: rowBytes * rows.length };
  const decoder = decoderOf({ entry: part, visitor }, '', tools.kernels);
  for (const row of rows) {
    const start = storage.start + row * rowBytes;
    await push(decoder, await source.read(start, start + rowBytes, tools.signal), tools);
    tools.read?.(rowBytes);
  }
  decoder.end();
  visitor.done?.();
}

async function push(decoder: Decoder, bytes: Uint8Array, { signal, room }: ReadTools): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE) {
    throwIfAborted(signal);
    decoder.push(bytes.subarray(at, at + PIECE));
    if (room !== undefined) await room();
  }
}

function startOf({ entry }: Visit): number {
  return entry.storage.kind === 'range' ? entry.storage.start : 0;
}

function decoderOf({ entry, visitor }: Visit, format: string, kernels: Kernels | undefined): Decoder {
  const made = createDecoder(storedTensor(entry, format), (values, stored) => visitor.tile(values, stored), kernels);
  if ('notDecoded' in made) throw new AppError('FORMAT_NOT_DECODED', { tensor: entry.name, dtype: made.notDecoded });
  return made;
}

function fail(visitor: TensorVisitor, error: ErrorData): void {
  if (visitor.failed === undefined) throw new AppError(error.code, error.detail);
  visitor.failed(error);
}
