/** Plain data with numbers, sets, maps and typed arrays to bytes and back, exactly: NaN, infinities and −0 included. */
import { AppError } from '../errors.ts';
import { JSON_DEPTH_MAX } from '../limits.ts';

const ARRAYS = { f32: Float32Array, f64: Float64Array, u8: Uint8Array } as const;
type Kind = keyof typeof ARRAYS;
/** Marks what JSON has no form for. */
const MARK = '$';
/** Arrays begin at multiples of this. */
const ALIGNED = 8;

/** `u32 length of the JSON, JSON padded to 8, arrays`. */
export function pack(value: unknown): Uint8Array {
  const arrays: Uint8Array[] = [];
  let at = 0;
  const plain = (given: unknown): unknown => {
    if (typeof given === 'number' && (!Number.isFinite(given) || Object.is(given, -0))) {
      return { [MARK]: 'number', v: Object.is(given, -0) ? '-0' : String(given) };
    }
    if (given instanceof Set) return { [MARK]: 'set', v: [...(given as Set<unknown>)].map(plain) };
    if (given instanceof Map) {
      return { [MARK]: 'map', v: [...(given as Map<unknown, unknown>)].map(([k, v]) => [plain(k), plain(v)]) };
    }
    const kind = (Object.keys(ARRAYS) as Kind[]).find((name) => given instanceof ARRAYS[name]);
    if (kind !== undefined) {
      const { buffer, byteOffset, byteLength, length } = given as InstanceType<(typeof ARRAYS)[Kind]>;
      const start = at;
      arrays.push(new Uint8Array(buffer, byteOffset, byteLength));
      at += Math.ceil(byteLength / ALIGNED) * ALIGNED;
      return { [MARK]: kind, v: [start, length] };
    }
    if (Array.isArray(given)) return given.map(plain);
    if (typeof given !== 'object' || given === null) return given;
    const entries = Object.entries(given).flatMap(([key, one]): [string, unknown][] =>
      one === undefined ? [] : [[key, plain(one)]],
    );
    // A configuration may have any key, this one too.
    return MARK in given ? { [MARK]: 'object', v: entries } : Object.fromEntries(entries);
  };
  const json = new TextEncoder().encode(JSON.stringify(plain(value)));
  const begin = Math.ceil((4 + json.length) / ALIGNED) * ALIGNED;
  const out = new Uint8Array(begin + at);
  new DataView(out.buffer).setUint32(0, json.length, true);
  out.set(json, 4);
  let to = begin;
  for (const array of arrays) {
    out.set(array, to);
    to += Math.ceil(array.length / ALIGNED) * ALIGNED;
  }
  return out;
}

/** @throws AppError FORMAT_JSON, FORMAT_BOUNDS, FORMAT_DEPTH when the bytes are not what `pack` makes */
export function unpack(bytes: Uint8Array): unknown {
  if (bytes.length < 4) throw new AppError('FORMAT_TRUNCATED', {});
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const begin = Math.ceil((4 + length) / ALIGNED) * ALIGNED;
  if (begin > bytes.length) throw new AppError('FORMAT_BOUNDS', { end: begin, size: bytes.length });
  // A copy, so that arrays lie at multiples of their elements wherever the bytes came from.
  // Not `slice`: Node's Buffer gives a view of the same memory there, which begins elsewhere.
  const arrays = new Uint8Array(bytes.subarray(begin)).buffer;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + length)));
  } catch (error) {
    throw new AppError('FORMAT_JSON', {}, error);
  }
  const restored = (given: unknown, depth: number): unknown => {
    if (depth > JSON_DEPTH_MAX) throw new AppError('FORMAT_DEPTH', {});
    if (Array.isArray(given)) return given.map((one) => restored(one, depth + 1));
    if (typeof given !== 'object' || given === null) return given;
    if (MARK in given) return marked(given as Marked, depth);
    return Object.fromEntries(Object.entries(given).map(([key, one]) => [key, restored(one, depth + 1)]));
  };
  const marked = ({ [MARK]: kind, v }: Marked, depth: number): unknown => {
    if (kind === 'number') return Number(v);
    if (!Array.isArray(v)) throw new AppError('FORMAT_JSON', {});
    if (kind === 'set') return new Set(v.map((one) => restored(one, depth + 1)));
    if (kind === 'map') return new Map(v.map((pair) => restored(pair, depth + 1) as [unknown, unknown]));
    if (kind === 'object') {
      return Object.fromEntries(v.map((pair: readonly unknown[]) => [String(pair[0]), restored(pair[1], depth + 1)]));
    }
    return typed(kind, v, arrays);
  };
  return restored(value, 0);
}

interface Marked {
  readonly [MARK]: string;
  readonly v: unknown;
}

function typed(kind: string, [start, length]: readonly unknown[], arrays: ArrayBuffer): unknown {
  const Array = Object.hasOwn(ARRAYS, kind) ? ARRAYS[kind as Kind] : undefined;
  if (Array === undefined || !Number.isSafeInteger(start) || !Number.isSafeInteger(length)) {
    throw new AppError('FORMAT_JSON', {});
  }
  const [from, count] = [start as number, length as number];
  if (from < 0 || count < 0 || from % ALIGNED !== 0 || from + count * Array.BYTES_PER_ELEMENT > arrays.byteLength) {
    throw new AppError('FORMAT_BOUNDS', {});
  }
  return new Array(arrays, from, count);
}
