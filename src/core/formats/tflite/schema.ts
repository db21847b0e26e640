/** Fields of the TensorFlow Lite schema (tensorflow/compiler/mlir/lite/schema/schema.fbs, version 3). */
export const MODEL = { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4, metadata: 6 } as const;
export const OPERATOR_CODE = { oldBuiltin: 0, custom: 1, builtin: 3 } as const;
export const SUBGRAPH = { tensors: 0, operators: 3, name: 4 } as const;
export const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, quantisation: 4, sparsity: 6 } as const;
export const QUANTISATION = { scale: 2, zeroPoint: 3, axis: 6 } as const;
export const BUFFER = { data: 0, offset: 1, size: 2 } as const;
export const METADATA = { name: 0, buffer: 1 } as const;
/** BuiltinOperator.CUSTOM: the operator is named by its custom code. */
export const CUSTOM = 32;

/** TensorType → canonical dtype and bits; null: no numbers. */
export const TYPES: ReadonlyMap<number, { readonly dtype: string; readonly bits: number } | null> = new Map([
  [0, { dtype: 'F32', bits: 32 }],
  [1, { dtype: 'F16', bits: 16 }],
  [2, { dtype: 'I32', bits: 32 }],
  [3, { dtype: 'U8', bits: 8 }],
  [4, { dtype: 'I64', bits: 64 }],
  [5, null],
  [6, { dtype: 'BOOL', bits: 8 }],
  [7, { dtype: 'I16', bits: 16 }],
  [8, { dtype: 'C64', bits: 64 }],
  [9, { dtype: 'I8', bits: 8 }],
  [10, { dtype: 'F64', bits: 64 }],
  [11, { dtype: 'C128', bits: 128 }],
  [12, { dtype: 'U64', bits: 64 }],
  [13, null],
  [14, null],
  [15, { dtype: 'U32', bits: 32 }],
  [16, { dtype: 'U16', bits: 16 }],
  [17, { dtype: 'I4', bits: 4 }],
  [18, { dtype: 'BF16', bits: 16 }],
  [19, { dtype: 'I2', bits: 2 }],
]);
