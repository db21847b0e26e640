import { AppError } from '../../errors.ts';
import { DIMENSIONS_MAX } from '../shape.ts';
import { parseDescr, type NpyType } from './descr.ts';
import { parseLiteral, type Literal } from './literal.ts';
import { NPY_MAGIC } from './magic.ts';

/** NumPy itself refuses above 10,000 bytes unless told otherwise; structures with thousands of fields are real. */
export const NPY_HEADER_MAX = 1024 * 1024;

export interface NpyHeader {
  readonly version: readonly [number, number];
  /** The dictionary as written, without the padding. */
  readonly text: string;
  /** Offset of the data in the file. */
  readonly dataStart: number;
  readonly type: NpyType;
  readonly shape: readonly number[];
  readonly fortran: boolean;
}

/** Bytes of everything before the dictionary, from the first eight; null when these do not tell. */
export function npyPrefix(head: Uint8Array): number {
  return (head[6] ?? 1) === 1 ? 10 : 12;
}

/**
 * Length of the whole header from its first 12 bytes.
 *
 * @param head the first bytes of the file, at least 12 where the file has them
 * @throws AppError FORMAT_MAGIC, FORMAT_TRUNCATED, FORMAT_VERSION, FORMAT_TOO_LARGE
 */
export function npyHeaderLength(head: Uint8Array, fileSize: number): number {
  const wrong = NPY_MAGIC.findIndex((byte, i) => i < head.length && head[i] !== byte);
  if (wrong >= 0) throw new AppError('FORMAT_MAGIC', { format: 'npy' });
  if (head.length < 8) throw new AppError('FORMAT_TRUNCATED', { what: 'npy header', available: head.length });
  const [major, minor] = [head[6]!, head[7]!];
  if (major < 1 || major > 3 || minor !== 0) throw new AppError('FORMAT_VERSION', { version: `${major}.${minor}` });
  const prefix = npyPrefix(head);
  if (head.length < prefix) throw new AppError('FORMAT_TRUNCATED', { what: 'npy header', available: head.length });
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (prefix + length > fileSize) {
    throw new AppError('FORMAT_TRUNCATED', { what: 'npy header', wanted: length, available: fileSize - prefix });
  }
  if (length > NPY_HEADER_MAX)
    throw new AppError('FORMAT_TOO_LARGE', { what: 'npy header', size: length, limit: NPY_HEADER_MAX });
  return prefix + length;
}

/**
 * The header of a .npy file (numpy.org/neps/nep-0001-npy-format, versions 1.0, 2.0 and 3.0).
 *
 * @param bytes exactly the header, as long as `npyHeaderLength` says
 * @throws AppError FORMAT_HEADER, FORMAT_UTF8, FORMAT_DTYPE, FORMAT_SHAPE, FORMAT_OVERFLOW, FORMAT_DEPTH
 */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  const version = [bytes[6]!, bytes[7]!] as const;
  const text = decode(bytes.subarray(npyPrefix(bytes)), version[0]).trimEnd();
  const header = parseLiteral(text);
  if (header.kind !== 'dict') throw new AppError('FORMAT_HEADER', { why: 'no dictionary' });
  const values = new Map<string, Literal>();
  for (const [key, value] of header.entries) {
    if (key.kind !== 'string' || values.has(key.text)) throw new AppError('FORMAT_HEADER', { why: 'keys' });
    values.set(key.text, value);
  }
  const descr = values.get('descr');
  const order = values.get('fortran_order');
  const shape = values.get('shape');
  if (descr === undefined || shape === undefined || order?.kind !== 'bool' || values.size !== 3) {
    throw new AppError('FORMAT_HEADER', { why: `keys ${[...values.keys()].join(', ').slice(0, 200)}` });
  }
  const sizes = dimensions(shape);
  return { version, text, dataStart: bytes.length, type: parseDescr(descr), shape: sizes, fortran: order.value };
}

function decode(bytes: Uint8Array, major: number): string {
  if (major < 3) {
    // latin-1 byte for byte; TextDecoder('latin1') would be windows-1252.
    let text = '';
    for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
    return text;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new AppError('FORMAT_UTF8', { what: 'npy header' }, error);
  }
}

function dimensions(shape: Literal): number[] {
  if (shape.kind !== 'tuple') throw new AppError('FORMAT_SHAPE', { dimension: shape.kind });
  if (shape.items.length > DIMENSIONS_MAX) throw new AppError('FORMAT_SHAPE', { dimensions: shape.items.length });
  return shape.items.map((item) => {
    if (item.kind !== 'int' || item.value < 0n) {
      throw new AppError('FORMAT_SHAPE', { dimension: item.kind === 'int' ? item.value.toString() : item.kind });
    }
    const size = Number(item.value);
    if (!Number.isSafeInteger(size)) throw new AppError('FORMAT_OVERFLOW', { dimension: item.value.toString() });
    return size;
  });
}
