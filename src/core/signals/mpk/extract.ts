/** The five weight signals of a model, from one pass over its files. */
import type { ByteSource } from '../../bytes/source.ts';
import { AppError } from '../../errors.ts';
import type { OpenArtifact } from '../../formats/format.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import { visitRows, visitTensors, type Visit } from '../../tensors/read/visit.ts';
import { elementCount } from '../../tensors/dtypes.ts';
import { asHalf, ColumnSquares, PlacedSamples, Rows, Samples, Squares, together, Whole } from './collectors.ts';
import { placeIn, type Arrangement, type Order } from './containers/arrangement.ts';
import { ANCHORS_MIN, selfSimilarity } from './eas.ts';
import { normHistogram } from './end.ts';
import { layerProfile, LAYERS_MAX } from './lep.ts';
import { orderByName, tensorOrder, type Located } from './load-order.ts';
import { entersWvc, findEmbedding, isNormName, layerIndex } from './names.ts';
import { normFingerprint, NORM_VALUES_MIN } from './nlf.ts';
import { unreadable, type StreamTools, type TensorVisitor } from './tensor-stream.ts';
import type { ExtractedWeights, LoadPath } from './weights.ts';

export interface OpenedWeights {
  readonly path: string;
  readonly source: ByteSource;
  readonly opened: OpenArtifact;
  /**
   * A container MPK does not read: its tensors bear Hugging Face's names and shapes here, and those that lie otherwise
   * than in Hugging Face's files are listed.
   */
  readonly arranged?: ReadonlyMap<TensorEntry, Arrangement>;
}

export interface ExtractInput {
  readonly files: readonly OpenedWeights[];
  readonly weightMap: ReadonlyMap<string, string> | null;
  readonly path: LoadPath;
  /** Embedding rows → anchor rows; what the tokenizer says. */
  readonly anchors: (rows: number) => readonly number[];
  /** MPK would load these files as float16 (a `pytorch_model.bin` on the full path): values are rounded to it. */
  readonly half?: boolean;
}

/** MPK refuses larger embeddings. Rows. */
const ROWS_MAX = 1_000_000;
/** Rows taken of each tensor when files are too large to be read whole. */
const SLICED_ROWS = 32;

/** Everything that is gathered of one tensor. */
interface Gathered {
  readonly whole?: Whole;
  readonly squares?: Squares | ColumnSquares;
  readonly samples?: Samples | PlacedSamples;
  readonly rows?: Rows;
}

/**
 * @throws AppError SOURCE_*, FORMAT_*; `SIGNAL_MPK_STOPS` {why} where MPK itself ends with an error: float8 on the full path, an
 *   embedding row whose norm is not finite
 */
export async function extractWeights(input: ExtractInput, tools: StreamTools): Promise<ExtractedWeights> {
  const { files, weightMap, path } = input;
  const listed = files.map(({ path: name, source, opened }) => ({
    path: name,
    size: source.size,
    byPlace: opened.format === 'safetensors',
    tensors: opened.tensors,
  }));
  const arranged = new Map(files.flatMap((file) => [...(file.arranged ?? [])]));
  const foreign = files.some((file) => file.arranged !== undefined);
  const order = foreign ? orderByName(listed) : tensorOrder(listed, weightMap, path);
  const dimensions = new Map(order.search.map(({ tensor }) => [tensor.name, tensor.shape.length]));
  const embeddingName = findEmbedding(
    order.search.map(({ tensor }) => tensor.name),
    (name) => dimensions.get(name) ?? 0,
    path === 'full',
  );
  const embedding = order.search.find(({ tensor }) => tensor.name === embeddingName) ?? null;
  const anchors =
    embedding !== null && embedding.tensor.shape.length === 2 ? anchorRows(embedding.tensor, input.anchors) : [];
  const skipped: { name: string; why: string }[] = [];
  const gathered = new Map<TensorEntry, Gathered>();
  const whole = new Map<TensorEntry, Wanted>();
  const sliced = new Map<TensorEntry, Wanted>();

  const want = ({ file, tensor }: Located, extra: Gathered, rows?: readonly number[]): void => {
    const why = unreadable(tensor);
    if (why !== null) {
      skipped.push({ name: tensor.name, why });
      return;
    }
    const wants = rows === undefined ? whole : sliced;
    const known = wants.get(tensor) ?? { file, visitors: [], rows: rows ?? [] };
    known.visitors.push(...Object.values(extra as Record<string, TensorVisitor>));
    wants.set(tensor, known);
    gathered.set(tensor, { ...gathered.get(tensor), ...extra });
  };
  if (embedding !== null && anchors.length >= ANCHORS_MIN) {
    const [rows = 0, columns = 0] = embedding.tensor.shape;
    want(embedding, { rows: new Rows(rows, columns, anchors, tools.kernels) });
  }
  const norms = order.norms.filter(({ tensor }) => isNormTensor(tensor, path));
  for (const located of norms) {
    const { tensor } = located;
    want(located, { whole: new Whole(elementCount(tensor.shape), arranged.get(tensor)?.shift) });
  }
  const layers = order.layers.filter(({ tensor }) => entersLayers(tensor, path));
  for (const located of layers) {
    const { tensor } = located;
    const lying = arranged.get(tensor)?.order;
    const own = path === 'sliced' && tensor.storage.kind === 'range' ? slicedRows(tensor) : undefined;
    const { rows, squares, samples } = layerCollectors(tensor, own, lying, tools.kernels);
    want(located, entersWvc(tensor.name) ? { squares, samples: samples() } : { squares }, rows);
  }
  tools.planned?.(wantedBytes(whole, sliced));
  await readAll(files, whole, sliced, tools, input.half === true ? asHalf : together);
  return assemble({ path, embedding, anchors, norms, layers, gathered, skipped });
}

