import { describe, expect, it } from 'vitest';
import { parseContentRange } from './content-range.ts';
import { backoff, statedPause } from './patience.ts';
import { systemClock } from './transport.ts';

const NOW = Date.parse('2025-06-01T12:00:00Z');

describe('the pause a server asks for', () => {
  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': 'Sun, 01 Jun 2025 12:00:09 GMT' }, 9],
    [{ 'retry-after': 'Sun, 01 Jun 2025 11:00:00 GMT' }, 0],
    [{ ratelimit: '"resolvers";r=0;t=55' }, 55],
    [{ ratelimit: '"api"; r=3; t=2' }, 2],
    [{ 'retry-after': 'soon', ratelimit: '"api";r=0;t=4' }, 4],
    [{ 'retry-after': '-3' }, undefined],
    [{ 'retry-after': '99999999999999999999' }, undefined],
    [{}, undefined],
  ])('%j is %s seconds', (headers, seconds) => {
    const given = new Headers(Object.entries(headers));
    expect(statedPause(given, NOW)).toBe(seconds);
  });

  it('doubles with each failure when nothing is stated', () => {
    const clock = { ...systemClock, random: () => 1 };
    expect([1, 2, 3].map((failures) => backoff(failures, clock))).toEqual([1000, 2000, 4000]);
  });
});

describe('Content-Range', () => {
  it.each([
    ['bytes 0-0/1', { start: 0, end: 1, total: 1 }],
    ['bytes 5-9/*', { start: 5, end: 10 }],
    ['bytes */123', { total: 123 }],
    ['bytes 4294967296-8589934591/8589934592', { start: 2 ** 32, end: 2 ** 33, total: 2 ** 33 }],
    ['bytes 5-4/10', undefined],
    ['bytes 0-10/10', undefined],
    ['bytes 0-9999999999999999/*', undefined],
    ['bytes=0-1/2', undefined],
    ['bytes 0-1', undefined],
    ['', undefined],
  ])('%j', (text, expected) => {
    expect(parseContentRange(text)).toEqual(expected);
  });
});
