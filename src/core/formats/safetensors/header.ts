import type { FindingCollector } from '../../content/collector.ts';
import { noteRiskyText } from '../../content/text.ts';
import { AppError, type ErrorCode, type ErrorDetail } from '../../errors.ts';
import { SAFETENSORS_UNKNOWN_MAX, TENSORS_MAX } from '../../limits.ts';
import { byteLength, plainDtype, type Dtype } from '../../tensors/dtypes.ts';
import { JsonNumber, type JsonReader } from '../json-reader.ts';
import { interpretJson } from '../strict-json.ts';

/** One entry of the header, held against its own type and shape but not yet against the file. */
export interface StatedTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from the start of the data section. */
  readonly begin: number;
  readonly end: number;
}

export interface StatedHeader {
  /** In the order of the header. */
  readonly tensors: readonly StatedTensor[];
  /** `__metadata__`; null when absent. */
  readonly metadata: ReadonlyMap<string, string> | null;
}

const METADATA = '__metadata__';
/** Dimensions of one tensor: a shape of a million ones is legal JSON and no tensor. */
const DIMENSIONS_MAX = 65_536;
/** From here on common readers give up (NumPy: 64, earlier 32; ggml: 4). */
const DIMENSIONS_NOTED = 32;
/** Names of real models stay below 200 characters. */
const NAME_NOTED = 1000;
const NAME_SHOWN = 200;

/**
 * Reads the JSON of a safetensors header by the rules of the reference reader 0.8.0, stricter where readers disagree.
 *
 * @param json the header without its length field
 * @param base its offset in the file, for error details
 * @throws AppError FORMAT_JSON, FORMAT_UTF8, FORMAT_DEPTH, FORMAT_JSON_SHAPE, FORMAT_JSON_TYPE, FORMAT_DUPLICATE_KEY,
 *   FORMAT_METADATA, FORMAT_MISSING_FIELD, FORMAT_DTYPE, FORMAT_SHAPE, FORMAT_OFFSETS, FORMAT_OVERFLOW,
 *   FORMAT_SIZE_MISMATCH, FORMAT_COUNT_TOO_LARGE, FORMAT_TOO_LARGE
 */
export function readHeader(json: Uint8Array, base: number, findings: FindingCollector): StatedHeader {
  noteStart(json, base, findings);
  const members = new HeaderMembers(findings);
  const interpret = (reader: JsonReader): StatedHeader => {
    members.read(reader);
    return members;
  };
  return interpretJson(json, base, interpret, SAFETENSORS_UNKNOWN_MAX);
}

/** The specification: "the header data MUST begin with a { character". The reference reader skips white space. */
export function noteStart(json: Uint8Array, base: number, findings: FindingCollector): void {
  if (json[0] !== 0x7b) findings.add('header-start', 'caution', {}, { offset: base });
}

/** What the header's members come to, read at once or in pieces. */
export class HeaderMembers implements StatedHeader {
  readonly tensors: StatedTensor[] = [];
  metadata: ReadonlyMap<string, string> | null = null;
  readonly #names = new Set<string>();
  readonly #findings: FindingCollector;

  constructor(findings: FindingCollector) {
    this.#findings = findings;
  }