/** What is gathered of a layer's matrix, and the rows that are read of it; all when undefined. */
function layerCollectors(
  { shape }: TensorEntry,
  rows: readonly number[] | undefined,
  lying: Order | undefined,
  kernels: Kernels,
): { rows?: readonly number[]; squares: Squares | ColumnSquares; samples: () => Samples | PlacedSamples } {
  const all = elementCount(shape);
  const columns = all / (shape[0] ?? 1);
  if (rows === undefined) {
    const squares = new Squares(kernels);
    return { squares, samples: () => (lying ? new PlacedSamples(all, placeIn(lying, shape)) : new Samples(all)) };
  }
  const elements = columns * rows.length;
  if (lying?.kind !== 'transposed') {
    const read = lying === undefined ? rows : rows.map(lying.row);
    return { rows: read, squares: new Squares(kernels), samples: () => new Samples(elements) };
  }
  // Its rows are columns in the file: all of it is read, and the rows MPK would have seen are picked out.
  const place = placeIn(lying, shape);
  const picked = (index: number): number => place(rows[Math.floor(index / columns)]! * columns + (index % columns));
  return { squares: new ColumnSquares(shape[0]!, rows), samples: () => new PlacedSamples(elements, picked) };
}

function anchorRows(tensor: TensorEntry, anchors: (rows: number) => readonly number[]): readonly number[] {
  const rows = tensor.shape[0] ?? 0;
  return rows > ROWS_MAX ? [] : anchors(rows);
}

/** The full path takes vectors only, the others whatever has a norm's name. */
function isNormTensor(tensor: TensorEntry, path: LoadPath): boolean {
  if (!isNormName(tensor.name) || elementCount(tensor.shape) < NORM_VALUES_MIN) return false;
  return path === 'full' ? tensor.shape.length === 1 : !isFloat8(tensor.dtype);
}

function entersLayers({ name, shape, dtype }: TensorEntry, path: LoadPath): boolean {
  const layer = layerIndex(name);
  if (layer === null || layer >= LAYERS_MAX) return false;
  // torch has no comparison for float8: the full path ends there, the streaming path passes over the tensor.
  if (isFloat8(dtype) && path === 'full' && (shape.length >= 2 || elementCount(shape) >= 1024)) {
    throw new AppError('SIGNAL_MPK_STOPS', { why: 'float8', tensor: name });
  }
  return shape.length >= 2 && !(isFloat8(dtype) && path === 'streaming');
}

function isFloat8(dtype: string): boolean {
  return dtype.startsWith('F8_');
}

/** Evenly spaced rows of the first dimension; undefined when all are taken. */
function slicedRows({ shape }: TensorEntry): readonly number[] {
  const total = shape[0]!;
  const step = Math.max(1, Math.floor(total / Math.min(SLICED_ROWS, total)));
  return Array.from({ length: Math.min(SLICED_ROWS, total) }, (_, i) => i * step);
}

