import { Cursor } from '../../bytes/cursor.ts';
import { AppError } from '../../errors.ts';
import { GGUF_ALIGNMENT_MAX, GGUF_KEY_MAX, GGUF_KEYS_MAX, TENSORS_MAX } from '../../limits.ts';
import { ggmlDtype, type Dtype } from '../../tensors/dtypes.ts';
import type { MetaEntry } from '../format.ts';
import { ValueReader, type Keep, type ReadString } from './values.ts';
import { readPrelude, type Prelude } from './prelude.ts';

export interface StatedTensor {
  readonly name: string;
  readonly dtype: Dtype;
  /** ggml's order: innermost dimension first. */
  readonly ne: readonly number[];
  /** Bytes from the start of the data section. */
  readonly offset: number;
}

/** Something a reader may stumble over, found while reading names. */
export interface NameNote {
  readonly code: 'bad-key' | 'bad-name' | 'bad-utf8';
  readonly detail: Readonly<Record<string, string | number>>;
  readonly offset: number;
}

export interface StatedHeader extends Prelude {
  readonly metadata: readonly MetaEntry[];
  readonly tensors: readonly StatedTensor[];
  readonly alignment: number;
  /** Offsets in the file: behind the metadata, behind the tensor table. */
  readonly metadataEnd: number;
  readonly tensorsEnd: number;
  readonly nestedArrays: boolean;
  readonly notes: readonly NameNote[];
}

/** gguf.h: GGUF_DEFAULT_ALIGNMENT. */
const DEFAULT_ALIGNMENT = 32;
/** ggml.h: GGML_MAX_DIMS. */
const DIMENSIONS_MAX = 4;
/** ggml.h: GGML_MAX_NAME is 64 with its final NUL. */
const NAME_BYTES = 63;
/** The specification allows keys of up to 2^16 - 1 bytes. */
const KEY_BYTES = 65_535;
const NOTES_KEPT = 64;
const SHOWN = 200;

/**
 * Reads metadata and tensor table (ggml/docs/gguf.md) from the first bytes of a file of `size` bytes.
 *
 * @throws AppError SOURCE_LENGTH {offset, wanted}: `bytes` end before the header does although the file goes on, ask
 *   again with more; FORMAT_MAGIC, FORMAT_VERSION, FORMAT_ENDIAN_MIXED, FORMAT_COUNT_TOO_LARGE, FORMAT_TRUNCATED,
 *   FORMAT_KEY, FORMAT_DUPLICATE_KEY, FORMAT_DUPLICATE_TENSOR, FORMAT_ALIGNMENT, FORMAT_SHAPE, FORMAT_OVERFLOW,
 *   FORMAT_UNKNOWN_TYPE, FORMAT_STRING_TOO_LONG, FORMAT_ARRAY_TOO_LONG, FORMAT_DEPTH
 */
export function readHeader(bytes: Uint8Array, size: number, keep: Keep): StatedHeader {
  const whole = bytes.length >= size;
  const cursor = new Cursor(bytes, { truncated: whole ? 'FORMAT_TRUNCATED' : 'SOURCE_LENGTH' });
  const prelude = readPrelude(cursor, size);
  const reader = new ValueReader(cursor, size, prelude.version, keep);
  const notes: NameNote[] = [];
  const metadata = readMetadata(reader, prelude.keyCount, notes);
  const metadataEnd = cursor.offset;
  const alignment = alignmentOf(metadata);
  const tensors = readTensors(reader, prelude.tensorCount, notes);
  const tensorsEnd = cursor.offset;
  return { ...prelude, metadata, tensors, alignment, metadataEnd, tensorsEnd, nestedArrays: reader.nested, notes };
}

function readMetadata(reader: ValueReader, count: number, notes: NameNote[]): MetaEntry[] {
  if (count > GGUF_KEYS_MAX) {
    throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'metadata entries', count, max: GGUF_KEYS_MAX });
  }
  const seen = new Set<string>();
  const metadata: MetaEntry[] = [];
  for (let i = 0; i < count; i++) {
    const { offset } = reader.cursor;
    const read = reader.string(`metadata entry ${i + 1} of ${count}`, GGUF_KEY_MAX);
    const key = printable(read);
    const shown = key.slice(0, SHOWN);
    if (read.bytes === 0) throw new AppError('FORMAT_KEY', { key: '', what: 'empty', offset });
    if (seen.has(identity(read))) throw new AppError('FORMAT_DUPLICATE_KEY', { key: shown, offset });
    seen.add(identity(read));
    if (read.bytes > KEY_BYTES) note(notes, 'bad-key', { key: shown, length: read.bytes }, offset);
    if (typeof read.text !== 'string') note(notes, 'bad-utf8', { key: shown }, offset);
    metadata.push({ key, ...reader.value(shown) });
  }
  return metadata;
}

