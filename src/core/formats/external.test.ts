import { describe, expect, it } from 'vitest';
import type { TensorEntry } from '../tensors/entry.ts';
import { checkExternal, externalProblems } from './external.ts';
import { isPlainData } from './set/data-files.ts';

const tensor = (name: string, path: string, start: number, length?: number): TensorEntry => ({
  name,
  dtype: 'U8',
  shape: [10],
  byteLength: 10,
  storage: { kind: 'external', path, start, ...(length === undefined ? {} : { length }) },
});
const sizes: Readonly<Record<string, number>> = { data: 100 };
const sizeOf = (path: string): number | null => sizes[path] ?? null;
const told = (...tensors: TensorEntry[]): string[] =>
  externalProblems(tensors, sizeOf).map(({ code, detail }) => `${code} ${detail['tensor']} ${detail['tensors']}`);

describe('tensors in another file', () => {
  it('fit when the file is there and long enough, to its last byte', () => {
    expect(told(tensor('a', 'data', 0), tensor('b', 'data', 90), tensor('c', 'data', 0, 10))).toEqual([]);
    expect(() => checkExternal([tensor('a', 'data', 90)], sizeOf)).not.toThrow();
  });

  it.each<[string, TensorEntry[], string[]]>([
    [
      'a missing file, once for all its tensors',
      [tensor('a', 'x', 0), tensor('b', 'x', 5)],
      ['FORMAT_MISSING_FILE a 2'],
    ],
    ['one byte too many', [tensor('a', 'data', 91)], ['FORMAT_BOUNDS a 1']],
    ['a place beyond exact numbers', [tensor('a', 'data', Number.MAX_SAFE_INTEGER)], ['FORMAT_BOUNDS a 1']],
    ['a stated length that is not the shape’s', [tensor('a', 'data', 0, 20)], ['FORMAT_SIZE_MISMATCH a 1']],
    [
      'each kind apart',
      [tensor('a', 'data', 91), tensor('b', 'data', 0, 20), tensor('c', 'data', 95)],
      ['FORMAT_BOUNDS a 2', 'FORMAT_SIZE_MISMATCH b 1'],
    ],
  ])('%s', (_what, tensors, expected) => {
    expect(told(...tensors)).toEqual(expected);
    expect(() => checkExternal(tensors, sizeOf)).toThrow(expected[0]!.split(' ')[0]);
  });

  it('each naming a file of its own are listed up to a bound', () => {
    expect(told(...Array.from({ length: 5000 }, (_, i) => tensor(`t${i}`, `file${i}`, 0)))).toHaveLength(100);
  });
});

describe('a file that another one describes as its data', () => {
  it.each([
    [{}, true],
    [{ formatError: { code: 'FORMAT_UNKNOWN', detail: {} } }, true],
    [{ formatError: { code: 'FORMAT_TRUNCATED', detail: { byName: 'PyTorch' } } }, true],
    [{ formatError: { code: 'FORMAT_TRUNCATED', detail: {} } }, false],
    [{ notAModel: { kind: 'all-zero', detail: {} } }, true],
    [{ notAModel: { kind: 'git-lfs-pointer', detail: {} } }, false],
    [{ notAModel: { kind: 'elf', detail: {} } }, false],
    [{ notAModel: { kind: 'pickle', detail: {} } }, false],
  ] as const)('%j is nothing but data: %s', (file, plain) => {
    expect(isPlainData(file)).toBe(plain);
  });
});
