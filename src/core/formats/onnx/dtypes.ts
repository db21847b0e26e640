/** onnx.TensorProto.DataType: number → canonical dtype, bits per element, and the typed field that may hold the values. */
export interface OnnxDtype {
  readonly dtype: string;
  /** The specification's own name. */
  readonly onnx: string;
  readonly bits: number;
  /** Field number of TensorProto: 4 float_data, 5 int32_data, 7 int64_data, 10 double_data, 11 uint64_data, 6 string_data. */
  readonly field: number;
}

const ROWS: readonly (readonly [number, string, string, number, number])[] = [
  [1, 'F32', 'FLOAT', 32, 4],
  [2, 'U8', 'UINT8', 8, 5],
  [3, 'I8', 'INT8', 8, 5],
  [4, 'U16', 'UINT16', 16, 5],
  [5, 'I16', 'INT16', 16, 5],
  [6, 'I32', 'INT32', 32, 5],
  [7, 'I64', 'INT64', 64, 7],
  [8, 'STRING', 'STRING', 0, 6],
  [9, 'BOOL', 'BOOL', 8, 5],
  [10, 'F16', 'FLOAT16', 16, 5],
  [11, 'F64', 'DOUBLE', 64, 10],
  [12, 'U32', 'UINT32', 32, 11],
  [13, 'U64', 'UINT64', 64, 11],
  [14, 'C64', 'COMPLEX64', 64, 4],
  [15, 'C128', 'COMPLEX128', 128, 10],
  [16, 'BF16', 'BFLOAT16', 16, 5],
  [17, 'F8_E4M3', 'FLOAT8E4M3FN', 8, 5],
  [18, 'F8_E4M3FNUZ', 'FLOAT8E4M3FNUZ', 8, 5],
  [19, 'F8_E5M2', 'FLOAT8E5M2', 8, 5],
  [20, 'F8_E5M2FNUZ', 'FLOAT8E5M2FNUZ', 8, 5],
  [21, 'U4', 'UINT4', 4, 5],
  [22, 'I4', 'INT4', 4, 5],
  [23, 'F4', 'FLOAT4E2M1', 4, 5],
  [24, 'F8_E8M0', 'FLOAT8E8M0', 8, 5],
  [25, 'U2', 'UINT2', 2, 5],
  [26, 'I2', 'INT2', 2, 5],
  [27, 'F6_E2M3', 'FLOAT6E2M3', 6, 5],
  [28, 'F6_E3M2', 'FLOAT6E3M2', 6, 5],
];

export const ONNX_DTYPES: ReadonlyMap<number, OnnxDtype> = new Map(
  ROWS.map(([code, dtype, onnx, bits, field]) => [code, { dtype, onnx, bits, field }]),
);
