import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatSeconds, groupDigest, plural } from './units.ts';

describe('numbers for people', () => {
  it('gives sizes in decimal units with one decimal and never shows 1000.0 of a unit', () => {
    expect([0, 601, 999, 1000, 999_949, 999_950, 4_900_000_000, 2 ** 53].map(formatBytes)).toEqual([
      '0 B',
      '601 B',
      '999 B',
      '1.0 kB',
      '999.9 kB',
      '1.0 MB',
      '4.9 GB',
      '9.0 PB',
    ]);
    expect([Number.NaN, -1, Number.POSITIVE_INFINITY].map(formatBytes)).toEqual(['?', '?', '?']);
  });
  it('groups digits by three', () => {
    expect([0, 999, 1000, 7_248_023_552].map(formatCount)).toEqual(['0', '999', '1,000', '7,248,023,552']);
  });
  it('gives durations in at most two units', () => {
    expect([0.4, 59.4, 60, 3599, 7500].map(formatSeconds)).toEqual([
      '0 s',
      '59 s',
      '1 min 0 s',
      '59 min 59 s',
      '2 h 5 min',
    ]);
  });
  it('agrees a noun with its number', () => {
    expect([plural(1, 'file'), plural(0, 'file'), plural(2, 'entry', 'entries')]).toEqual([
      '1 file',
      '0 files',
      '2 entries',
    ]);
  });
  it('groups a digest by eight without a trailing blank', () => {
    expect(groupDigest('0123456789abcdef')).toBe('01234567 89abcdef');
    expect(groupDigest('0123456789')).toBe('01234567 89');
  });
});
