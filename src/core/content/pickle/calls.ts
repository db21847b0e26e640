/** What single calls and pieces of bytes give away: memory asked for, codecs, and pickles inside pickles. */
import type { ErrorDetail } from '../../errors.ts';
import type { FindingCode, Severity } from '../finding.ts';
import type { Embedded } from './stream.ts';
import { asItems, asText, isGlobal, isNode, type PyBytes, type PyCall, type PyValue } from './value.ts';

/** Python writes `bytearray` with its content; a count of zeros to allocate only serves to fill memory. */
const COUNT_MAX = 64 * 1024;
/** Elements of a storage or range that is made empty: those of a model come with their bytes and without a call. */
const ALLOCATED_MAX = 2 ** 31;
/** Elements of an array that is announced before its content comes. */
const ANNOUNCED_MAX = 1e12;

export interface CallSigns {
  readonly notes: readonly { readonly code: FindingCode; readonly severity: Severity; readonly detail: ErrorDetail }[];
  readonly embedded: readonly Embedded[];
}

const NOTHING: CallSigns = { notes: [], embedded: [] };

/** Takes bytes and loads them as a pickle. */
const LOADERS = new Set([
  'pickle loads',
  'pickle load',
  'pickle Unpickler',
  'pickle _loads',
  '_pickle loads',
  '_pickle load',
  '_pickle Unpickler',
  'cPickle loads',
  'pickle5 loads',
  'dill loads',
  'dill._dill loads',
  'cloudpickle loads',
  'cloudpickle.cloudpickle loads',
  'joblib load',
  'numpy loads',
  'torch load',
  'torch.serialization load',
  'torch.storage _load_from_bytes',
  'torch.jit load',
  'pandas read_pickle',
  'jsonpickle decode',
]);

/** Unpack what may be a pickle. */
const UNPACKERS = new Set([
  'zlib decompress',
  'gzip decompress',
  'bz2 decompress',
  'lzma decompress',
  '_bz2 decompress',
]);
const BASE64 = new Set([
  'base64 b64decode',
  'base64 decodebytes',
  'base64 decodestring',
  'base64 standard_b64decode',
  'binascii a2b_base64',
]);
const SIZED = new Set(['builtins bytearray', 'builtins bytes', '__builtin__ bytearray', '__builtin__ bytes']);
const LATIN_1 = new Set(['latin1', 'latin-1', 'latin_1', 'iso-8859-1', 'iso8859-1', 'utf-8', 'utf8', 'ascii']);

/** Looks at one call when it is made: its arguments are complete then. */
export function lookIntoCall(call: PyCall, offset: number): CallSigns {
  if (!isGlobal(call.callee)) return NOTHING;
  const global = `${call.callee.module} ${call.callee.name}`;
  if (call.callee.use.verdict.danger === 'resource') return note('resource-call', 'danger', { global });
  const size = asksFor(call, global);
  if (size > 0) return note('resource-call', 'danger', { global, size });
  if (global === '_codecs encode') return encoded(call, global, offset);
  if (LOADERS.has(global)) return { notes: [], embedded: loaded(call.args, 'pickle', global, offset) };
  if (UNPACKERS.has(global)) return { notes: [], embedded: loaded(call.args, 'compressed', global, offset) };
  if (BASE64.has(global)) return { notes: [], embedded: loaded(call.args, 'base64', global, offset) };
  return NOTHING;
}

/** Bytes that begin like a pickle of protocol 2 or later, or like a zip. */
export function lookIntoBytes(bytes: PyBytes, head: Uint8Array, offset: number): Embedded | null {
  if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5 && bytes.length > 4) return { bytes, kind: 'pickle', offset };
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) return { bytes, kind: 'zip', offset };
  return null;
}

function note(code: FindingCode, severity: Severity, detail: ErrorDetail): CallSigns {
  return { notes: [{ code, severity, detail }], embedded: [] };
}

/** Bytes or elements a call would allocate, when that is its only purpose; otherwise 0. */
function asksFor(call: PyCall, global: string): number {
  const [first, second] = call.args;
  if (SIZED.has(global)) return above(first, COUNT_MAX);
  const name = isGlobal(call.callee) ? call.callee.name : '';
  if (name === '_reconstruct') return shapeElements(second) > ANNOUNCED_MAX ? shapeElements(second) : 0;
  if (name === 'ndarray')
    return shapeElements(first) > ANNOUNCED_MAX ? shapeElements(first) : above(first, ANNOUNCED_MAX);
  if (!/^x?range$|Storage$|Tensor$/.test(name)) return 0;
  return Math.max(0, ...call.args.slice(0, 8).map((arg) => above(arg, ALLOCATED_MAX)));
}

function above(value: PyValue | undefined, most: number): number {
  return (typeof value === 'number' || typeof value === 'bigint') && value > most ? Number(value) : 0;
}

function shapeElements(shape: PyValue | undefined): number {
  let product = 1;
  for (const item of asItems(shape) ?? [])
    product *= typeof item === 'number' || typeof item === 'bigint' ? Number(item) : 1;
  return product;
}

/** `_codecs.encode(text, 'latin1')` is how old protocols spell bytes; another codec rewrites text behind a scanner's back. */
function encoded(call: PyCall, global: string, offset: number): CallSigns {
  const [first, second] = call.args;
  const codec = asText(second)?.toLowerCase() ?? (second === undefined ? 'utf-8' : '');
  if (!LATIN_1.has(codec)) return note('unknown-global', 'caution', { global, codec: codec.slice(0, 80) });
  if (typeof first !== 'string') return NOTHING;
  // The first four characters tell; converting a large array only to look at it would be waste.
  const embedded = lookIntoBytes(fromText(first.slice(0, 8)), fromText(first.slice(0, 8)).data, offset);
  return embedded === null ? NOTHING : { notes: [], embedded: [{ ...embedded, bytes: fromText(first) }] };
}

function loaded(args: readonly PyValue[], kind: Embedded['kind'], loader: string, offset: number): Embedded[] {
  for (const arg of args) {
    const bytes = bytesOf(arg);
    if (bytes === null) continue;
    const zip = bytes.data?.[0] === 0x50 && bytes.data[1] === 0x4b;
    return [{ bytes, kind: zip ? 'zip' : kind, loader, offset }];
  }
  return [];
}

/** Bytes that an argument is, or would turn into: itself, latin-1 text, or through one call that only converts. */
function bytesOf(arg: PyValue): PyBytes | null {
  if (typeof arg === 'string') return fromText(arg);
  if (!isNode(arg)) return null;
  if (arg.kind === 'bytes') return arg;
  if (arg.kind !== 'call' || !isGlobal(arg.callee)) return null;
  const converts = ['encode', 'bytes', 'bytearray', 'BytesIO', 'decompress', 'b64decode'].includes(arg.callee.name);
  const [inner] = arg.args;
  return converts && inner !== undefined && (typeof inner === 'string' || (isNode(inner) && inner.kind === 'bytes'))
    ? bytesOf(inner)
    : null;
}

function fromText(text: string): PyBytes & { readonly data: Uint8Array } {
  const data = Uint8Array.from(text, (character) => character.charCodeAt(0) % 256);
  return { kind: 'bytes', type: 'bytes', offset: -1, length: data.length, data };
}
