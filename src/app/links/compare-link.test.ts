import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { COMPARISON, LARGE_COMPARISON } from '../../../e2e/sample-comparison.ts';
import { AppError } from '../../core/errors.ts';
import { findCompareLink, formatCompareLink, readCompareLink } from './compare-link.ts';
import { parseRoute } from './route.ts';
import { readSavedComparison } from './saved-comparison.ts';

const name = fc
  .stringMatching(/^[A-Za-z0-9_]{1,20}\/[A-Za-z0-9_]([A-Za-z0-9_.-]{0,20}[A-Za-z0-9_])?$/)
  .filter((text) => !text.includes('..') && !text.includes('--') && !text.endsWith('.git'));
const ref = fc.record(
  { repo: name, revision: fc.constantFrom('main', 'a'.repeat(40), 'refs/pr/1', 'v1.0') },
  { requiredKeys: ['repo'] },
);

describe('a link that compares', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.option(ref), fc.option(ref), (a, b) => {
        if (a === null && b === null) return;
        const text = findCompareLink(formatCompareLink(a, b));
        expect(readCompareLink(text!)).toEqual([a, b]);
      }),
    );
  });
  it('stays readable', () => {
    expect(formatCompareLink({ repo: 'org/a', revision: 'main' }, { repo: 'org/b' })).toBe(
      '?compare=org/a@main..org/b',
    );
  });
  it('that names something else than two repositories is refused with HUB_REFERENCE', () => {
    for (const text of [
      '..',
      'org/a',
      'a..b..c',
      'org/a@x..y..org/b',
      '../../etc/passwd..org/b',
      'org/a..https://evil.example/x/y',
      'org/a..javascript:alert(1)',
      'datasets/a/b..org/b',
      `${'a'.repeat(2000)}..b`,
      'org/a..<script>',
    ]) {
      expect(() => readCompareLink(text), text).toThrow(expect.objectContaining({ code: 'HUB_REFERENCE' }));
    }
  });
  it('never throws anything but an AppError, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        try {
          readCompareLink(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
  it('opens the Compare screen, unless another screen is named behind it', () => {
    const at = (search: string, hash = '') => parseRoute({ search, hash });
    expect(at('?compare=a..b')).toEqual({ screen: 'compare', link: 'a..b', report: null });
    expect(at('?compare=a..b', '#/settings').screen).toBe('settings');
    expect(at('', '#/compare')).toEqual({ screen: 'compare', link: null, report: null });
    expect(at('', '#/compare/some-id')).toEqual({ screen: 'compare', link: null, report: 'some-id' });
    expect(at('', '#/lineage/some-id')).toEqual({ screen: 'lineage', report: 'some-id' });
    expect(at('?compare=').screen).toBe('home');
  });
});

describe('a saved comparison', () => {
  const file = (value: unknown) => new File([JSON.stringify(value)], 'x.json');
  it('is read back as it was saved', async () => {
    expect(await readSavedComparison(file(COMPARISON))).toEqual(COMPARISON);
    expect(await readSavedComparison(file(LARGE_COMPARISON))).toEqual(LARGE_COMPARISON);
  });
  it('of another kind, version or shape is refused', async () => {
    for (const wrong of [
      null,
      [],
      { ...COMPARISON, format: 'assay-report' },
      { ...COMPARISON, version: 2 },
      { ...COMPARISON, sides: [COMPARISON.sides[0]] },
      { ...COMPARISON, tensors: [{ ...COMPARISON.tensors[0], cosine: 7 }] },
      { ...COMPARISON, tensors: [{ ...COMPARISON.tensors[0], layer: -1 }] },
      { ...COMPARISON, sides: [{ ...COMPARISON.sides[0], name: 'x'.repeat(10_000) }, COMPARISON.sides[1]] },
    ]) {
      await expect(readSavedComparison(file(wrong))).rejects.toThrow('FORMAT_JSON_SHAPE');
    }
    await expect(readSavedComparison(new File(['{'], 'x.json'))).rejects.toThrow('FORMAT_JSON');
  });
});
