import { describe, expect, it } from 'vitest';
import { canonicalJson } from './jcs.ts';

describe('canonical JSON (RFC 8785)', () => {
  it('sorts keys by UTF-16 code units, at every depth', () => {
    // RFC 8785 §3.2.3 sorts U+20AC, U+1F600 (as surrogates) and U+FB33 in this order.
    expect(canonicalJson({ '\ufb33': 1, '\u20ac': 2, '\ud83d\ude00': 3, '\r': 4, '1': { b: [2, 1], a: null } })).toBe(
      '{"\\r":4,"1":{"a":null,"b":[2,1]},"\u20ac":2,"\ud83d\ude00":3,"\ufb33":1}',
    );
  });
  it('writes numbers as ECMAScript does', () => {
    // RFC 8785 §3.2.2: the sample's numbers.
    expect(canonicalJson([Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    );
  });
  it('refuses numbers that JSON cannot hold', () => {
    expect(() => canonicalJson([Number.NaN])).toThrow(TypeError);
  });
});