interface Wanted {
  readonly file: string;
  readonly visitors: TensorVisitor[];
  readonly rows: readonly number[];
}

function wantedBytes(whole: ReadonlyMap<TensorEntry, Wanted>, sliced: ReadonlyMap<TensorEntry, Wanted>): number {
  let bytes = 0;
  for (const { byteLength } of whole.keys()) bytes += byteLength;
  for (const [{ byteLength, shape }, { rows }] of sliced) bytes += (byteLength / (shape[0] || 1)) * rows.length;
  return bytes;
}

async function readAll(
  files: readonly OpenedWeights[],
  whole: ReadonlyMap<TensorEntry, Wanted>,
  sliced: ReadonlyMap<TensorEntry, Wanted>,
  tools: StreamTools,
  combine: (visitors: readonly TensorVisitor[]) => TensorVisitor,
): Promise<void> {
  for (const { path, source, opened } of files) {
    for (const [tensor, { file, visitors, rows }] of sliced) {
      if (file === path) await visitRows(source, tensor, rows, combine(visitors), tools);
    }
    const visits: Visit[] = [];
    for (const [tensor, { file, visitors }] of whole) {
      if (file === path) visits.push({ entry: tensor, visitor: combine(visitors) });
    }
    await visitTensors({ path, source, ...opened }, visits, tools);
    await source.settle(tools.signal);
  }
}

interface Parts {
  readonly path: LoadPath;
  readonly embedding: Located | null;
  readonly anchors: readonly number[];
  readonly norms: readonly Located[];
  readonly layers: readonly Located[];
  readonly gathered: ReadonlyMap<TensorEntry, Gathered>;
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

function assemble({ path, embedding, anchors, norms, layers, gathered, skipped }: Parts): ExtractedWeights {
  const rows = embedding === null ? undefined : gathered.get(embedding.tensor)?.rows;
  const histogram = rows === undefined ? null : normHistogram(rows.norms);
  if (rows !== undefined && histogram === null && path === 'full')
    throw new AppError('SIGNAL_MPK_STOPS', { why: 'norms' });
  const vectors = norms.flatMap(({ tensor }) => {
    const whole = gathered.get(tensor)?.whole;
    return whole === undefined ? [] : [{ name: tensor.name, values: whole.values }];
  });
  const { energies, samples, names } = byLayer(layers, gathered, path);
  return {
    path,
    embedding: embedding?.tensor.name ?? null,
    anchors: rows === undefined ? [] : anchors,
    eas: rows === undefined ? null : selfSimilarity(anchors.map((row) => rows.row(row))),
    end: histogram?.shares ?? null,
    histogram,
    nlf: normFingerprint(vectors.map(({ values }) => values)),
    lep: layerProfile(energies),
    energies,
    wvc: samples.size === 0 ? null : samples,
    order: { nlf: vectors.map(({ name }) => name), wvc: names },
    skipped,
  };
}

function byLayer(
  layers: readonly Located[],
  gathered: ReadonlyMap<TensorEntry, Gathered>,
  path: LoadPath,
): { energies: Map<number, number>; samples: Map<number, Float32Array>; names: Map<number, string[]> } {
  const energies = new Map<number, number>();
  const parts = new Map<number, Float32Array[]>();
  const names = new Map<number, string[]>();
  for (const { tensor } of layers) {
    const found = gathered.get(tensor);
    if (found?.squares === undefined) continue;
    const layer = layerIndex(tensor.name)!;
    energies.set(layer, (energies.get(layer) ?? 0) + energyOf(tensor, found.squares.sum, path));
    if (found.samples === undefined) continue;
    parts.set(layer, [...(parts.get(layer) ?? []), found.samples.values]);
    names.set(layer, [...(names.get(layer) ?? []), tensor.name]);
  }
  const sorted = [...parts].sort(([a], [b]) => a - b);
  return { energies, samples: new Map(sorted.map(([layer, list]) => [layer, concatenated(list)])), names };
}

/** A norm, as torch rounds it to float32; the row-sliced path adds squares, scaled up by the rows left out. */
function energyOf({ shape }: TensorEntry, squares: number, path: LoadPath): number {
  if (path !== 'sliced') return Math.fround(Math.sqrt(squares));
  const total = shape[0] ?? 0;
  return Math.fround(squares) * (total / Math.min(SLICED_ROWS, total));
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
