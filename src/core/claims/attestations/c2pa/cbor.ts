/** CBOR (RFC 8949) of a signed statement: one meaning for every reader, and bounded. */
import { AppError } from '../../../errors.ts';
import { CBOR_DEPTH_MAX, CBOR_MAX, CBOR_VALUES_MAX } from '../../../limits.ts';

export type CborMap = ReadonlyMap<unknown, unknown>;

/** COSE_Sign1 (RFC 9052 section 4.2), dates, addresses: nothing else occurs where we look. */
const TAGS = [0, 18, 32];

/**
 * Refused: lengths that are not stated, numbers not in their shortest form, repeated keys, text that is not UTF-8, unknown tags, anything after
 * the end, more than the caps allow. Maps come as `Map`, byte strings as views.
 *
 * @throws AppError ATTEST_CBOR {why}
 */
export async function strictCbor(bytes: Uint8Array): Promise<unknown> {
  if (bytes.length > CBOR_MAX) throw new AppError('ATTEST_CBOR', { why: 'too long' });
  const { decode, Tokenizer, Type } = await import('cborg');
  const options = {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowInfinity: false,
    allowNaN: false,
    useMaps: true,
    rejectDuplicateMapKeys: true,
    retainStringBytes: true,
    tags: Object.fromEntries(TAGS.map((tag) => [tag, (inside: () => unknown) => inside()])),
  };
  const inner = new Tokenizer(bytes, options);
  /** Values that each open array, map or tag still waits for. */
  const open: number[] = [];
  let values = 0;
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const tokenizer = {
    done: () => inner.done(),
    pos: () => inner.pos(),
    next() {
      const token = inner.next();
      values += 1;
      if (values > CBOR_VALUES_MAX) throw new AppError('ATTEST_CBOR', { why: 'too many values' });
      while (open.at(-1) === 0) open.pop();
      if (open.length > 0) open[open.length - 1]! -= 1;
      const { type, value, byteValue } = token;
      // The library puts a sign for what is no text, and two keys could become one.
      if (byteValue !== undefined) utf8.decode(byteValue);
      if (Type.equals(type, Type.array)) open.push(Number(value));
      else if (Type.equals(type, Type.map)) open.push(Number(value) * 2);
      else if (Type.equals(type, Type.tag)) open.push(1);
      if (open.length > CBOR_DEPTH_MAX) throw new AppError('ATTEST_CBOR', { why: 'nested too deep' });
      return token;
    },
  };
  try {
    return decode(bytes, { ...options, tokenizer }) as unknown;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = error instanceof Error ? error.message.replace(/^CBOR decode error:\s*/, '').slice(0, 100) : 'syntax';
    throw new AppError('ATTEST_CBOR', { why }, error);
  }
}

/** @throws AppError ATTEST_CBOR */
export async function strictCborMap(bytes: Uint8Array): Promise<CborMap> {
  const value = await strictCbor(bytes);
  if (value instanceof Map) return value;
  throw new AppError('ATTEST_CBOR', { why: 'not a map' });
}

export function textOf(map: unknown, key: unknown): string | undefined {
  const value = map instanceof Map ? (map as CborMap).get(key) : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function bytesOf(map: unknown, key: unknown): Uint8Array | undefined {
  const value = map instanceof Map ? (map as CborMap).get(key) : undefined;
  return value instanceof Uint8Array ? value : undefined;
}
