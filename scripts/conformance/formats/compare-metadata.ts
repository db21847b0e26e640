import { createHash } from 'node:crypto';
import type { MetaEntry, MetaValue } from '../../../src/core/formats/format.ts';
import type { ExpectedArray, ExpectedEntry, ExpectedGood, ExpectedOnnxTexts } from './expectations.ts';

type MetaArray = Extract<MetaValue, { readonly elementType: string }>;

/**
 * Disagreements about metadata, in words. safetensors rows state texts by key, GGUF rows entries in order, ONNX rows
 * the two places of ModelProto that hold text.
 */
export function compareMetadata(expected: ExpectedGood['metadata'], actual: readonly MetaEntry[]): string[] {
  if (expected === undefined) return [];
  if (isOnnx(expected)) return compareTexts(onnxTexts(expected), actual);
  return isEntries(expected) ? compareEntries(expected, actual) : compareTexts(expected, actual);
}

function isEntries(expected: NonNullable<ExpectedGood['metadata']>): expected is readonly ExpectedEntry[] {
  return Array.isArray(expected);
}

function isOnnx(expected: NonNullable<ExpectedGood['metadata']>): expected is ExpectedOnnxTexts {
  return 'metadata_props' in expected && typeof expected.metadata_props === 'object';
}

/** An empty doc string is one that is not there: proto3 does not tell them apart. */
function onnxTexts({ metadata_props: texts, doc_string: note }: ExpectedOnnxTexts): Readonly<Record<string, string>> {
  return note === '' ? texts : { ...texts, doc_string: note };
}

function compareTexts(expected: Readonly<Record<string, string>>, actual: readonly MetaEntry[]): string[] {
  const byKey = new Map(actual.map(({ key, value }) => [key, value]));
  const differ: string[] = [];
  for (const key of Object.keys(expected)) {
    if (byKey.get(key) !== expected[key]) differ.push(`metadata ${JSON.stringify(key)} differs`);
    byKey.delete(key);
  }
  for (const key of byKey.keys()) differ.push(`metadata ${JSON.stringify(key)} was not expected`);
  return differ;
}

function compareEntries(expected: readonly ExpectedEntry[], actual: readonly MetaEntry[]): string[] {
  const differ: string[] = [];
  if (expected.length !== actual.length)
    differ.push(`metadata: expected ${expected.length} entries, are ${actual.length}`);
  for (const [i, row] of expected.entries()) {
    const entry = actual[i];
    if (entry?.key !== row.key) differ.push(`metadata entry ${i}: expected ${row.key}, is ${entry?.key ?? 'nothing'}`);
    else if (entry.type !== row.type) differ.push(`metadata ${row.key}: expected ${row.type}, is ${entry.type}`);
    else if (!sameValue(row.value, entry.value)) differ.push(`metadata ${row.key} differs`);
  }
  return differ;
}

function sameValue(expected: unknown, actual: MetaValue | undefined): boolean {
  if (isArray(actual)) return isExpectedArray(expected) && sameArray(expected, actual);
  if (typeof actual === 'object' && actual !== null) {
    const invalid = (expected as { readonly invalid_utf8_hex?: string } | null)?.invalid_utf8_hex;
    return invalid === actual.invalidUtf8;
  }
  return Object.is(expected, actual);
}

function sameArray(expected: ExpectedArray, actual: MetaArray): boolean {
  if (expected.element_type !== actual.elementType || expected.length !== actual.length) return false;
  const { values, first8, last4, elements_sha256: digest } = expected;
  const same = (rows: readonly unknown[], part: readonly MetaValue[]): boolean =>
    rows.length === part.length && rows.every((row, i) => sameValue(row, part[i]));
  if (values !== undefined && !same(values, actual.values)) return false;
  if (first8 !== undefined && !same(first8, actual.values.slice(0, 8))) return false;
  if (last4 !== undefined && !same(last4, actual.values.slice(-4))) return false;
  return digest === undefined || digest === createHash('sha256').update(encode(actual)).digest('hex');
}

function isArray(value: MetaValue | undefined): value is MetaArray {
  return typeof value === 'object' && value !== null && 'elementType' in value;
}

function isExpectedArray(value: unknown): value is ExpectedArray {
  return typeof value === 'object' && value !== null && 'element_type' in value;
}

/** The elements as version 3 stores them, little-endian: what `elements_sha256` covers. */
function encode(array: MetaArray): Buffer {
  return Buffer.concat(array.values.map((value) => encodeOne(array.elementType, value)));
}

function encodeOne(type: string, value: MetaValue): Buffer {
  if (isArray(value)) {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(TYPE_NUMBERS.indexOf(value.elementType), 0);
    head.writeBigUInt64LE(BigInt(value.length), 4);
    return Buffer.concat([head, encode(value)]);
  }
  if (type === 'STRING') {
    const text =
      typeof value === 'string'
        ? Buffer.from(value)
        : Buffer.from((value as { invalidUtf8: string }).invalidUtf8, 'hex');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text]);
  }
  const out = Buffer.alloc(8);
  const written = WRITERS[type]?.(out, value) ?? 0;
  return out.subarray(0, written);
}

const TYPE_NUMBERS = [
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

/** Each returns how many bytes it wrote. */
const WRITERS: Readonly<Record<string, (out: Buffer, value: MetaValue) => number>> = {
  UINT8: (out, value) => out.writeUInt8(Number(value)),
  INT8: (out, value) => out.writeInt8(Number(value)),
  UINT16: (out, value) => out.writeUInt16LE(Number(value)),
  INT16: (out, value) => out.writeInt16LE(Number(value)),
  UINT32: (out, value) => out.writeUInt32LE(Number(value)),
  INT32: (out, value) => out.writeInt32LE(Number(value)),
  FLOAT32: (out, value) => out.writeFloatLE(Number(value)),
  FLOAT64: (out, value) => out.writeDoubleLE(Number(value)),
  BOOL: (out, value) => out.writeUInt8(value === true ? 1 : 0),
  UINT64: (out, value) => out.writeBigUInt64LE(BigInt(value as string)),
  INT64: (out, value) => out.writeBigInt64LE(BigInt(value as string)),
};
