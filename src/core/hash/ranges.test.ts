import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RANGES_OPEN_MAX } from '../limits.ts';
import { distinctRanges, RangeCutter } from './ranges.ts';

describe('distinctRanges', () => {
  it('sorts by place and shares one range between tensors with the same bytes', () => {
    const ranges = distinctRanges(
      [
        { start: 8, byteLength: 4 },
        { start: 0, byteLength: 8 },
        { start: 8, byteLength: 4 },
      ],
      12,
    );
    expect(ranges).toEqual([
      { start: 0, end: 8, members: [1] },
      { start: 8, end: 12, members: [0, 2] },
    ]);
  });

  it('leaves out what is not inside the file', () => {
    const outside = [
      { start: -1, byteLength: 1 },
      { start: 0, byteLength: 13 },
      { start: 13, byteLength: 0 },
      { start: Number.NaN, byteLength: 1 },
      { start: 2 ** 53, byteLength: 2 ** 53 },
    ];
    expect(distinctRanges([...outside, { start: 12, byteLength: 0 }], 12)).toEqual([
      { start: 12, end: 12, members: [5] },
    ]);
  });

  it('never asks for more than RANGES_OPEN_MAX readings of a byte, however many ranges overlap', () => {
    const placed = Array.from({ length: 1000 }, (_, i) => ({ start: i, byteLength: 5000 }));
    const ranges = distinctRanges(placed, 6000);
    expect(ranges.length).toBeGreaterThanOrEqual(RANGES_OPEN_MAX);
    for (let byte = 0; byte < 6000; byte += 7) {
      expect(ranges.filter((r) => r.start <= byte && byte < r.end).length).toBeLessThanOrEqual(RANGES_OPEN_MAX);
    }
  });

  it('keeps every one of a million neighbours', () => {
    const placed = Array.from({ length: 1_000_000 }, (_, i) => ({ start: i * 3, byteLength: 3 }));
    expect(distinctRanges(placed, 3_000_000)).toHaveLength(1_000_000);
  });
});

describe('RangeCutter', () => {
  it('yields every byte of every range once and in order, however the file is cut', () => {
    const range = fc.record({ start: fc.nat(300), byteLength: fc.nat(120) });
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }),
        (placed, cuts) => {
          const file = Uint8Array.from({ length: 400 }, (_, i) => (i * 7) % 251);
          const ranges = distinctRanges(placed, file.length);
          const seen = ranges.map((): number[] => []);
          const cutter = new RangeCutter(ranges);
          for (let at = 0, turn = 0; at < file.length; turn++) {
            const chunk = file.subarray(at, at + cuts[turn % cuts.length]!);
            for (const piece of cutter.cut(chunk, at)) {
              expect(piece.at).toBe(seen[piece.range]!.length);
              seen[piece.range]!.push(...piece.bytes);
            }
            at += chunk.length;
          }
          expect(seen).toEqual(ranges.map((r) => [...file.subarray(r.start, r.end)]));
        },
      ),
    );
  });
});
