import { expect, test } from 'vitest';
import { SAMPLE } from '../../../../e2e/sample-report.ts';
import type { ReportTensor } from '../../../core/report/report.ts';
import { AS_STORED, dtypesOf, rowsAsText, selectRows, tensorRows } from './rows.ts';

const artifact = (path: string, tensors: readonly ReportTensor[]) => ({ ...SAMPLE.artifacts[0]!, path, tensors });
const t = (name: string, shape: readonly number[], more: Partial<ReportTensor> = {}): ReportTensor => ({
  name,
  dtype: 'F32',
  shape,
  bytes: 4 * shape.reduce((a, b) => a * b, 1),
  ...more,
});
const report = {
  artifacts: [
    artifact('a', [t('layers.10.w', [2, 3], { start: 100 }), t('layers.2.w', [6], { start: 40 }), t('bias', [1])]),
    artifact('b', [t('layers.1.w', [1, 2, 3], { start: 8, dtype: 'BF16' })]),
  ],
};
const names = (wanted: Partial<typeof AS_STORED>, file: number | null = null): string[] =>
  selectRows(tensorRows(report, file), { ...AS_STORED, ...wanted }).map(({ name }) => name);

test('rows come in the order of their bytes, file after file; those without a place last', () => {
  expect(names({})).toEqual(['layers.2.w', 'layers.10.w', 'bias', 'layers.1.w']);
  expect(names({}, 1)).toEqual(['layers.1.w']);
});

test('numbers in names count as numbers', () => {
  expect(names({ sort: 'name' })).toEqual(['bias', 'layers.1.w', 'layers.2.w', 'layers.10.w']);
  expect(names({ sort: 'name', descending: true })[0]).toBe('layers.10.w');
});

test('shapes are sorted by dimensions, then dimension by dimension', () => {
  expect(names({ sort: 'shape' })).toEqual(['bias', 'layers.2.w', 'layers.10.w', 'layers.1.w']);
});

test('a name is found by any part of it, whatever the case, together with a type', () => {
  expect(names({ text: ' LAYERS.1' })).toEqual(['layers.10.w', 'layers.1.w']);
  expect(names({ text: 'layers.1', dtype: 'BF16' })).toEqual(['layers.1.w']);
  expect(dtypesOf(tensorRows(report, null))).toEqual([
    ['F32', 3],
    ['BF16', 1],
  ]);
});

test('copied rows hold one line each, and no name that a spreadsheet would run', () => {
  const evil = {
    artifacts: [artifact('a', [t('=cmd|x', [1]), t('two\nlines', [1]), t('\u202erev', [1]), t('ok', [1])])],
  };
  const lines = rowsAsText(tensorRows(evil, null)).split('\n');
  expect(lines).toHaveLength(5);
  expect(lines.slice(1).map((line) => line[0])).toEqual(['"', '"', '"', 'o']);
});

test('50,000 rows are all there after search and sort', () => {
  const many = {
    artifacts: [
      artifact(
        'a',
        Array.from({ length: 50_000 }, (_, i) => t(`layers.${i}.w`, [i % 7])),
      ),
    ],
  };
  const rows = selectRows(tensorRows(many, null), { ...AS_STORED, sort: 'name', text: '9' });
  expect(rows.length).toBe(50_000 - 5 * 9 ** 4);
  expect(rows.at(-1)!.name).toBe('layers.49999.w');
});
