import { describe, expect, it } from 'vitest';
import { COMPARISON, LARGE_COMPARISON } from '../../../../e2e/sample-comparison.ts';
import { cellsOf, componentMaps } from './cells.ts';
import { cellSize, kindOf, kindsIn, paths } from './geometry.ts';
import { RAMP, rampStep } from './ramp.ts';
import { heatMapPicture } from './save-plot.ts';
import { comparisonMarkdown } from './summary.ts';

const [map] = componentMaps(COMPARISON.tensors);
const squaresIn = (path: string): number => path.split('z').length - 1;

describe('the ramp', () => {
  it('has a step for every cosine, and one that is further away is never shown as nearer', () => {
    const cosines = [1, 0.999995, 0.99999, 0.9999, 0.99989, 0.999, 0.99, 0.95, 0.9, 0.7, 0.5, 0.49, 0, -1];
    const steps = cosines.map((cosine) => rampStep(cosine));
    expect(steps).toEqual([0, 0, 0, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6, 6]);
    expect(rampStep(null)).toBe(RAMP.length - 1);
  });
  it('is told apart by lightness alone: each step has less ink than the one before', () => {
    const inks = RAMP.map(({ ink }) => ink);
    expect(inks).toEqual([...inks].sort((a, b) => b - a));
    expect(new Set(inks).size).toBe(inks.length);
  });
});

describe('the drawing', () => {
  it('has one square for each cell, in one path for each kind', () => {
    const inside = cellsOf(map!).filter(({ layer }) => layer !== null);
    const drawn = paths(map!, 20);
    expect(drawn.reduce((sum, { squares }) => sum + squaresIn(squares), 0)).toBe(inside.length);
    for (const { kind, squares } of drawn) {
      expect(squaresIn(squares), kind).toBe(inside.filter((cell) => kindOf(cell) === kind).length);
    }
    expect(new Set(drawn.map(({ kind }) => kind))).toEqual(kindsIn(inside));
  });
  it('keeps cells large enough to press where layers are many, and not huge where they are few', () => {
    expect(cellSize(400, 600)).toBe(14);
    expect(cellSize(2, 600)).toBe(40);
    expect(cellSize(0, 600)).toBe(40);
  });
});

describe('the saved picture', () => {
  it('holds every layer and part of the map, and its legend', () => {
    const { svg, width, height } = heatMapPicture(map!, 'base and tuned');
    for (const text of ['attention q', 'mlp down', '>15<', 'cosine ≥ 0.99999', 'the stored bytes are the same']) {
      expect(svg).toContain(text);
    }
    expect(width).toBeGreaterThan(600);
    expect(height).toBeGreaterThan(300);
  });
  it('cannot be given markup by a name in a file', () => {
    const evil = componentMaps([{ ...COMPARISON.tensors[5]!, role: '<script>x</script>' }])[0]!;
    const { svg } = heatMapPicture(evil, `</title><image href="https://example.org/x"/>`);
    expect(svg).not.toMatch(/<(script|image)/);
  });
  it('of hundreds of layers has one path for each kind of cell', () => {
    const [large] = componentMaps(LARGE_COMPARISON.tensors);
    const { svg } = heatMapPicture(large!, 'x');
    expect(svg.match(/<path/g)!.length).toBeLessThan(60);
  });
});

describe('the summary', () => {
  it('says the sentence, the signals with their gaps, and the other tool’s label with its caution', () => {
    const text = comparisonMarkdown(COMPARISON);
    expect(text).toContain('31 of 147 tensors are identical');
    expect(text).toContain('| Weight values (WVC) | 0.9873 |');
    expect(text).toMatch(/\| Embedding anchors \(EAS\) \| not compared: B: /);
    expect(text).toContain('would say “Confirmed Match” (1.0000)');
    expect(text).toContain('Models with unrelated weights share a configuration');
  });
  it('shows names as text, whatever they hold', () => {
    const [a, b] = COMPARISON.sides;
    const text = comparisonMarkdown({ ...COMPARISON, sides: [{ ...a, name: '`](javascript:x)\u202e' }, b] });
    expect(text).not.toContain('`]');
    expect(text).not.toContain('\u202e');
  });
});
