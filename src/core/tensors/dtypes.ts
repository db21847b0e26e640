/**
 * Number types of stored tensors, by canonical name, with the exact bytes they take.
 *
 * Plain types carry the spelling of safetensors 0.8 (`Dtype` in its reference reader), block types the name in ggml.h.
 * Sizes of block types are those of the structs in ggml-common.h; gguf-py 0.19 disagrees on Q8_1 (40 instead of 36).
 */
import { AppError } from '../errors.ts';

export type DtypeKind = 'bool' | 'uint' | 'int' | 'float' | 'complex' | 'block';

export interface Dtype {
  readonly name: string;
  readonly kind: DtypeKind;
  /** Elements that are stored together: 1 for most, 2 for F4, 256 for K-quants. */
  readonly elements: number;
  /** Bytes that those take. */
  readonly bytes: number;
}

const plain = (kind: DtypeKind, bytes: number, ...names: string[]): Dtype[] =>
  names.map((name) => ({ name, kind, elements: 1, bytes }));
const packed = (elements: number, bytes: number, ...names: string[]): Dtype[] =>
  names.map((name) => ({ name, kind: 'float', elements, bytes }));
const block = (name: string, elements: number, bytes: number): Dtype => ({ name, kind: 'block', elements, bytes });

const PLAIN: readonly Dtype[] = [
  ...plain('bool', 1, 'BOOL'),
  ...plain('uint', 1, 'U8'),
  ...plain('uint', 2, 'U16'),
  ...plain('uint', 4, 'U32'),
  ...plain('uint', 8, 'U64'),
  ...plain('int', 1, 'I8'),
  ...plain('int', 2, 'I16'),
  ...plain('int', 4, 'I32'),
  ...plain('int', 8, 'I64'),
  ...plain('float', 1, 'F8_E4M3', 'F8_E5M2', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'),
  ...plain('float', 2, 'F16', 'BF16'),
  ...plain('float', 4, 'F32'),
  ...plain('float', 8, 'F64'),
  ...plain('complex', 8, 'C64'),
  ...packed(2, 1, 'F4'),
  ...packed(4, 3, 'F6_E2M3', 'F6_E3M2'),
];

const PLAIN_BY_NAME: ReadonlyMap<string, Dtype> = new Map(PLAIN.map((dtype) => [dtype.name, dtype]));

/** ggml's type numbers (ggml.h `enum ggml_type`). 4, 5, 31-33 and 36-38 were removed from the format. */
const GGML: ReadonlyMap<number, Dtype> = new Map<number, Dtype>([
  [0, plainType('F32')],
  [1, plainType('F16')],
  [2, block('Q4_0', 32, 18)],
  [3, block('Q4_1', 32, 20)],
  [6, block('Q5_0', 32, 22)],
  [7, block('Q5_1', 32, 24)],
  [8, block('Q8_0', 32, 34)],
  [9, block('Q8_1', 32, 36)],
  [10, block('Q2_K', 256, 84)],
  [11, block('Q3_K', 256, 110)],
  [12, block('Q4_K', 256, 144)],
  [13, block('Q5_K', 256, 176)],
  [14, block('Q6_K', 256, 210)],
  [15, block('Q8_K', 256, 292)],
  [16, block('IQ2_XXS', 256, 66)],
  [17, block('IQ2_XS', 256, 74)],
  [18, block('IQ3_XXS', 256, 98)],
  [19, block('IQ1_S', 256, 50)],
  [20, block('IQ4_NL', 32, 18)],
  [21, block('IQ3_S', 256, 110)],
  [22, block('IQ2_S', 256, 82)],
  [23, block('IQ4_XS', 256, 136)],
  [24, plainType('I8')],
  [25, plainType('I16')],
  [26, plainType('I32')],
  [27, plainType('I64')],
  [28, plainType('F64')],
  [29, block('IQ1_M', 256, 56)],
  [30, plainType('BF16')],
  [34, block('TQ1_0', 256, 54)],
  [35, block('TQ2_0', 256, 66)],
  [39, block('MXFP4', 32, 17)],
  [40, block('NVFP4', 64, 36)],
  [41, block('Q1_0', 128, 18)],
  [42, block('Q2_0', 64, 18)],
]);

const BY_NAME: ReadonlyMap<string, Dtype> = new Map([
  ...PLAIN_BY_NAME,
  ...[...GGML.values()].map((dtype): [string, Dtype] => [dtype.name, dtype]),
]);

function plainType(name: string): Dtype {
  return PLAIN.find((dtype) => dtype.name === name)!;
}

/** Any canonical name; undefined when there is no such type. */
export function dtypeByName(name: string): Dtype | undefined {
  return BY_NAME.get(name);
}

/** A type that safetensors 0.8 knows, by its exact spelling. */
export function plainDtype(name: string): Dtype | undefined {
  return PLAIN_BY_NAME.get(name);
}

/** A ggml type by its number in the file. */
export function ggmlDtype(id: number): Dtype | undefined {
  return GGML.get(id);
}

/** The number of a ggml type, for comparison with files and for writers in tests. */
export function ggmlId(name: string): number | undefined {
  for (const [id, dtype] of GGML) if (dtype.name === name) return id;
  return undefined;
}

/**
 * Product of the dimensions, exactly; `[]` is a scalar: 1. A zero does not excuse the other dimensions: readers that
 * multiply in another order overflow on them.
 *
 * @param shape outermost dimension first, element counts
 * @throws AppError FORMAT_SHAPE {dimension}; FORMAT_OVERFLOW above 2^53 - 1
 */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  let empty = false;
  for (const dimension of shape) {
    if (!Number.isSafeInteger(dimension) || dimension < 0) throw new AppError('FORMAT_SHAPE', { dimension });
    if (dimension === 0) empty = true;
    else count *= dimension;
    // At once: a product that wraps is how 2^64 elements become none.
    if (!Number.isSafeInteger(count)) throw new AppError('FORMAT_OVERFLOW', { shape: shapeText(shape) });
  }
  return empty ? 0 : count;
}

/**
 * Stored bytes of a dense row-major tensor.
 *
 * @throws AppError FORMAT_SHAPE when a row is not whole blocks (ggml stores row by row); FORMAT_SIZE_MISMATCH when
 *   packed values do not fill whole bytes; FORMAT_OVERFLOW above 2^53 - 1
 */
export function byteLength(dtype: Dtype, shape: readonly number[]): number {
  const count = elementCount(shape);
  const { name, elements, bytes, kind } = dtype;
  if (kind === 'block' && (shape.at(-1) ?? 1) % elements !== 0) {
    throw new AppError('FORMAT_SHAPE', { dtype: name, row: shape.at(-1) ?? 1, block: elements });
  }
  if (count % elements !== 0) throw new AppError('FORMAT_SIZE_MISMATCH', { dtype: name, shape: shapeText(shape) });
  const length = (count / elements) * bytes;
  if (!Number.isSafeInteger(length)) throw new AppError('FORMAT_OVERFLOW', { dtype: name, shape: shapeText(shape) });
  return length;
}

/** `4 x 8`, cut when there are very many dimensions. */
export function shapeText(shape: readonly number[]): string {
  return shape.slice(0, 8).join(' x ') + (shape.length > 8 ? ' x …' : '');
}
