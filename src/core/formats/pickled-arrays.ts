/**
 * NumPy arrays whose bytes lie inside a pickle: in a bare pickle, or as the content of an object array. The reduce
 * forms are those of `numpy/_core/src/multiarray/methods.c` (`_reconstruct` with a state) and, since protocol 5,
 * `numpy/_core/numeric.py` (`_frombuffer`).
 */
import type { ByteSource } from '../bytes/source.ts';
import {
  asItems,
  asText,
  isCall,
  isGlobal,
  isNode,
  type PyBytes,
  type PyCall,
  type PyContainer,
  type PyText,
  type PyValue,
} from '../content/pickle/value.ts';
import { AppError } from '../errors.ts';
import { ENTRY_IN_MEMORY_MAX } from '../limits.ts';
import type { TensorEntry, TensorStorage } from '../tensors/entry.ts';
import { countElements } from './shape.ts';
import { rowMajor } from './npy/row-major.ts';
import { findLeaves, tensorName } from './torch/walk.ts';

/** An array of a described object with where its bytes are. */
export interface PickledArray {
  readonly entry: TensorEntry;
  readonly content: ArrayContent;
  /** Elements between neighbours along each dimension when stored column by column. */
  readonly strides: readonly number[] | null;
  readonly elementBytes: number;
}

/** Bytes as bytes, or as latin-1 text the way Python 2 compatible protocols write them. */
type ArrayContent = PyBytes | PyText | string;

/** Kind and size of a type string; complex and float share sizes, so the letter decides. */
const TYPES: Readonly<Record<string, readonly [dtype: string, bytes: number]>> = {
  b1: ['BOOL', 1],
  i1: ['I8', 1],
  i2: ['I16', 2],
  i4: ['I32', 4],
  i8: ['I64', 8],
  u1: ['U8', 1],
  u2: ['U16', 2],
  u4: ['U32', 4],
  u8: ['U64', 8],
  f2: ['F16', 2],
  f4: ['F32', 4],
  f8: ['F64', 8],
  c8: ['C64', 8],
  c16: ['C128', 16],
};

export interface PickledArrays {
  readonly arrays: readonly PickledArray[];
  /** The first array that breaks a rule; the others may be fine. */
  readonly error: AppError | null;
}

/**
 * Every array of numbers in a described object. Arrays of objects, text or structures are not tensors; what objects
 * hold is looked into.
 *
 * @param shift what to add to offsets of the pickle to get offsets in the artifact; null when there are none
 * @throws AppError FORMAT_COUNT_TOO_LARGE
 */
export function pickledArrays(root: PyValue | undefined, shift: number | null = 0): PickledArrays {
  const arrays: PickledArray[] = [];
  let error: AppError | null = null;
  for (const { path, value } of findLeaves(root, isNumberArray)) {
    try {
      const array = describe(tensorName(path), value as PyCall, shift);
      if (array !== null) arrays.push(array);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      error ??= thrown;
    }
  }
  return { arrays, error };
}

interface Parts {
  readonly shape: PyValue | undefined;
  readonly dtype: PyValue | undefined;
  readonly fortran: boolean;
  readonly content: PyValue | undefined;
}

/** `_reconstruct(type, shape, code)` with state `(version, shape, dtype, fortran, bytes)`, or `_frombuffer(bytes, dtype, shape, order)`. */
function partsOf(value: PyContainer): Parts | null {
  if (!isCall(value) || !isGlobal(value.callee) || !value.callee.module.startsWith('numpy')) return null;
  if (value.callee.name === '_frombuffer') {
    const [content, dtype, shape, order] = value.args;
    return { shape, dtype, fortran: asText(order) === 'F', content };
  }
  if (value.callee.name !== '_reconstruct') return null;
  const state = asItems(value.state);
  if (state === null || state.length < 4) return null;
  // Version 0 had no version number.
  const [shape, dtype, fortran, content] = state.length === 4 ? state : state.slice(1);
  return { shape, dtype, fortran: fortran === true || fortran === 1, content };
}

function isNumberArray(value: PyContainer): boolean {
  const parts = partsOf(value);
  return parts !== null && typeOf(parts.dtype) !== null && contentOf(parts.content) !== null;
}

/** `numpy.dtype('f4', False, True)` with state `(3, '<', …)`: canonical name, bytes, byte order. */
function typeOf(
  dtype: PyValue | undefined,
): { readonly dtype: string; readonly bytes: number; readonly big: boolean } | null {
  if (!isCall(dtype, 'dtype')) return null;
  const code = asText(dtype.args[0]) ?? '';
  const bare = code.replace(/^[<>|=]/, '');
  const known = Object.hasOwn(TYPES, bare) ? TYPES[bare]! : null;
  if (known === null) return null;
  const order = asText(asItems(dtype.state)?.[1]) ?? code[0];
  return { dtype: known[0], bytes: known[1], big: order === '>' && known[1] > 1 };
}

