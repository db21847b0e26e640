import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { riskyRepetition } from './regex-risk.ts';

/** Patterns of published tokenizers. */
const ORDINARY = [
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_` +
    '`' +
    String.raw`{|}~][A-Za-z]+|[^` +
    '\r\n' +
    String.raw`\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`\p{N}{1,3}|[一-龥぀-ゟ゠-ヿ]+`,
  String.raw`(?<=\p{L})(?=\p{N})|\s?\p{L}+|\s?\p{P}+`,
  String.raw`(?:\p{L}\p{M}*)+`,
  String.raw`(?:\r?\n)+`,
  ' {2,}',
  '(?>a+)+b',
  '(a++)+b',
];

const RISKY = [
  '(a+)+$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(a|a)*$',
  String.raw`(\w+\s?)*$`,
  '(a*)*b',
  '((ab?)+)+$',
  String.raw`(?:\p{L}+\p{M}*)+$`,
  '(a{1,100}){1,100}b',
];

describe('patterns that backtrack', () => {
  it.each(ORDINARY)('%s is not accused', (pattern) => {
    expect(riskyRepetition(pattern)).toBeNull();
  });

  it.each(RISKY)('%s is told', (pattern) => {
    expect(riskyRepetition(pattern)).not.toBeNull();
  });

  it('any pattern is judged soon', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'()[]{}|*+?\\^$.ab,1-pLs'), maxLength: 200 });
    fc.assert(
      fc.property(noise, (pattern) => {
        riskyRepetition(pattern);
      }),
      { numRuns: 2000 },
    );
  });

  it('a pattern of 20,000 nested or chained groups takes no time and no stack', () => {
    riskyRepetition('('.repeat(10_000) + ')'.repeat(10_000));
    riskyRepetition('(a+b)+'.repeat(3_000));
    riskyRepetition('(a|b|c)*'.repeat(2_000));
  });
});
