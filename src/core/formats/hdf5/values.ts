import { METADATA_ARRAY_KEPT } from '../../limits.ts';
import type { MetaValue } from '../format.ts';
import type { Attribute } from './attributes.ts';
import { numericDtype, type Datatype } from './datatype.ts';
import { H5Cursor, type H5File } from './file.ts';
import type { GlobalHeaps } from './global-heap.ts';

/** The values of an attribute, bounded for display: arrays are cut and counted, 64-bit integers beyond 2^53 are text. */
export async function attributeValue(
  file: H5File,
  heaps: GlobalHeaps,
  attribute: Attribute,
  textMax: number,
): Promise<MetaValue> {
  const { type, space, data } = attribute;
  if (space.empty) return null;
  const count = space.shape.reduce((product, size) => product * size, 1);
  const kept = Math.min(count, METADATA_ARRAY_KEPT, Math.floor(data.length / type.size));
  const values: MetaValue[] = [];
  for (let i = 0; i < kept; i += 1) {
    const element = data.subarray(i * type.size, (i + 1) * type.size);
    values.push(await elementValue(file, heaps, type, element, attribute.offset, textMax));
  }
  if (space.shape.length === 0) return values[0] ?? null;
  return { elementType: typeName(type), length: count, values };
}

/** One text attribute, up to `most` bytes; null when it holds something else. */
export async function attributeText(
  file: H5File,
  heaps: GlobalHeaps,
  attribute: Attribute,
  most: number,
): Promise<string | null> {
  const { type, data, offset } = attribute;
  const isText = type.kind === 'string' || (type.kind === 'vlen' && type.text);
  if (!isText || data.length < type.size) return null;
  const value = await elementValue(file, heaps, type, data.subarray(0, type.size), offset, most);
  return typeof value === 'string' ? value : null;
}

export function typeName(type: Datatype): string {
  const numeric = numericDtype(type);
  if (numeric !== null) return numeric.dtype;
  if (type.kind === 'vlen') return type.text ? 'STRING' : `${typeName(type.base)}[]`;
  if (type.kind === 'other') return type.name.toUpperCase();
  return type.kind.toUpperCase();
}

async function elementValue(
  file: H5File,
  heaps: GlobalHeaps,
  type: Datatype,
  bytes: Uint8Array,
  offset: number,
  textMax: number,
): Promise<MetaValue> {
  switch (type.kind) {
    case 'string':
      return text(bytes.subarray(0, textMax));
    case 'vlen': {
      const cursor = new H5Cursor(bytes, offset, file.widths);
      const length = cursor.u32();
      const collection = cursor.address();
      const index = cursor.u32();
      if (!type.text) return `${length} values`;
      if (length === 0 || collection === null || collection === 0) return '';
      return text((await heaps.object(collection, index, Math.min(length, textMax))).bytes);
    }
    case 'integer':
    case 'float':
    case 'enum':
      return number(type, bytes);
    default:
      return `${type.size} bytes`;
  }
}

/** Up to the NUL that pads it. */
function text(bytes: Uint8Array): MetaValue {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(used);
  } catch {
    // Cut inside a character, or not UTF-8 at all: shown with replacement characters either way.
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(used);
  }
}

function number(type: Datatype, bytes: Uint8Array): MetaValue {
  const numeric = numericDtype(type);
  if (numeric === null) return `${type.size} bytes`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = !numeric.big;
  switch (numeric.dtype) {
    case 'BOOL':
      return bytes[0] !== 0;
    case 'I8':
      return view.getInt8(0);
    case 'U8':
      return view.getUint8(0);
    case 'I16':
      return view.getInt16(0, little);
    case 'U16':
      return view.getUint16(0, little);
    case 'I32':
      return view.getInt32(0, little);
    case 'U32':
      return view.getUint32(0, little);
    case 'I64':
      return exact(view.getBigInt64(0, little));
    case 'U64':
      return exact(view.getBigUint64(0, little));
    case 'F32':
      return finite(view.getFloat32(0, little));
    case 'F64':
      return finite(view.getFloat64(0, little));
    default:
      return `${type.size} bytes`;
  }
}

function exact(value: bigint): MetaValue {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value.toString();
}

/** JSON has no NaN and no infinity. */
function finite(value: number): MetaValue {
  return Number.isFinite(value) ? value : `${value}`;
}
