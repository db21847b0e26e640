import { expect, test } from 'vitest';
import type { MetaEntry } from '../../../core/formats/format.ts';
import { grouped, narrowed, treeOfMeta } from './trees.ts';

test('text that spells an object is opened, other text is not', () => {
  expect(treeOfMeta('{"a": [1, "x"]}')).toEqual({
    kind: 'table',
    length: 1,
    members: [
      [
        'a',
        {
          kind: 'list',
          length: 2,
          items: [
            { kind: 'value', text: '1' },
            { kind: 'text', text: 'x', length: 1 },
          ],
        },
      ],
    ],
  });
  expect(treeOfMeta('{{ bos_token }}')).toMatchObject({ kind: 'text' });
  expect(treeOfMeta('123')).toEqual({ kind: 'text', text: '123', length: 3 });
});

test('JSON nested a hundred thousand deep ends as text instead of an error', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  expect(() => treeOfMeta(deep)).not.toThrow();
  expect(treeOfMeta('{"__proto__": {"x": 1}}')).toMatchObject({ kind: 'table', members: [['__proto__', {}]] });
});

test('a cut array keeps its true length', () => {
  const value = { elementType: 'STRING', length: 151_936, values: ['!', '"'] };
  expect(treeOfMeta(value)).toMatchObject({ kind: 'list', of: 'STRING', length: 151_936, items: [{}, {}] });
});

const metadata: readonly MetaEntry[] = [
  { key: 'general.name', type: 'STRING', value: 'Demo' },
  { key: 'llama.block_count', type: 'UINT32', value: 32 },
  { key: 'general.license', type: 'STRING', value: 'mit' },
  { key: 'plain', type: 'STRING', value: 'demo too' },
];

test('keys are grouped by their first part, and found by key or by value', () => {
  const names = (text: string) => grouped(metadata, text).map(({ name, entries }) => [name, entries.length]);
  expect(names('')).toEqual([
    ['general', 2],
    ['llama', 1],
    ['', 1],
  ]);
  expect(names('DEMO')).toEqual([
    ['general', 1],
    ['', 1],
  ]);
  expect(names('32')).toEqual([['llama', 1]]);
});

test('a table is narrowed to the members that hold the text', () => {
  const tree = treeOfMeta('{"a": {"deep": "needle"}, "b": 1}');
  expect(narrowed(tree, 'needle')).toMatchObject({ length: 1, members: [['a', {}]] });
  expect(narrowed(tree, '')).toBe(tree);
});
