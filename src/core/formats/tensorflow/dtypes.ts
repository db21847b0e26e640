/** tensorflow/core/framework/types.proto: number → canonical dtype, bits, and the typed field of TensorProto with its width. */
export interface TfDtype {
  readonly dtype: string;
  readonly bits: number;
  /** Field number of TensorProto, 0 when there is none. */
  readonly field: number;
  readonly wire: 0 | 1 | 5;
  /** Bytes that one stored value becomes. */
  readonly width: number;
}

const ROWS: readonly (readonly [number, string, number, number, 0 | 1 | 5])[] = [
  [1, 'F32', 32, 5, 5],
  [2, 'F64', 64, 6, 1],
  [3, 'I32', 32, 7, 0],
  [4, 'U8', 8, 7, 0],
  [5, 'I16', 16, 7, 0],
  [6, 'I8', 8, 7, 0],
  [8, 'C64', 64, 9, 5],
  [9, 'I64', 64, 10, 0],
  [10, 'BOOL', 8, 11, 0],
  // Quantised types are the integers they are stored as.
  [11, 'I8', 8, 7, 0],
  [12, 'U8', 8, 7, 0],
  [13, 'I32', 32, 7, 0],
  [14, 'BF16', 16, 13, 0],
  [15, 'I16', 16, 7, 0],
  [16, 'U16', 16, 7, 0],
  [17, 'U16', 16, 7, 0],
  [18, 'C128', 128, 12, 1],
  [19, 'F16', 16, 13, 0],
  [22, 'U32', 32, 16, 0],
  [23, 'U64', 64, 17, 0],
  [24, 'F8_E5M2', 8, 0, 0],
  [25, 'F8_E4M3', 8, 0, 0],
  [26, 'F8_E4M3FNUZ', 8, 0, 0],
  [28, 'F8_E5M2FNUZ', 8, 0, 0],
  // TensorFlow keeps four bits in a byte of their own.
  [29, 'I8', 8, 7, 0],
  [30, 'U8', 8, 7, 0],
];

const BY_NUMBER: ReadonlyMap<number, TfDtype> = new Map(
  ROWS.map(([code, dtype, bits, field, wire]) => [
    code,
    { dtype, bits, field, wire, width: wire === 5 ? 4 : wire === 1 ? 8 : bits / 8 },
  ]),
);
/** Text, handles and variants: no numbers. */
const OTHERS: ReadonlySet<number> = new Set([7, 20, 21]);

/** The type of a number; `null`: no numbers; undefined: there is no such type. */
export function tfDtype(code: number): TfDtype | null | undefined {
  // References are 100 above their type.
  const plain = code > 100 ? code - 100 : code;
  return OTHERS.has(plain) ? null : BY_NUMBER.get(plain);
}
