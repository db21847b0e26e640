/**
 * A Parquet file of a few weight signals, written by hand (apache/parquet-format: README, Encodings; Thrift's compact
 * protocol): five required columns in one row group, plain, one of them gzip-compressed.
 */
import { gzipSync } from 'fflate';

type Struct = readonly (readonly [field: number, value: Value])[];
type Value =
  | { readonly int: number }
  | { readonly long: number }
  | { readonly text: string }
  | { readonly struct: Struct }
  | { readonly list: readonly Value[] };

const INT = 5;
const LONG = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)];

function varint(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    out.push((rest % 128) + (rest > 127 ? 128 : 0));
    if (rest < 128) return out;
  }
}

const typeOf = (value: Value): number =>
  'int' in value ? INT : 'long' in value ? LONG : 'text' in value ? BINARY : 'struct' in value ? STRUCT : LIST;

function encode(value: Value): number[] {
  if ('int' in value) return varint(value.int * 2);
  if ('long' in value) return varint(value.long * 2);
  if ('text' in value) return [...varint(utf8(value.text).length), ...utf8(value.text)];
  if ('list' in value) {
    const type = value.list[0] === undefined ? INT : typeOf(value.list[0]);
    return [value.list.length * 16 + type, ...value.list.flatMap(encode)];
  }
  let last = 0;
  const fields = value.struct.flatMap(([field, one]) => {
    const head = (field - last) * 16 + typeOf(one);
    last = field;
    return [head, ...encode(one)];
  });
  return [...fields, 0];
}

const int = (value: number): Value => ({ int: value });
const long = (value: number): Value => ({ long: value });
const text = (value: string): Value => ({ text: value });
const list = (...values: readonly Value[]): Value => ({ list: values });
const struct = (...fields: Struct): Value => ({ struct: fields });

const ROWS: readonly (readonly [signal: string, layer: number, row: number, col: number, value: number])[] = [
  ...[0, 1, 2, 3].map((i) => ['eas_self_sim', 0, i >> 1, i % 2, 1 / (i + 1)] as const),
  ...[0, 1, 2].map((i) => ['nlf_vector', 0, i, 0, i] as const),
  ...[0, 1].map((i) => ['lep_profile', 0, i, 0, 0.5] as const),
  ...[0, 1, 2, 3].map((i) => ['wvc_layer_sigs', i >> 1, 0, i % 2, -i] as const),
];
const BYTE_ARRAY = 6;
const INT64 = 2;
const FLOAT = 4;
const GZIP = 2;

function plain(column: number, type: number): Uint8Array {
  const parts = ROWS.map((row) => {
    const value = row[column]!;
    if (typeof value === 'string') return [utf8(value).length, 0, 0, 0, ...utf8(value)];
    const bytes = new DataView(new ArrayBuffer(type === FLOAT ? 4 : 8));
    if (type === FLOAT) bytes.setFloat32(0, value, true);
    else bytes.setBigInt64(0, BigInt(value), true);
    return [...new Uint8Array(bytes.buffer)];
  });
  return Uint8Array.from(parts.flat());
}

function write(): Uint8Array {
  const out: number[] = utf8('PAR1');
  const columns = (['signal', 'layer', 'row', 'col', 'value'] as const).map((name, column) => {
    const type = column === 0 ? BYTE_ARRAY : column === 4 ? FLOAT : INT64;
    const codec = column === 4 ? GZIP : 0;
    const data = plain(column, type);
    const packed = codec === GZIP ? gzipSync(data, { mtime: 0 }) : data;
    const page = struct(
      [1, int(0)],
      [2, int(data.length)],
      [3, int(packed.length)],
      [5, struct([1, int(ROWS.length)], [2, int(0)], [3, int(3)], [4, int(3)])],
    );
    const start = out.length;
    out.push(...encode(page), ...packed);
    const size = out.length - start;
    const about = struct(
      [1, int(type)],
      [2, list(int(0))],
      [3, list(text(name))],
      [4, int(codec)],
      [5, long(ROWS.length)],
      [6, long(size)],
      [7, long(size)],
      [9, long(start)],
    );
    return { name, type, chunk: struct([2, long(start)], [3, about]) };
  });
  const schema = [
    struct([4, text('schema')], [5, int(columns.length)]),
    ...columns.map(({ name, type }) => struct([1, int(type)], [3, int(0)], [4, text(name)])),
  ];
  const group = struct([1, list(...columns.map(({ chunk }) => chunk))], [2, long(out.length)], [3, long(ROWS.length)]);
  const footer = encode(struct([1, int(1)], [2, list(...schema)], [3, long(ROWS.length)], [4, list(group)]));
  out.push(...footer, footer.length % 256, Math.floor(footer.length / 256), 0, 0, ...utf8('PAR1'));
  return Uint8Array.from(out);
}

export const PARQUET = write();
