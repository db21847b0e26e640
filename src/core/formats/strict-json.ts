import { AppError } from '../errors.ts';
import { JsonNumber, JsonReader, type JsonObject, type JsonValue } from './json-reader.ts';

/**
 * A whole JSON document as a tree: index files, and later configs.
 *
 * @param path for the error's words
 * @throws AppError FORMAT_JSON (syntax, a byte-order mark, anything after the end), FORMAT_UTF8, FORMAT_DUPLICATE_KEY,
 *   FORMAT_DEPTH, FORMAT_TOO_LARGE
 */
export function parseStrictJson(bytes: Uint8Array, path?: string): JsonValue {
  try {
    refuseByteOrderMark(bytes);
    const reader = new JsonReader(bytes);
    const value = reader.value();
    reader.end();
    return value;
  } catch (error) {
    if (path === undefined || !(error instanceof AppError)) throw error;
    throw new AppError(error.code, { ...error.detail, path }, error);
  }
}

/**
 * Runs `interpret`; when it finds the document of the wrong shape, looks first whether it is JSON at all. So a header
 * that is cut or damaged is called that, and not by whatever its first half happened to look like.
 */
export function interpretJson<T>(
  bytes: Uint8Array,
  base: number,
  interpret: (reader: JsonReader) => T,
  maxValues?: number,
): T {
  refuseByteOrderMark(bytes, base);
  try {
    const reader = new JsonReader(bytes, base, maxValues);
    const result = interpret(reader);
    reader.end();
    return result;
  } catch (error) {
    const reader = new JsonReader(bytes, base);
    reader.skip();
    reader.end();
    throw error;
  }
}

/** RFC 8259 section 8.1 forbids it; some readers skip it and some do not. */
function refuseByteOrderMark(bytes: Uint8Array, base = 0): void {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw new AppError('FORMAT_JSON', { why: 'begins with a byte-order mark', offset: base });
  }
}

/** The value as an exact number. @throws AppError FORMAT_JSON_TYPE for anything else; FORMAT_OVERFLOW beyond 2^53 - 1 */
export function jsonInteger(value: JsonValue | undefined, key: string): number {
  if (typeof value === 'number') return value;
  if (value instanceof JsonNumber && value.integer) throw new AppError('FORMAT_OVERFLOW', { key, value: value.text });
  throw new AppError('FORMAT_JSON_TYPE', { key, expected: 'an integer' });
}

/** @throws AppError FORMAT_JSON_SHAPE */
export function jsonObject(value: JsonValue | undefined, key: string): JsonObject {
  if (value instanceof Map) return value;
  throw new AppError('FORMAT_JSON_SHAPE', { key, expected: 'an object' });
}
