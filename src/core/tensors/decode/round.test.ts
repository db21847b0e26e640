import { describe, expect, it } from 'vitest';
import { half } from './half.ts';
import { roundTo } from './round.ts';

function rounded(value: number, dtype: 'F16' | 'BF16'): number {
  const values = Float32Array.of(value);
  roundTo(values, dtype);
  return values[0]!;
}

/** The float32 above or below. */
function neighbour(value: number, step: 1 | -1): number {
  const values = Float32Array.of(value);
  const bits = new Int32Array(values.buffer);
  bits[0]! += step;
  return values[0]!;
}

describe('rounding to shorter floats', () => {
  it('every finite float16 stays, and halfway between two goes to the even one', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = [half(bits), half(bits + 1)];
      const middle = (low + high) / 2;
      expect(rounded(low, 'F16')).toBe(low);
      expect(rounded(middle, 'F16')).toBe(bits % 2 === 0 ? low : high);
      expect(rounded(-neighbour(middle, 1), 'F16')).toBe(-high);
      expect(rounded(neighbour(middle, -1), 'F16')).toBe(low);
    }
  });

  it('bfloat16 is the upper half of a float32, rounded to even', () => {
    const values = new Float32Array(1);
    const bits = new Uint32Array(values.buffer);
    for (let upper = 0; upper < 0x7f7f; upper += 7) {
      for (const lower of [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff]) {
        bits[0] = upper * 65_536 + lower;
        const up = lower > 0x8000 || (lower === 0x8000 && upper % 2 === 1);
        roundTo(values, 'BF16');
        expect(bits[0]).toBe((upper + (up ? 1 : 0)) * 65_536);
      }
    }
  });

  it('signed zeros, infinities and NaN stay; beyond the largest number is infinite', () => {
    expect(Object.is(rounded(-0, 'F16'), -0)).toBe(true);
    expect(Object.is(rounded(-1e-30, 'F16'), -0)).toBe(true);
    expect(rounded(NaN, 'BF16')).toBeNaN();
    expect(rounded(-Infinity, 'F16')).toBe(-Infinity);
    expect(rounded(65_519.99, 'F16')).toBe(65_504);
    expect(rounded(65_520, 'F16')).toBe(Infinity);
    expect(rounded(-3.4e38, 'BF16')).toBe(-Infinity);
  });
});
