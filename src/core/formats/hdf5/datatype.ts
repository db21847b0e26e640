import { AppError } from '../../errors.ts';
import type { H5Cursor } from './file.ts';

/** Nested types: arrays of compounds of enums. */
const DEPTH_MAX = 16;
const MEMBERS_MAX = 65_535;

export type Datatype =
  | {
      readonly kind: 'integer';
      readonly size: number;
      readonly big: boolean;
      readonly signed: boolean;
      readonly plain: boolean;
    }
  | {
      readonly kind: 'float';
      readonly size: number;
      readonly big: boolean;
      readonly exponent: number;
      readonly mantissa: number;
      readonly plain: boolean;
    }
  | { readonly kind: 'string'; readonly size: number }
  | {
      readonly kind: 'enum';
      readonly size: number;
      readonly base: Datatype;
      readonly members: readonly string[];
      readonly values: readonly number[];
    }
  | { readonly kind: 'compound'; readonly size: number; readonly members: readonly CompoundMember[] }
  | { readonly kind: 'vlen'; readonly size: number; readonly text: boolean; readonly base: Datatype }
  | { readonly kind: 'array'; readonly size: number; readonly base: Datatype; readonly shape: readonly number[] }
  | { readonly kind: 'other'; readonly size: number; readonly name: string };

export interface CompoundMember {
  readonly name: string;
  readonly offset: number;
  readonly type: Datatype;
}

const OTHER_NAMES: Readonly<Record<number, string>> = {
  2: 'time',
  4: 'bitfield',
  5: 'opaque',
  7: 'reference',
  11: 'complex',
};

/**
 * A datatype message (specification IV.A.2.d).
 *
 * @throws AppError FORMAT_DTYPE, FORMAT_DEPTH, FORMAT_BOUNDS
 */
export function readDatatype(cursor: H5Cursor, depth = 0): Datatype {
  if (depth > DEPTH_MAX) throw new AppError('FORMAT_DEPTH', { offset: cursor.offset, max: DEPTH_MAX });
  const { offset } = cursor;
  const first = cursor.u8();
  const version = first >> 4;
  const kind = first & 15;
  const bits = cursor.uint(3);
  const size = cursor.u32();
  if (version < 1 || version > 5 || size === 0)
    throw new AppError('FORMAT_DTYPE', { dtype: `class ${kind}`, version, offset });
  switch (kind) {
    case 0: {
      const shift = cursor.u16();
      const plain = cursor.u16() === 8 * size && shift === 0;
      return { kind: 'integer', size, big: (bits & 1) !== 0, signed: (bits & 8) !== 0, plain };
    }
    case 1:
      return readFloat(cursor, size, bits);
    case 3:
      return { kind: 'string', size };
    case 4:
      cursor.skip(4);
      return { kind: 'other', size, name: 'bitfield' };
    case 5:
      // The tag's length in the low bits counts the padding.
      cursor.skip(bits & 0xff);
      return { kind: 'other', size, name: 'opaque' };
    case 6:
      return readCompound(cursor, size, bits & 0xffff, version, depth);
    case 8:
      return readEnum(cursor, size, bits & 0xffff, version, depth);
    case 9:
      return { kind: 'vlen', size, text: (bits & 15) === 1, base: readDatatype(cursor, depth + 1) };
    case 10:
      return readArray(cursor, size, version, depth);
    case 2:
      cursor.skip(2);
      return { kind: 'other', size, name: 'time' };
    case 7:
      return { kind: 'other', size, name: 'reference' };
    case 11:
      // HDF5 2.0: a pair of the base type.
      return complexOf(readDatatype(cursor, depth + 1), size);
    default:
      throw new AppError('FORMAT_DTYPE', { dtype: OTHER_NAMES[kind] ?? `class ${kind}`, offset });
  }
}

function readFloat(cursor: H5Cursor, size: number, bits: number): Datatype {
  const bitOffset = cursor.u16();
  const precision = cursor.u16();
  const exponentAt = cursor.u8();
  const exponent = cursor.u8();
  const mantissaAt = cursor.u8();
  const mantissa = cursor.u8();
  const bias = cursor.u32();
  const sign = (bits >> 8) & 0xff;
  // IEEE 754 in its usual places, most significant bit implied; anything else is another format.
  const plain =
    bitOffset === 0 &&
    precision === 8 * size &&
    (bits & 0x40) === 0 &&
    (bits & 0x30) === 0x20 &&
    mantissaAt === 0 &&
    exponentAt === mantissa &&
    sign === 8 * size - 1 &&
    bias === 2 ** (exponent - 1) - 1;
  return { kind: 'float', size, big: (bits & 1) !== 0, exponent, mantissa, plain };
}

