import { AppError } from '../../errors.ts';
import { TENSORS_MAX } from '../../limits.ts';
import type { Quantisation, TensorEntry } from '../../tensors/entry.ts';
import { countElements, DIMENSIONS_MAX, packedBytes } from '../shape.ts';
import type { FlatTable } from './flatbuffer.ts';
import { BUFFER, MODEL, QUANTISATION, SUBGRAPH, TENSOR, TYPES } from './schema.ts';

const SUBGRAPHS_MAX = 10_000;
const NAME_MAX = 4096;
/** Scales kept of one tensor: one per channel. */
const SCALES_MAX = 1_000_000;

interface Place {
  readonly start: number;
  readonly length: number;
}

export interface TfliteTensors {
  /** Constants: tensors with data. */
  readonly entries: readonly TensorEntry[];
  /** Activations and variables, which have none. */
  readonly without: number;
  /** Text, resources, sparse ones. */
  readonly other: number;
  readonly subgraphs: number;
}

/** @param size bytes of the file @throws AppError FORMAT_*; SOURCE_* */
export async function readTensors(model: FlatTable, size: number): Promise<TfliteTensors> {
  const buffers: Place[] = [];
  for await (const buffer of model.tables(MODEL.buffers, 2 * TENSORS_MAX, 'buffers'))
    buffers.push(await placeOf(buffer, size));
  const entries: TensorEntry[] = [];
  const taken = new Map<string, number>();
  let without = 0;
  let other = 0;
  let subgraphs = 0;
  for await (const subgraph of model.tables(MODEL.subgraphs, SUBGRAPHS_MAX, 'subgraphs')) {
    const own = await subgraph.text(SUBGRAPH.name, NAME_MAX);
    const prefix = subgraphs === 0 ? '' : `${own === '' ? `subgraph[${subgraphs}]` : own}/`;
    subgraphs += 1;
    for await (const tensor of subgraph.tables(SUBGRAPH.tensors, TENSORS_MAX, 'tensors')) {
      const index = await tensor.uint32(TENSOR.buffer);
      const place = buffers[index];
      if (place === undefined) throw new AppError('FORMAT_BOUNDS', { what: 'buffer', index });
      // Buffer 0 is empty by convention: no data.
      if (place.length === 0) {
        without += 1;
        continue;
      }
      const name = prefix + (await tensor.text(TENSOR.name, NAME_MAX));
      const uses = taken.get(name) ?? 0;
      taken.set(name, uses + 1);
      const entry = await describe(tensor, uses === 0 ? name : `${name}#${uses + 1}`, place);
      if (entry === null) other += 1;
      else entries.push(entry);
      if (entries.length > TENSORS_MAX)
        throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'tensors', max: TENSORS_MAX });
    }
  }
  return { entries, without, other, subgraphs };
}

/** Bytes of a buffer: a vector of the file, or behind the tables in models above 2 GB. */
async function placeOf(buffer: FlatTable, size: number): Promise<Place> {
  const { start, count } = await buffer.vector(BUFFER.data, 1, 'buffer');
  if (count > 0) return { start, length: count };
  const [offset, length] = [await buffer.uint64(BUFFER.offset), await buffer.uint64(BUFFER.size)];
  if (offset <= 1 || length === 0) return { start: 0, length: 0 };
  if (offset + length > size) throw new AppError('FORMAT_BOUNDS', { what: 'buffer', offset, length, size });
  return { start: offset, length };
}

async function describe(tensor: FlatTable, name: string, place: Place): Promise<TensorEntry | null> {
  const code = await tensor.uint8(TENSOR.type);
  const type = TYPES.get(code);
  if (type === undefined) throw new AppError('FORMAT_DTYPE', { tensor: name.slice(0, 200), dtype: code });
  if (type === null) return null;
  const shape = await tensor.numbers(TENSOR.shape, 'int32', DIMENSIONS_MAX + 1, 'shape');
  if (shape.length > DIMENSIONS_MAX)
    throw new AppError('FORMAT_SHAPE', { tensor: name.slice(0, 200), max: DIMENSIONS_MAX });
  const byteLength = packedBytes(countElements(shape, name.slice(0, 200)), type.bits, name.slice(0, 200));
  const quantisation = await readQuantisation(tensor);
  const made = { name, dtype: type.dtype, shape, byteLength, ...(quantisation === null ? {} : { quantisation }) };
  if ((await tensor.table(TENSOR.sparsity)) !== null) return { ...made, storage: { kind: 'absent', why: 'sparse' } };
  if (place.length !== byteLength) {
    throw new AppError('FORMAT_SIZE_MISMATCH', {
      tensor: name.slice(0, 200),
      expected: byteLength,
      actual: place.length,
    });
  }
  return { ...made, storage: { kind: 'range', start: place.start } };
}

async function readQuantisation(tensor: FlatTable): Promise<Quantisation | null> {
  const table = await tensor.table(TENSOR.quantisation);
  if (table === null) return null;
  const scales = await table.numbers(QUANTISATION.scale, 'float32', SCALES_MAX, 'scales');
  if (scales.length === 0) return null;
  const zeroPoints = await table.numbers(QUANTISATION.zeroPoint, 'int64', SCALES_MAX, 'zero points');
  return { scales, zeroPoints, axis: await table.int32(QUANTISATION.axis) };
}