function readTensors(reader: ValueReader, count: number, notes: NameNote[]): StatedTensor[] {
  if (count > TENSORS_MAX) {
    throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'tensors', count, max: TENSORS_MAX });
  }
  const seen = new Set<string>();
  const tensors: StatedTensor[] = [];
  for (let i = 0; i < count; i++) {
    const { offset } = reader.cursor;
    const read = reader.string(`tensor ${i + 1} of ${count}`, GGUF_KEY_MAX);
    const name = printable(read);
    const tensor = name.slice(0, SHOWN);
    if (seen.has(identity(read))) throw new AppError('FORMAT_DUPLICATE_TENSOR', { tensor, offset });
    seen.add(identity(read));
    noteName(read, name, notes, offset);
    tensors.push({ name, ...readTensor(reader, tensor) });
  }
  return tensors;
}

function readTensor(reader: ValueReader, tensor: string): Omit<StatedTensor, 'name'> {
  const { cursor } = reader;
  const dimensions = cursor.u32();
  if (dimensions > DIMENSIONS_MAX) throw new AppError('FORMAT_SHAPE', { tensor, dimensions, max: DIMENSIONS_MAX });
  const ne: number[] = [];
  for (let i = 0; i < dimensions; i++) {
    const dimension = reader.length();
    // ggml keeps dimensions as int64, so from 2^63 on they are negative.
    if (dimension >= 2 ** 63) throw new AppError('FORMAT_SHAPE', { tensor, dimension });
    if (!Number.isSafeInteger(dimension)) throw new AppError('FORMAT_OVERFLOW', { tensor, dimension });
    ne.push(dimension);
  }
  const type = cursor.u32();
  const dtype = ggmlDtype(type);
  if (dtype === undefined) throw new AppError('FORMAT_UNKNOWN_TYPE', { tensor, type, offset: cursor.offset - 4 });
  const offset = cursor.u64();
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new AppError('FORMAT_OVERFLOW', { tensor, what: 'offset', value: offset.toString() });
  }
  return { dtype, ne, offset: Number(offset) };
}

/** `general.alignment`: a power of two, stored as UINT32. @throws AppError FORMAT_ALIGNMENT */
function alignmentOf(metadata: readonly MetaEntry[]): number {
  const stated = metadata.find((entry) => entry.key === 'general.alignment');
  if (stated === undefined) return DEFAULT_ALIGNMENT;
  const { type, value } = stated;
  if (type !== 'UINT32' || typeof value !== 'number') throw new AppError('FORMAT_ALIGNMENT', { type });
  const power = value > 0 && Number.isInteger(Math.log2(value));
  if (!power || value > GGUF_ALIGNMENT_MAX) throw new AppError('FORMAT_ALIGNMENT', { alignment: value });
  return value;
}

function noteName(read: ReadString, name: string, notes: NameNote[], offset: number): void {
  const tensor = name.slice(0, SHOWN);
  if (typeof read.text !== 'string') note(notes, 'bad-utf8', { tensor }, offset);
  if (read.bytes > NAME_BYTES) note(notes, 'bad-name', { tensor, length: read.bytes, max: NAME_BYTES }, offset);
  if (read.bytes === 0) note(notes, 'bad-name', { tensor, what: 'empty' }, offset);
  // C readers stop there.
  if (name.includes('\0')) note(notes, 'bad-name', { tensor, what: 'NUL' }, offset);
}

function note(notes: NameNote[], code: NameNote['code'], detail: NameNote['detail'], offset: number): void {
  if (notes.length < NOTES_KEPT) notes.push({ code, detail, offset });
}

/** Bytes that are not UTF-8 are shown as `\xNN`, so that a name is still a text. */
function printable({ text }: ReadString): string {
  if (typeof text === 'string') return text;
  return text.invalidUtf8.replace(/../g, (hex) => {
    const byte = Number.parseInt(hex, 16);
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${hex}`;
  });
}

/** Distinct for distinct bytes: no UTF-8 text has a lone surrogate. Of texts it is the text itself, which costs nothing. */
function identity({ text }: ReadString): string {
  return typeof text === 'string' ? text : `\ud800${text.invalidUtf8}`;
}
