/** bitsandbytes: 4-bit codes looked up in a table and scaled by block, and LLM.int8. */
import { AppError } from '../../errors.ts';
import { SCHEME_NOTE_MAX } from '../../limits.ts';
import { elementCount } from '../dtypes.ts';
import type { TensorEntry } from '../entry.ts';
import { torchDtype } from './config.ts';
import type { ModelTensors, Undecoded, VirtualTensor } from './scheme.ts';

const STATE = /^(.+)\.quant_state\.bitsandbytes__(\w+)$/s;

export async function* recogniseBitsandbytes(model: ModelTensors): AsyncIterable<VirtualTensor | Undecoded> {
  for (const [name, entry] of model.entries) {
    const match = STATE.exec(name);
    if (match !== null) yield await fourBit(model, match[1]!, match[2]!, entry);
    else if (name.endsWith('.SCB')) yield await eightBit(model, name.slice(0, -'.SCB'.length), entry);
  }
}

/** The JSON that bitsandbytes stores as a tensor of bytes. */
interface State {
  readonly shape: readonly number[];
  readonly blocksize: number;
  readonly dtype: string;
  readonly nestedBlocksize: number;
  readonly nestedOffset: number;
}

function readState(bytes: Uint8Array): State | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const field = value as Readonly<Record<string, unknown>>;
  const positive = (n: unknown): n is number => typeof n === 'number' && Number.isInteger(n) && n > 0 && n < 2 ** 31;
  const { shape, blocksize, dtype, nested_blocksize: nestedBlocksize = 256, nested_offset: nestedOffset = 0 } = field;
  if (!Array.isArray(shape) || !positive(blocksize) || !positive(nestedBlocksize)) return undefined;
  if (typeof nestedOffset !== 'number') return undefined;
  return {
    shape: shape as readonly number[],
    blocksize,
    dtype: torchDtype(dtype) ?? 'F32',
    nestedBlocksize,
    nestedOffset: Math.fround(nestedOffset),
  };
}

/** The number of elements, or nothing where the shape is not one. */
function count(shape: readonly number[]): number | undefined {
  try {
    return elementCount(shape);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

async function fourBit(
  model: ModelTensors,
  name: string,
  type: string,
  note: TensorEntry,
): Promise<VirtualTensor | Undecoded> {
  const { entries } = model;
  const part = (suffix: string): TensorEntry | undefined => entries.get(`${name}${suffix}`);
  const codes = part('');
  const absmax = part('.absmax');
  const map = part('.quant_map');
  const nestedAbsmax = part('.nested_absmax');
  const nestedMap = part('.nested_quant_map');
  const parts = [codes, absmax, nestedAbsmax, nestedMap, map, note]
    .filter((entry) => entry !== undefined)
    .map((entry) => entry.name);
  const refuse = (why: Undecoded['why']): Undecoded => ({ name, scheme: `bitsandbytes ${type}`, why, parts });
  if (type !== 'nf4' && type !== 'fp4') return refuse('scheme');
  if (codes === undefined || absmax === undefined || map === undefined) return refuse('layout');
  if (note.byteLength > SCHEME_NOTE_MAX) return refuse('size');
  const state = readState(await model.read(note));
  if (state === undefined) return refuse('layout');
  const values = count(state.shape);
  if (values === undefined || map.dtype !== 'F32' || count(map.shape) !== 16) return refuse('layout');
  const blocks = Math.ceil(values / state.blocksize);
  if (codes.byteLength !== Math.ceil(values / 2) || count(absmax.shape) !== blocks) return refuse('layout');
  const nested = absmax.dtype === 'U8';
  if (!nested && absmax.dtype !== 'F32') return refuse('layout');
  if (nested) {
    if (nestedAbsmax === undefined || nestedMap === undefined) return refuse('layout');
    if (count(nestedMap.shape) !== 256 || nestedMap.dtype !== 'F32' || nestedAbsmax.dtype !== 'F32')
      return refuse('layout');
    if (count(nestedAbsmax.shape) !== Math.ceil(blocks / state.nestedBlocksize)) return refuse('layout');
  }
  return {
    name,
    scheme: 'bitsandbytes',
    dtype: state.dtype,
    shape: state.shape,
    bits: 4,
    groupSize: state.blocksize,
    parts,
    recipe: {
      kind: 'rows',
      codes: codes.name,
      coding: { kind: 'lookup', table: map.name },
      // Blocks run through the values in order, across rows.
      columns: values,
      scale: {
        part: absmax.name,
        rows: 1,
        run: state.blocksize,
        width: blocks,
        ...(nested
          ? {
              nested: {
                map: nestedMap!.name,
                absmax: nestedAbsmax!.name,
                block: state.nestedBlocksize,
                offset: state.nestedOffset,
              },
            }
          : {}),
      },
    },
  };
}

/** fround(1 / 127), as bitsandbytes multiplies instead of dividing. */
const ONE_127TH = Math.fround(7.874015718698502e-3);

async function eightBit(model: ModelTensors, layer: string, scales: TensorEntry): Promise<VirtualTensor | Undecoded> {
  const name = `${layer}.weight`;
  const codes = model.entries.get(name);
  const parts = codes === undefined ? [scales.name] : [codes.name, scales.name];
  const [rows = 0, columns = 0] = codes?.shape ?? [];
  if (codes?.dtype !== 'I8' || codes.shape.length !== 2 || scales.dtype !== 'F32' || count(scales.shape) !== rows) {
    return { name, scheme: 'bitsandbytes int8', why: 'layout', parts };
  }
  // Older checkpoints do not say; 0 is row-major, the others are tiles for particular GPUs.
  const format = model.entries.get(`${layer}.weight_format`);
  if (format !== undefined && (format.byteLength !== 1 || (await model.read(format))[0] !== 0)) {
    return { name, scheme: 'bitsandbytes int8', why: 'layout', parts };
  }
  return {
    name,
    scheme: 'bitsandbytes-int8',
    dtype: model.entries.get(`${layer}.bias`)?.dtype ?? model.config.computeDtype ?? 'F16',
    shape: [rows, columns],
    bits: 8,
    parts,
    recipe: {
      kind: 'rows',
      codes: name,
      coding: { kind: 'dtype', dtype: 'I8' },
      columns,
      scale: { part: scales.name, rows: 1, run: columns, width: 1 },
      factor: ONE_127TH,
    },
  };
}
