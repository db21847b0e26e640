import { expect, test } from 'vitest';
import { mapFile, type MapPart } from '../../../core/report/file-map.ts';
import { COLUMNS, hexRows, inSight, strips, zoom } from './bar.ts';

const GB = 1e9;
const tensors = Array.from({ length: 50_000 }, (_, i): MapPart => ({
  kind: 'tensor',
  name: `t${i}`,
  start: 1000 + i * 20_000,
  end: 1000 + (i + 1) * 20_000 - (i === 777 ? 16 : 0),
}));
const map = mapFile({
  size: GB + 1000,
  tensors,
  records: [{ kind: 'header', start: 0, end: 1000 }],
  complete: true,
  alignment: 1,
});
const whole = { from: 0, to: map.size };

test('a gap of 16 bytes in a gigabyte is seen, and the bar stays small', () => {
  const list = strips(map, whole);
  expect(list.length).toBeLessThan(2 * COLUMNS + 2);
  const gaps = list.filter(({ kind }) => kind === 'unclaimed');
  expect(gaps).toHaveLength(1);
  expect(gaps[0]!.width).toBeGreaterThanOrEqual(4);
  expect(gaps[0]!.x).toBeCloseTo((COLUMNS * (1000 + 778 * 20_000)) / map.size, 0);
  for (const { x, width } of list) expect(x + width).toBeLessThanOrEqual(COLUMNS + 1e-6);
});

test('what is in sight are the parts that touch the span', () => {
  expect(inSight(map.parts, { from: 1500, to: 21_500 }).map(({ name }) => name)).toEqual(['t0', 't1']);
  expect(inSight(map.parts, { from: 999, to: 1000 }).map(({ kind }) => kind)).toEqual(['header']);
});

test('zooming stays within the file and never shows less than 64 bytes', () => {
  let span = whole;
  for (let i = 0; i < 40; i++) span = zoom(span, map.size, 0, true);
  expect(span).toEqual({ from: 0, to: 64 });
  for (let i = 0; i < 40; i++) span = zoom(span, map.size, 60, false);
  expect(span).toEqual(whole);
  expect(zoom({ from: 0, to: 10 }, 10, 5, true)).toEqual({ from: 0, to: 10 });
});

test('bytes are shown as hex and as text in which nothing but ASCII is drawn', () => {
  const [first, second] = hexRows(Uint8Array.from([0x47, 0x47, 0x55, 0x46, 0, 0xff, 0x1b, 0x3c, 0x41]), 0x100, 8);
  expect(first).toEqual({ offset: '00000100', hex: '47 47 55 46 00 ff 1b 3c', text: 'GGUF···<' });
  expect(second).toEqual({ offset: '00000108', hex: '41', text: 'A' });
});
