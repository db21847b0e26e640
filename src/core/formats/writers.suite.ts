/** Small writers for tests: every field can be chosen, also against the rules. */
import { dtypeByName, ggmlId, byteLength } from '../tensors/dtypes.ts';

export interface WrittenTensor {
  readonly name: string;
  readonly dtype: string;
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(parts);
}

/** For lists too long to be arguments. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    out.set(part, filled);
    filled += part.length;
  }
  return out;
}

export function u64(value: number | bigint, littleEndian = true): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), littleEndian);
  return out;
}

export function u32(value: number, littleEndian = true): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, littleEndian);
  return out;
}

/** A safetensors file around any header text. */
export function rawSafetensors(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = typeof header === 'string' ? text(header) : header;
  return concat(u64(json.length), json, data);
}

export function writeSafetensors(
  tensors: readonly WrittenTensor[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: string[] = [];
  // By hand, so that names like `__proto__` and "10" keep their place.
  const member = (key: string, value: unknown): number =>
    entries.push(`${JSON.stringify(key)}:${JSON.stringify(value)}`);
  if (metadata !== undefined) {
    const pairs = Object.entries(metadata).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    entries.push(`"__metadata__":{${pairs.join(',')}}`);
  }
  let at = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    member(name, { dtype, shape, data_offsets: [at, at + bytes.length] });
    at += bytes.length;
  }
  return rawSafetensors(`{${entries.join(',')}}`, joined(tensors.map(({ bytes }) => bytes)));
}

/** A metadata value: its type number and its bytes. */
export interface WrittenValue {
  readonly type: number;
  readonly bytes: Uint8Array;
}

const TYPES = [
  'UINT8',
  'INT8',
  'UINT16',
  'INT16',
  'UINT32',
  'INT32',
  'FLOAT32',
  'BOOL',
  'STRING',
  'ARRAY',
  'UINT64',
  'INT64',
  'FLOAT64',
];

/** Writes GGUF in either byte order. */
export class GgufWriter {
  readonly littleEndian: boolean;

  constructor(littleEndian = true) {
    this.littleEndian = littleEndian;
  }

  u32(value: number): Uint8Array {
    return u32(value, this.littleEndian);
  }

  u64(value: number | bigint): Uint8Array {
    return u64(value, this.littleEndian);
  }

  string(value: string | Uint8Array): Uint8Array {
    const bytes = typeof value === 'string' ? text(value) : value;
    return concat(this.u64(bytes.length), bytes);
  }

  value(type: string, value: unknown): WrittenValue {
    const number = TYPES.indexOf(type);
    if (type === 'STRING') return { type: number, bytes: this.string(value as string) };
    if (type === 'UINT64' || type === 'INT64') return { type: number, bytes: this.u64(value as bigint) };
    if (type === 'UINT32' || type === 'INT32') return { type: number, bytes: this.u32(value as number) };
    if (type === 'BOOL' || type === 'UINT8') return { type: number, bytes: Uint8Array.of(Number(value)) };
    const out = new Uint8Array(type === 'FLOAT64' ? 8 : 4);
    const view = new DataView(out.buffer);
    if (type === 'FLOAT64') view.setFloat64(0, value as number, this.littleEndian);
    else view.setFloat32(0, value as number, this.littleEndian);
    return { type: number, bytes: out };
  }

  array(type: string, values: readonly unknown[]): WrittenValue {
    const elements = values.map((value) => this.value(type, value).bytes);
    return { type: 9, bytes: concat(this.u32(TYPES.indexOf(type)), this.u64(values.length), joined(elements)) };
  }

  head(tensors: number | bigint, keys: number | bigint, version = 3): Uint8Array {
    return concat(text('GGUF'), this.u32(version), this.u64(tensors), this.u64(keys));
  }

  entry(key: string, { type, bytes }: WrittenValue): Uint8Array {
    return concat(this.string(key), this.u32(type), bytes);
  }

  info(name: string, ne: readonly (number | bigint)[], type: number, offset: number | bigint): Uint8Array {
    const dimensions = ne.map((n) => this.u64(n));
    return concat(this.string(name), this.u32(ne.length), ...dimensions, this.u32(type), this.u64(offset));
  }

  /** A whole file, tensors in order and padded. */
  file(
    metadata: readonly (readonly [key: string, value: WrittenValue])[],
    tensors: readonly WrittenTensor[],
    alignment = 32,
  ): Uint8Array {
    const infos: Uint8Array[] = [];
    const data: Uint8Array[] = [];
    let at = 0;
    for (const { name, dtype, shape, bytes } of tensors) {
      infos.push(this.info(name, shape.toReversed(), ggmlId(dtype)!, at));
      const padded = Math.ceil(bytes.length / alignment) * alignment;
      data.push(bytes, new Uint8Array(padded - bytes.length));
      at += padded;
    }
    const entries = metadata.map(([key, value]) => this.entry(key, value));
    const head = concat(this.head(tensors.length, metadata.length), ...entries, ...infos);
    const padding = tensors.length === 0 ? 0 : -head.length % alignment;
    return concat(head, new Uint8Array(padding === 0 ? 0 : alignment + padding), ...data);
  }
}

/** A tensor with bytes that differ from place to place. */
export function tensor(name: string, dtype: string, shape: readonly number[], seed = 1): WrittenTensor {
  const bytes = new Uint8Array(byteLength(dtypeByName(dtype)!, shape));
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 31 + seed * 97 + (i >>> 8)) & 255;
  return { name, dtype, shape, bytes };
}
