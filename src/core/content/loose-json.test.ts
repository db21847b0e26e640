import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { parseLooseJson, parseLooseText, valueOf, valuesOf, type Loose } from './loose-json.ts';

const plain = (value: Loose): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value.kind === 'number') return value.value;
  if (value.kind === 'array') return value.items.map(plain);
  return Object.fromEntries(value.members.map(([key, inner]) => [key, plain(inner)]));
};

describe('loose JSON', () => {
  it('reads every document that JSON.parse reads, with the same values', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        // -0 and 0 are told apart by nobody here; `__proto__` is a key like any other, which JSON.parse also makes it.
        expect(JSON.stringify(plain(parseLooseText(text).root))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 500 },
    );
  });

  it('does not keep what is dropped, and holds it to the rules all the same', () => {
    const dropped = new Set(['merges']);
    const text = '{"a": [1], "merges": [["x", {"k": 1, "k": NaN, "merges": [2]}]], "b": {"merges": "y", "c": 3}}';
    const { root, notes } = parseLooseText(text, { dropped });
    expect(plain(root)).toEqual({ a: [1], merges: [], b: { merges: [], c: 3 } });
    expect([notes.duplicates, notes.notFinite]).toEqual([['k'], 1]);
    expect(() => parseLooseText('{"merges": [1,]}', { dropped })).toThrow('FORMAT_JSON');
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        const whole = parseLooseText(json);
        expect(parseLooseText(json, { dropped: new Set(['never']) })).toEqual(whole);
        expect(plain(parseLooseText(`{"merges": ${json}, "z": 1}`, { dropped }).root)).toEqual({ merges: [], z: 1 });
      }),
    );
  });

  it('any text is a document or a coded error', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0012eE+-.tfnNaIi \n\u0000aé') });
    fc.assert(
      fc.property(noise, (text) => {
        let strict = true;
        try {
          JSON.parse(text);
        } catch {
          strict = false;
        }
        try {
          parseLooseText(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          // Never stricter than JSON.
          expect(strict).toBe(false);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('notes what strict readers refuse or read otherwise', () => {
    const { root, notes } = parseLooseText(
      '\ufeff{"a": NaN, "a": -Infinity, "__proto__": {}, "big": 99999999999999999999, "e": 1e400}',
    );
    expect(notes).toEqual({ bom: true, notFinite: 2, inexact: 2, duplicates: ['a'], prototype: ['__proto__'] });
    expect(valuesOf(root, 'a')).toHaveLength(2);
    expect(valueOf(root, 'a')).toMatchObject({ value: -Infinity });
  });

  it.each([
    ['{"a": tru}', 'FORMAT_JSON'],
    ["{'a': 1}", 'FORMAT_JSON'],
    ['{"a": 1', 'FORMAT_JSON'],
    ['"\\x"', 'FORMAT_JSON'],
    ['"a\nb"', 'FORMAT_JSON'],
    ['[1] [2]', 'FORMAT_JSON'],
    ['['.repeat(40_000), 'FORMAT_DEPTH'],
    ['{"a":'.repeat(40_000), 'FORMAT_DEPTH'],
  ])('%s is refused', (text, code) => {
    expect(() => parseLooseText(text)).toThrow(expect.objectContaining({ code }));
  });

  it('bytes that are not UTF-8 are refused', () => {
    expect(() => parseLooseJson(new Uint8Array([0x22, 0xff, 0x22]))).toThrow(
      expect.objectContaining({ code: 'FORMAT_UTF8' }),
    );
  });

  it('a string of megabytes with escapes takes no stack', () => {
    const text = `"${'\\n\\"a'.repeat(1_000_000)}"`;
    expect(parseLooseText(text).root).toHaveLength(3_000_000);
  });
});