function contentOf(value: PyValue | undefined): ArrayContent | null {
  if (typeof value === 'string') return value;
  if (isNode(value) && (value.kind === 'bytes' || value.kind === 'text')) return value;
  // `_codecs.encode(text, 'latin1')` is how protocols below 3 spell bytes.
  return isCall(value, 'encode') && asText(value.args[1])?.startsWith('latin') === true
    ? contentOf(value.args[0])
    : null;
}

function describe(name: string, call: PyCall, shift: number | null): PickledArray | null {
  const parts = partsOf(call);
  const type = typeOf(parts?.dtype);
  const content = contentOf(parts?.content);
  if (parts === null || type === null || content === null) return null;
  const shape = (asItems(parts.shape) ?? [parts.shape]).map((item) => {
    if (typeof item === 'number') return item;
    throw new AppError(typeof item === 'bigint' ? 'FORMAT_OVERFLOW' : 'FORMAT_SHAPE', { tensor: name.slice(0, 200) });
  });
  const byteLength = countElements(shape, name) * type.bytes;
  const length = contentLength(content);
  if (length !== null && length !== byteLength) {
    throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: name.slice(0, 200), expected: byteLength, actual: length });
  }
  const strides = parts.fortran && shape.length > 1 ? columnStrides(shape) : null;
  const order = type.big ? ({ order: 'big' } as const) : {};
  const place =
    typeof content === 'string' || content.kind === 'text' || content.offset < 0 || shift === null
      ? null
      : content.offset + shift;
  let storage: TensorStorage;
  if (place !== null) storage = { kind: 'range', start: place, ...order, ...(strides === null ? {} : { strides }) };
  else if (unreachable(content)) storage = { kind: 'absent', why: 'written with escapes and too long to hold' };
  else storage = { kind: 'assembled', ...order };
  return { entry: { name, dtype: type.dtype, shape, byteLength, storage }, content, strides, elementBytes: type.bytes };
}

function columnStrides(shape: readonly number[]): number[] {
  let step = 1;
  return shape.map((length) => {
    const here = step;
    step *= length;
    return here;
  });
}

/** Bytes of the content; null for text, whose UTF-8 form is longer than what it spells. */
function contentLength(content: ArrayContent): number | null {
  if (typeof content === 'string') return content.length;
  return content.kind === 'bytes' ? content.length : null;
}

function unreachable(content: ArrayContent): boolean {
  if (typeof content === 'string') return false;
  return content.offset < 0 && (content.kind === 'text' || content.data === null);
}

/**
 * Row-major stored bytes of an array whose storage is `assembled`.
 *
 * @param source the bytes the pickle was read from
 * @throws AppError FORMAT_SIZE_MISMATCH, FORMAT_TOO_LARGE; SOURCE_*
 */
export async function* arrayPayload(
  source: ByteSource,
  array: PickledArray,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { entry, strides, elementBytes } = array;
  if (strides === null) {
    yield* contentBytes(source, array, signal);
    return;
  }
  if (entry.byteLength > ENTRY_IN_MEMORY_MAX) {
    throw new AppError('FORMAT_TOO_LARGE', {
      what: entry.name.slice(0, 200),
      size: entry.byteLength,
      limit: ENTRY_IN_MEMORY_MAX,
    });
  }
  const whole = new Uint8Array(entry.byteLength);
  let filled = 0;
  for await (const chunk of contentBytes(source, array, signal)) {
    whole.set(chunk, filled);
    filled += chunk.length;
  }
  yield* rowMajor(whole, entry.shape, strides, elementBytes);
}

async function* contentBytes(
  source: ByteSource,
  { entry, content }: PickledArray,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof content === 'string') {
    yield Uint8Array.from(content, (character) => character.charCodeAt(0) % 256);
    return;
  }
  if (content.kind === 'bytes' && content.data !== null) {
    yield content.data.slice();
    return;
  }
  const stored = source.stream(content.offset, content.offset + content.length, signal);
  if (content.kind === 'bytes') {
    yield* stored;
    return;
  }
  // Latin-1 text as UTF-8: every character is one byte of the array.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let total = 0;
  for await (const chunk of stored) {
    const text = decoder.decode(chunk, { stream: true });
    total += text.length;
    if (total > entry.byteLength) break;
    yield Uint8Array.from(text, (character) => character.charCodeAt(0) % 256);
  }
  if (total !== entry.byteLength) {
    throw new AppError('FORMAT_SIZE_MISMATCH', {
      tensor: entry.name.slice(0, 200),
      expected: entry.byteLength,
      actual: total,
    });
  }
}
