import { expect, test } from 'vitest';
import { bars, HEIGHT, histogramSvg, WIDTH, zeroAt } from './histogram.ts';
import { numberText, parseOffset, shareText } from './numbers.ts';

const histogram = { low: -1, high: 3, counts: [1, 0, 100, 3] };

test('the fullest bin is as high as the picture, and one value is still seen', () => {
  const [first, second, third] = bars(histogram, false);
  expect(third).toMatchObject({ low: 1, high: 2, count: 100, height: HEIGHT, x: WIDTH / 2 });
  expect(first!.height).toBeGreaterThanOrEqual(1);
  expect(second!.height).toBe(0);
  expect(bars(histogram, true)[0]!.height).toBeGreaterThan(20);
  expect(zeroAt(histogram)).toBe(WIDTH / 4);
  expect(zeroAt({ ...histogram, low: 0.5 })).toBeNull();
});

test('the name of a tensor cannot become markup in the saved picture', () => {
  const svg = histogramSvg(histogram, false, '</text><script>alert(1)</script>&"\u0000\u202e');
  expect(svg).not.toContain('<script');
  for (const odd of ['\u0000', '\u202e']) expect(svg).not.toContain(odd);
  expect(svg).toContain('&lt;script&gt;');
});

test('numbers keep what matters: six digits, the sign of zero, infinities', () => {
  expect([0.1, -0, 1 / 3, 1e-9, 2 ** 40, NaN, -Infinity, 0.25].map(numberText)).toEqual([
    '0.1',
    '-0',
    '0.333333',
    '1e-9',
    '1099511627776',
    'NaN',
    '-Infinity',
    '0.25',
  ]);
});

test('an offset is read in decimal and hex, and nothing else', () => {
  expect(['4096', '4,096', '0x1000', ' 0X10 ', '', '-1', '1e3', '0x', '99999999999999999'].map(parseOffset)).toEqual([
    4096,
    4096,
    4096,
    16,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('a small share is not nothing, and nearly all is not all', () => {
  expect([shareText(1, 1e6), shareText(999_999, 1e6), shareText(1, 2), shareText(0, 0)]).toEqual([
    'below 0.1 %',
    '99.9 %',
    '50 %',
    '0 %',
  ]);
});
