import { describe, expect, it } from 'vitest';
import type { ImportClass, PickleImport } from '../../content/pickle/import.ts';
import { importWords } from './imports.ts';

const of = (...classes: ImportClass[]): PickleImport[] =>
  classes.map((kind) => ({ module: 'm', name: 'n', class: kind, position: 0, count: 1, called: false }));

describe('imports in words', () => {
  it.each<[ImportClass[], string]>([
    [[], 'Loading it would import nothing.'],
    [['allowed'], 'Loading it would import 1 name: 1 on the reviewed list of names that rebuild data.'],
    [
      ['allowed', 'unknown', 'dangerous', 'unknown'],
      'Loading it would import 4 names: 1 on the reviewed list of names that rebuild data, 2 that nobody here knows, 1 known to run or reach something.',
    ],
  ])('keep the three classes apart: %j', (classes, words) => {
    expect(importWords(of(...classes))).toBe(words);
  });
});