function readCompound(cursor: H5Cursor, size: number, count: number, version: number, depth: number): Datatype {
  if (count > MEMBERS_MAX) throw new AppError('FORMAT_DTYPE', { dtype: 'compound', members: count });
  const members: CompoundMember[] = [];
  for (let i = 0; i < count; i += 1) {
    const name = memberName(cursor, version);
    const offset = version >= 3 ? cursor.uint(bytesFor(size)) : cursor.u32();
    let shape: number[] | null = null;
    if (version === 1) {
      const rank = cursor.u8();
      cursor.skip(11);
      const sizes = [cursor.u32(), cursor.u32(), cursor.u32(), cursor.u32()];
      if (rank > 4) throw new AppError('FORMAT_DTYPE', { dtype: 'compound', dimensions: rank });
      if (rank > 0) shape = sizes.slice(0, rank);
    }
    const type = readDatatype(cursor, depth + 1);
    members.push({ name, offset, type: shape === null ? type : { kind: 'array', size: type.size, base: type, shape } });
  }
  return { kind: 'compound', size, members };
}

function readEnum(cursor: H5Cursor, size: number, count: number, version: number, depth: number): Datatype {
  const base = readDatatype(cursor, depth + 1);
  const members: string[] = [];
  for (let i = 0; i < count; i += 1) members.push(memberName(cursor, version));
  const values: number[] = [];
  // Only single bytes matter: booleans are told from other enums by their values.
  for (let i = 0; i < count; i += 1) values.push(cursor.take(base.size)[0] ?? 0);
  return { kind: 'enum', size, base, members, values };
}

function readArray(cursor: H5Cursor, size: number, version: number, depth: number): Datatype {
  const rank = cursor.u8();
  if (rank > 32) throw new AppError('FORMAT_DTYPE', { dtype: 'array', dimensions: rank });
  if (version < 3) cursor.skip(3);
  const shape: number[] = [];
  for (let i = 0; i < rank; i += 1) shape.push(cursor.u32());
  if (version < 3) cursor.skip(4 * rank);
  return { kind: 'array', size, base: readDatatype(cursor, depth + 1), shape };
}

/** Names are padded to a multiple of eight with their NUL before version 3. */
function memberName(cursor: H5Cursor, version: number): string {
  const start = cursor.position;
  const name = cursor.cString();
  if (version < 3) cursor.skip((8 - ((cursor.position - start) % 8)) % 8);
  return name;
}

function bytesFor(size: number): number {
  return size < 2 ** 8 ? 1 : size < 2 ** 16 ? 2 : size < 2 ** 24 ? 3 : 4;
}

function complexOf(base: Datatype, size: number): Datatype {
  const members = [
    { name: 'r', offset: 0, type: base },
    { name: 'i', offset: base.size, type: base },
  ];
  return { kind: 'compound', size, members };
}

/** Canonical dtype and byte order of a numeric type; null for text, structures and the rest. */
export function numericDtype(type: Datatype): { readonly dtype: string; readonly big: boolean } | null {
  switch (type.kind) {
    case 'integer': {
      if (!type.plain || ![1, 2, 4, 8].includes(type.size)) return null;
      return { dtype: `${type.signed ? 'I' : 'U'}${8 * type.size}`, big: type.big && type.size > 1 };
    }
    case 'float': {
      if (!type.plain) return null;
      const dtype = FLOATS[`${type.size}/${type.exponent}/${type.mantissa}`];
      return dtype === undefined ? null : { dtype, big: type.big };
    }
    case 'enum': {
      // h5py and PyTables write booleans as an enumeration of bytes.
      const boolean = type.size === 1 && type.members.join() === 'FALSE,TRUE' && type.values.join() === '0,1';
      return boolean ? { dtype: 'BOOL', big: false } : numericDtype(type.base);
    }
    case 'compound': {
      const [re, im] = type.members;
      if (type.members.length !== 2 || re?.name !== 'r' || im?.name !== 'i') return null;
      const [a, b] = [numericDtype(re.type), numericDtype(im.type)];
      if (a === null || b === null || a.dtype !== b.dtype || a.big !== b.big) return null;
      if (re.offset !== 0 || im.offset !== re.type.size || type.size !== 2 * re.type.size) return null;
      const dtype = { F32: 'C64', F64: 'C128' }[a.dtype];
      return dtype === undefined ? null : { dtype, big: a.big };
    }
    default:
      return null;
  }
}

const FLOATS: Readonly<Record<string, string>> = {
  '2/5/10': 'F16',
  '2/8/7': 'BF16',
  '4/8/23': 'F32',
  '8/11/52': 'F64',
};
