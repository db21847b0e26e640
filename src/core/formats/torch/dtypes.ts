import { AppError } from '../../errors.ts';

/** A number type of PyTorch: canonical name and bytes of one element as stored. */
export interface TorchDtype {
  readonly dtype: string;
  readonly bytes: number;
}

const BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  U16: 2,
  I16: 2,
  U32: 4,
  I32: 4,
  U64: 8,
  I64: 8,
  F16: 2,
  BF16: 2,
  F32: 4,
  F64: 8,
  C32: 4,
  C64: 8,
  C128: 16,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E4M3FNUZ: 1,
  F8_E5M2FNUZ: 1,
  F8_E8M0: 1,
  F4_E2M1_X2: 1,
  QUINT4X2: 1,
  QUINT2X4: 1,
};

/** `torch.<name>` as the object or the attribute of a rebuild call. */
const BY_NAME: Readonly<Record<string, string>> = {
  bool: 'BOOL',
  uint8: 'U8',
  int8: 'I8',
  uint16: 'U16',
  int16: 'I16',
  short: 'I16',
  uint32: 'U32',
  int32: 'I32',
  int: 'I32',
  uint64: 'U64',
  int64: 'I64',
  long: 'I64',
  float16: 'F16',
  half: 'F16',
  bfloat16: 'BF16',
  float32: 'F32',
  float: 'F32',
  float64: 'F64',
  double: 'F64',
  complex32: 'C32',
  chalf: 'C32',
  complex64: 'C64',
  cfloat: 'C64',
  complex128: 'C128',
  cdouble: 'C128',
  float8_e4m3fn: 'F8_E4M3',
  float8_e5m2: 'F8_E5M2',
  float8_e4m3fnuz: 'F8_E4M3FNUZ',
  float8_e5m2fnuz: 'F8_E5M2FNUZ',
  float8_e8m0fnu: 'F8_E8M0',
  float4_e2m1fn_x2: 'F4_E2M1_X2',
  quint8: 'U8',
  qint8: 'I8',
  qint32: 'I32',
  quint4x2: 'QUINT4X2',
  quint2x4: 'QUINT2X4',
  bits8: 'U8',
  bits16: 'U16',
};

/** `torch.<Kind>Storage`, also under `torch.cuda`. */
const BY_STORAGE: Readonly<Record<string, string>> = {
  Float: 'F32',
  Double: 'F64',
  Half: 'F16',
  BFloat16: 'BF16',
  Long: 'I64',
  Int: 'I32',
  Short: 'I16',
  Char: 'I8',
  Byte: 'U8',
  Bool: 'BOOL',
  ComplexFloat: 'C64',
  ComplexDouble: 'C128',
  QUInt8: 'U8',
  QInt8: 'I8',
  QInt32: 'I32',
  QUInt4x2: 'QUINT4X2',
  QUInt2x4: 'QUINT2X4',
  Untyped: 'U8',
};

/** `ScalarType` of torch.export's schema (`torch/_export/serde/schema.py`). */
const BY_EXPORT_CODE: Readonly<Record<number, string>> = {
  1: 'U8',
  2: 'I8',
  3: 'I16',
  4: 'I32',
  5: 'I64',
  6: 'F16',
  7: 'F32',
  8: 'F64',
  9: 'C32',
  10: 'C64',
  11: 'C128',
  12: 'BOOL',
  13: 'BF16',
  28: 'U16',
  29: 'F8_E4M3',
  30: 'F8_E5M2',
  31: 'F8_E4M3FNUZ',
  32: 'F8_E5M2FNUZ',
};

/** @throws AppError FORMAT_DTYPE */
export function dtypeByTorchName(name: string): TorchDtype {
  return known(Object.hasOwn(BY_NAME, name) ? BY_NAME[name]! : undefined, name);
}

/** @throws AppError FORMAT_DTYPE */
export function dtypeByStorage(name: string): TorchDtype {
  const kind = /^_?(\w+)Storage$/.exec(name)?.[1] ?? '';
  return known(Object.hasOwn(BY_STORAGE, kind) ? BY_STORAGE[kind]! : undefined, name);
}

/** @throws AppError FORMAT_DTYPE */
export function dtypeByExportCode(code: number): TorchDtype {
  return known(Object.hasOwn(BY_EXPORT_CODE, code) ? BY_EXPORT_CODE[code]! : undefined, String(code));
}

function known(dtype: string | undefined, named: string): TorchDtype {
  if (dtype === undefined) throw new AppError('FORMAT_DTYPE', { dtype: named.slice(0, 200) });
  return { dtype, bytes: BYTES[dtype]! };
}