  /** Members of the object that comes next. @returns how many there were @throws AppError as `readHeader` */
  read(reader: JsonReader): number {
    if (reader.kind() !== 'object') throw reader.error('FORMAT_JSON_SHAPE', { expected: 'an object' });
    let count = 0;
    reader.object((name, offset) => {
      count += 1;
      if (this.#names.has(name)) throw new AppError('FORMAT_DUPLICATE_KEY', { key: shown(name), offset });
      this.#names.add(name);
      if (name === METADATA) this.metadata = readMetadata(reader, this.#findings);
      else this.tensors.push(readEntry(reader, name, this.#findings));
      if (this.tensors.length > TENSORS_MAX) {
        const detail = { what: 'tensors', count: this.tensors.length, max: TENSORS_MAX };
        throw new AppError('FORMAT_COUNT_TOO_LARGE', detail);
      }
    });
    return count;
  }
}

function readMetadata(reader: JsonReader, findings: FindingCollector): Map<string, string> {
  if (reader.kind() !== 'object') throw reader.error('FORMAT_METADATA', { key: METADATA });
  const metadata = new Map<string, string>();
  reader.object((key, offset) => {
    if (reader.kind() !== 'string') throw reader.error('FORMAT_METADATA', { key: shown(key) });
    const value = reader.string();
    // The reference reader takes the last one; others take the first.
    if (metadata.has(key)) findings.add('duplicate-key', 'caution', { key: shown(key) }, { offset });
    metadata.set(key, value);
    noteRiskyText(key, { key: shown(key) }, findings);
    noteRiskyText(value, { key: shown(key) }, findings);
  });
  return metadata;
}

function readEntry(reader: JsonReader, name: string, findings: FindingCollector): StatedTensor {
  const tensor = shown(name);
  const refuse = (code: ErrorCode, detail: ErrorDetail = {}): AppError => reader.error(code, { tensor, ...detail });
  if (reader.kind() !== 'object') throw refuse('FORMAT_JSON_TYPE', { expected: 'an object' });
  let dtype: Dtype | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  let others: Set<string> | undefined;
  reader.object((field, offset) => {
    const twice = (seen: boolean): void => {
      if (seen) throw new AppError('FORMAT_DUPLICATE_KEY', { tensor, key: shown(field), offset });
    };
    if (field === 'dtype') {
      twice(dtype !== undefined);
      const text = reader.kind() === 'string' ? reader.string() : '';
      dtype = plainDtype(text);
      if (dtype === undefined) throw refuse('FORMAT_DTYPE', { dtype: shown(text) });
    } else if (field === 'shape') {
      twice(shape !== undefined);
      shape = readIntegers(reader, refuse, field, 'FORMAT_SHAPE', DIMENSIONS_MAX);
    } else if (field === 'data_offsets') {
      twice(offsets !== undefined);
      offsets = readIntegers(reader, refuse, field, 'FORMAT_OFFSETS', 2);
    } else {
      others ??= new Set();
      twice(others.has(field));
      others.add(field);
      findings.add('unknown-field', 'caution', { tensor, field: shown(field) }, { offset });
      reader.value();
    }
  });
  if (dtype === undefined) throw refuse('FORMAT_MISSING_FIELD', { field: 'dtype' });
  if (shape === undefined) throw refuse('FORMAT_MISSING_FIELD', { field: 'shape' });
  if (offsets === undefined) throw refuse('FORMAT_MISSING_FIELD', { field: 'data_offsets' });
  const [begin, end] = offsets as [number, number];
  noteOddities(name, shape, findings);
  return checkExtent({ name, dtype, shape, begin, end });
}

/** An array of integers of at least 0. `data_offsets` has exactly two, `shape` up to `max`. */
function readIntegers(
  reader: JsonReader,
  refuse: (code: ErrorCode, detail?: ErrorDetail) => AppError,
  field: string,
  negative: ErrorCode,
  max: number,
): number[] {
  if (reader.kind() !== 'array') throw refuse('FORMAT_JSON_TYPE', { field, expected: 'a list of integers' });
  const integers: number[] = [];
  reader.array(() => {
    if (reader.kind() !== 'number') throw refuse('FORMAT_JSON_TYPE', { field, expected: 'an integer' });
    const value = reader.number();
    if (value instanceof JsonNumber) {
      if (!value.integer) throw refuse('FORMAT_JSON_TYPE', { field, expected: 'an integer', value: value.text });
      throw refuse(value.negative ? negative : 'FORMAT_OVERFLOW', { field, value: value.text });
    }
    if (value < 0) throw refuse(negative, { field, value });
    integers.push(value);
    if (field === 'shape' && integers.length > max) throw refuse('FORMAT_SHAPE', { dimensions: integers.length, max });
  });
  if (field === 'data_offsets' && integers.length !== max) {
    throw refuse('FORMAT_JSON_SHAPE', { field, expected: 'two offsets', count: integers.length });
  }
  // A list that grew has room for 17 numbers; of 250,000 shapes that is 30 MB of nothing.
  return integers.slice();
}

function checkExtent(stated: StatedTensor): StatedTensor {
  const { name, dtype, shape, begin, end } = stated;
  const tensor = shown(name);
  let expected: number;
  try {
    expected = byteLength(dtype, shape);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, { tensor, ...error.detail }, error);
  }
  if (begin > end) throw new AppError('FORMAT_OFFSETS', { tensor, begin, end });
  if (end - begin !== expected) throw new AppError('FORMAT_SIZE_MISMATCH', { tensor, expected, actual: end - begin });
  return stated;
}

function noteOddities(name: string, shape: readonly number[], findings: FindingCollector): void {
  const tensor = shown(name);
  if (shape.length > DIMENSIONS_NOTED) {
    findings.add('too-many-dimensions', 'caution', { tensor, dimensions: shape.length });
  }
  if (name.length > NAME_NOTED) findings.add('long-name', 'caution', { tensor, length: name.length });
  if (name === '') findings.add('bad-name', 'note', { tensor, what: 'empty' });
  noteRiskyText(name, { key: tensor }, findings);
}

function shown(text: string): string {
  return text.length <= NAME_SHOWN ? text : `${text.slice(0, NAME_SHOWN)}…`;
}
