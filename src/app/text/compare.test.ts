import { describe, expect, it } from 'vitest';
import { COMPARISON } from '../../../e2e/sample-comparison.ts';
import type { ModelComparison } from '../../core/report/comparison.ts';
import { cellsOf, componentMaps } from '../parts/compare/cells.ts';
import { cellSentence, changedText, cosineText, smallNumber, tally } from './compare.ts';
import { medianCosine, mpkCautions } from './compare-mpk.ts';
import { comparisonSignals } from './compare-signals.ts';

describe('numbers', () => {
  it('a cosine is never rounded up to 1, nor down to −1', () => {
    expect(cosineText(1)).toBe('1');
    expect(cosineText(0.99999987)).toBe('0.99999987');
    expect(cosineText(1 - 1e-16)).not.toBe('1');
    expect(cosineText(-0.9999999999999)).toMatch(/^−0\.9+$/);
    expect(cosineText(0.9871)).toBe('0.9871');
    expect(cosineText(0)).toBe('0.00');
    expect(cosineText(-0.25)).toBe('−0.25');
  });
  it('small ones keep their size', () => {
    expect(smallNumber(0)).toBe('0');
    expect(smallNumber(0.01234)).toBe('0.0123');
    expect(smallNumber(2.14e-7)).toBe('2.1 × 10⁻⁷');
    expect(smallNumber(1.5e12)).toBe('1.5 × 10¹²');
  });
  it('a share of changed numbers is 0 or 100 per cent only when it is', () => {
    expect(changedText(64, 4096)).toBe('64 of 4,096 (1.6 %)');
    expect(changedText(1, 1e9)).toBe('1 of 1,000,000,000 (< 0.0001 %)');
    expect(changedText(999_999, 1_000_000)).toBe('999,999 of 1,000,000 (> 99.99 %)');
    expect(changedText(5, 5)).toBe('5 of 5 (100 %)');
    expect(changedText(0, 5)).toBe('0 of 5 (0 %)');
  });
});

describe('a cell in words', () => {
  const [map] = componentMaps(COMPARISON.tensors);
  const cell = (role: string, layer: number) =>
    cellsOf(map!).find((one) => one.role === role && one.layer === layer) ?? null;
  it('says where it is and what was found', () => {
    expect(cellSentence(cell('norm.input', 3), 3, 'norm.input')).toBe('Layer 3, norm input: identical');
    expect(cellSentence(cell('mlp.up', 10), 10, 'mlp.up')).toMatch(/^Layer 10, mlp up: differs, cosine 0\.9\d+$/);
    expect(cellSentence(null, 9, 'mlp.up')).toBe('Layer 9, mlp up: neither model has it');
  });
  it('and all of them as one line', () => {
    expect(tally(COMPARISON.tensors)).toBe(
      '147 tensors: 31 identical, 6 with the same numbers, 108 differ, 1 of another shape, 1 only in A',
    );
    expect(tally(COMPARISON.tensors.filter(({ relation }) => relation === 'differs').slice(0, 1))).toBe(
      '1 tensor, differs',
    );
    expect(tally(COMPARISON.tensors.filter(({ relation }) => relation === 'identical-bytes'))).toBe(
      '31 tensors, all identical',
    );
  });
});

describe('signals', () => {
  it('that were not compared say which side lacks what; the anchors want a tokenizer', () => {
    const rows = new Map(comparisonSignals(COMPARISON).map((row) => [row.signal, row]));
    expect(rows.get('wvc')).toEqual({ signal: 'wvc', value: 0.9873, gap: '' });
    expect(rows.get('eas')?.value).toBeNull();
    expect(rows.get('eas')?.gap).toMatch(/^B: /);
    expect([...rows.keys()]).toHaveLength(8);
  });
  it('are all gaps with a reason when the Kit gives no score', () => {
    const none: ModelComparison = { ...COMPARISON, mpk: { mpk: null, overlap: null, layers: [] } };
    for (const { value, gap } of comparisonSignals(none)) {
      expect(value).toBeNull();
      expect(gap).not.toBe('');
    }
  });
});

describe('what is wrong with the Kit’s score here', () => {
  const high = { eas: 0.95, nlf: 0.94, lep: 0.99, end: 0.87, wvc: 0.98 };
  const none = { eas: null, nlf: null, lep: null, end: null, wvc: null };
  const soft = (identity_score: number) => ({ mfi_tier: 3 as const, identity_score, pipeline_score: identity_score });
  it('an equal configuration decides alone', () => {
    for (const mfi_tier of [1, 2] as const) {
      const [first] = mpkCautions({ mfi_tier, identity_score: null, pipeline_score: 1 }, none, null);
      expect(first).toContain('unrelated weights share a configuration');
      expect(first).toContain('no weights');
    }
  });
  it('a score without weights is about configurations', () => {
    const scores = { mfi_tier: 3 as const, identity_score: null, pipeline_score: 0.8 };
    expect(mpkCautions(scores, none, null)[0]).toContain('No weights');
  });
  it('models of one design score high though their numbers have nothing in common', () => {
    // Two tiny Llamas of different seeds, as the Kit itself scores them.
    const said = mpkCautions(soft(0.7409), { ...high, wvc: 0.004 }, 0.0021);
    expect(said).toEqual([expect.stringContaining('the median cosine is 0.0021')]);
  });
  it('a low WVC is not called disagreement where the numbers agree: files may list them in another order', () => {
    // A Llama and its Q4_0 in GGUF, whose rows are turned.
    const said = mpkCautions(soft(0.789), { ...high, wvc: 0 }, 0.9968);
    expect(said).toEqual([expect.stringContaining('it depends on the order')]);
    expect(said[0]).not.toContain('do not agree');
  });
  it('a low WVC leaves both open where no numbers were compared', () => {
    expect(mpkCautions(soft(0.789), { ...high, wvc: 0 }, null)[0]).toMatch(/do not agree, or the files list them/);
  });
  it('what was not compared is counted as if it had agreed', () => {
    const said = mpkCautions(soft(0.9), { ...high, eas: null }, 0.9);
    expect(said).toEqual([expect.stringContaining('EAS')]);
  });
  it('nothing is said where none of it bites', () => {
    expect(mpkCautions(soft(0.95), high, 0.99)).toEqual([]);
  });
  it('the median is over matrices, with equal ones as 1 and gains left out', () => {
    expect(medianCosine(COMPARISON.tensors)).toBeCloseTo(0.9995, 2);
    const [gain] = COMPARISON.tensors.filter(({ a }) => a?.shape.length === 1);
    expect(medianCosine([gain!])).toBeNull();
  });
});
