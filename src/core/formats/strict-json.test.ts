import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { JsonNumber, type JsonValue } from './json-reader.ts';
import { interpretJson, parseStrictJson } from './strict-json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): JsonValue => parseStrictJson(bytes(text));
const raw = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...bytes(part)] : part)));

function code(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof AppError ? error.code : `not coded: ${String(error)}`;
  }
}

/** As JSON.parse would have built it. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (value instanceof Map) {
    const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [key, inner] of value) object[key] = plain(inner);
    return object;
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads, to the same values', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 1), (text, indent) => {
        const again = JSON.stringify(JSON.parse(text), undefined, indent);
        expect(JSON.stringify(plain(parse(again)))).toBe(
          again.length === 0 ? again : JSON.stringify(JSON.parse(again)),
        );
      }),
    );
  });

  it('refuses, with a code, whatever JSON.parse refuses', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0012eE+-.tfn \n\u0000aé') });
    fc.assert(
      fc.property(noise, (text) => {
        const ours = code(() => parse(text));
        let theirs = true;
        try {
          JSON.parse(text);
        } catch {
          theirs = false;
        }
        if (!theirs) expect(ours).toMatch(/^FORMAT_(JSON|UTF8|DUPLICATE_KEY)$/);
        else expect(ours).toMatch(/^(none|FORMAT_UTF8|FORMAT_DUPLICATE_KEY)$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds keys that repeat, at any level and however they are spelled', () => {
    for (const text of [
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '[[{"x":{"k":1,"k":1}}]]',
      '{"__proto__":1,"__proto__":2}',
    ]) {
      expect(code(() => parse(text))).toBe('FORMAT_DUPLICATE_KEY');
    }
    expect(parse('{"a":{"k":1},"b":{"k":1}}')).toBeInstanceOf(Map);
  });

  it('keeps __proto__ as an ordinary key', () => {
    const value = parse('{"__proto__":{"dtype":"F32"},"constructor":1}') as ReadonlyMap<string, JsonValue>;
    expect([...value.keys()]).toEqual(['__proto__', 'constructor']);
    expect(value.get('dtype')).toBeUndefined();
  });

  it('tells integers from numbers that merely equal one, and never rounds', () => {
    expect(parse('9007199254740991')).toBe(9007199254740991);
    expect(parse('-5')).toBe(-5);
    for (const text of ['4.0', '1.6e1', '4E0', '-0', '0.5']) expect(parse(text)).toMatchObject({ integer: false });
    for (const text of ['9007199254740992', '18446744073709551632', '-9007199254740993', '9'.repeat(100_000)]) {
      expect(parse(text)).toMatchObject({ integer: true });
    }
  });

  it('refuses malformed UTF-8 and lone surrogates, and keeps a zero-width no-break space inside a text', () => {
    expect(code(() => parseStrictJson(raw('"', [0xff, 0xfe], '"')))).toBe('FORMAT_UTF8');
    expect(code(() => parseStrictJson(raw('"', [0xed, 0xa0, 0x80], '"')))).toBe('FORMAT_UTF8');
    expect(code(() => parse('"\\ud800"'))).toBe('FORMAT_UTF8');
    expect(code(() => parse('"\\udc00\\ud800"'))).toBe('FORMAT_UTF8');
    expect(parse('"\\ud83d\\ude80"')).toBe('🚀');
    expect(parse('"\ufeffbom"')).toBe('\ufeffbom');
  });

  it('refuses a byte-order mark, UTF-16, comments, trailing commas, NUL padding and anything after the end', () => {
    for (const text of [
      '\ufeff{}',
      '{}{}',
      '{} x',
      '{/*c*/}',
      '[1,]',
      '{"a":1,}',
      '{}\0',
      '01',
      '"a\nb"',
      '',
      ' ',
      'nul',
      "'a'",
    ]) {
      expect(
        code(() => parse(text)),
        text,
      ).toBe('FORMAT_JSON');
    }
    expect(code(() => parseStrictJson(raw([0x7b, 0, 0x7d, 0])))).toBe('FORMAT_JSON');
  });

  it('stops at 128 levels, however deep the file goes', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(code(() => parse(nested(128)))).toBe('none');
    expect(code(() => parse(nested(129)))).toBe('FORMAT_DEPTH');
    expect(code(() => parse('['.repeat(1_000_000)))).toBe('FORMAT_DEPTH');
    expect(code(() => parse('{"a":'.repeat(100_000)))).toBe('FORMAT_DEPTH');
  });

  it('says where an error is and in which file', () => {
    try {
      parseStrictJson(bytes('{"a": tru}'), 'model.safetensors.index.json');
      expect.unreachable();
    } catch (error) {
      expect((error as AppError).detail).toMatchObject({ offset: 6, path: 'model.safetensors.index.json' });
    }
  });
});

describe('interpretJson', () => {
  it('calls a document that is not JSON so, even when its beginning already had the wrong shape', () => {
    const wrongShape = (): never => {
      throw new AppError('FORMAT_JSON_TYPE');
    };
    expect(code(() => interpretJson(bytes('[1, 2]'), 0, wrongShape))).toBe('FORMAT_JSON_TYPE');
    expect(code(() => interpretJson(bytes('[1, 2'), 0, wrongShape))).toBe('FORMAT_JSON');
    expect(code(() => interpretJson(bytes('['.repeat(500)), 0, wrongShape))).toBe('FORMAT_DEPTH');
  });
});
