/** JSON of an attestation: strict first, then as plain values. */
import { AppError } from '../../errors.ts';
import { parseStrictJson } from '../../formats/strict-json.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Repeated keys, a byte-order mark, deep nesting and anything after the end are refused: parsers disagree about them, and
 * a statement must mean one thing.
 *
 * @throws AppError ATTEST_JSON {why}
 */
export function strictJson(bytes: Uint8Array): unknown {
  try {
    parseStrictJson(bytes);
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (error) {
    const why =
      error instanceof AppError ? error.code.replace('FORMAT_', '').replaceAll('_', ' ').toLowerCase() : 'syntax';
    throw new AppError('ATTEST_JSON', { why }, error);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own property, or undefined: nothing is taken from a prototype. */
export function field(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function textField(value: unknown, key: string): string | undefined {
  const found = field(value, key);
  return typeof found === 'string' ? found : undefined;
}

export function listField(value: unknown, key: string): readonly unknown[] {
  const found = field(value, key);
  return Array.isArray(found) ? found : [];
}
