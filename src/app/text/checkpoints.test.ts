import { describe, expect, it } from 'vitest';
import { CHECK_IDS, FLAGS, REASONS, type SequenceCheck } from '../../core/checkpoints/check.ts';
import type { CheckpointsResult } from '../../core/report/checkpoints.ts';
import { distancesPlot, lengthsPlot, sequencePicture } from '../parts/checkpoints/plots.ts';
import { checkFound, checkpointsSentence, FORGEABLE, orderWords, shortNumber } from './checkpoints.ts';

const held: SequenceCheck = { id: 'straight', outcome: 'matches', flags: [], detail: { ratio: 0.5 } };
const flagged: SequenceCheck = { ...held, flags: [{ code: 'straight-line', detail: { ratio: 1 } }] };
const broken: SequenceCheck = { id: 'frozen', outcome: 'contradicts', flags: [], detail: { tensor: 'w' } };
const open: SequenceCheck = { id: 'seed', outcome: 'could-not-check', flags: [], reason: 'needs-seed', detail: {} };

function result(checks: readonly SequenceCheck[], more: Partial<CheckpointsResult> = {}): CheckpointsResult {
  const row = { step: null, files: 1, bytes: 10, formats: [], dtypes: [], tensors: 1, parameters: 1, norm: 1 };
  const names = ['<b>&"step0', 'step1', 'step2'];
  return {
    format: 'assay-checkpoints',
    version: 1,
    tool: { name: 'assay', version: '0' },
    created: '2026-11-21T12:00:00.000Z',
    stopped: false,
    seconds: 1,
    orderBy: 'none',
    unit: null,
    stepsGoBack: false,
    recipe: false,
    checkpoints: names.map((name, i) => ({ ...row, name, fromStart: i, toEnd: 2 - i })),
    segments: [1e-5, 1].map((l2) => ({
      l1: 1,
      l2,
      linf: 1,
      cosineDistance: 0,
      relative: 1,
      changed: 1,
      rates: null,
      score: null,
      cosineToNext: 0,
      residual: 0,
      rounding: 0,
    })),
    pathRatio: 1,
    layers: [],
    trained: { tensors: 1, values: 1 },
    leftOut: { tensors: 0 },
    unread: [],
    checks,
    chains: [],
    ...more,
  };
}

describe('words for checkpoints', () => {
  it('say of a sequence without inconsistency that this is no proof, and never that it is one', () => {
    const sentence = checkpointsSentence(result([held, open]));
    expect(sentence).toBe('No inconsistency found in 3 checkpoints. This is no proof of training data.');
    const every = [
      ...CHECK_IDS.flatMap((id) => checkFound({ ...held, id })),
      ...CHECK_IDS.flatMap((id) => checkFound({ ...broken, id })),
      ...REASONS.flatMap((reason) => checkFound({ ...open, reason })),
      ...FLAGS.flatMap((code) => checkFound({ ...held, flags: [{ code, detail: {} }] })),
      FORGEABLE,
    ];
    for (const text of every) {
      expect(text).toMatch(/[.]$/);
      expect(text).not.toMatch(/\b(?:proves?|proven|safe|trusted|genuine|authentic|undefined|NaN)\b/i);
    }
  });

  it('put a contradiction before what is unusual, and that before all else', () => {
    expect(checkpointsSentence(result([held, flagged, broken]))).toMatch(/frozen parts contradicts/);
    expect(checkpointsSentence(result([held, flagged]))).toMatch(/^Something unusual.*no contradiction/);
    expect(checkpointsSentence(result([held], { stopped: true }))).toMatch(/you stopped/);
    expect(checkpointsSentence(result([open]))).toMatch(/not all of it could be read/);
    expect(orderWords(result([]))).toMatch(/say no order/);
  });

  it('tell many flags of one kind by the first three and a count', () => {
    const many = { ...held, flags: Array.from({ length: 9 }, () => flagged.flags[0]!) };
    expect(checkFound(many)).toHaveLength(4);
    expect(checkFound(many).at(-1)).toBe('And 6 more like these.');
  });

  it('write numbers of all sizes in little room', () => {
    expect([0, 1234567, 0.000123, -0.5, 12.3456].map(shortNumber)).toEqual(['0', '1.23e6', '1.23e−4', '−0.5', '12.3']);
  });
});

describe('plots', () => {
  it('lie inside their frame at every width, on a logarithmic scale where lengths differ widely', () => {
    for (const width of [240, 640, 1200]) {
      const bars = lengthsPlot(result([]), width);
      expect(bars.note).toContain('logarithmic');
      for (const { x, y, width: wide, height } of bars.bars) {
        expect(x).toBeGreaterThanOrEqual(bars.left);
        expect(x + wide).toBeLessThanOrEqual(bars.right + 0.01);
        expect(y).toBeGreaterThanOrEqual(bars.top - 0.01);
        expect(y + height).toBeCloseTo(bars.bottom, 6);
      }
      for (const { dots } of distancesPlot(result([]), width).lines) {
        for (const [x, y] of dots) expect(x >= 56 && x <= width - 16 + 0.01 && y >= 16 && y <= 184.01).toBe(true);
      }
    }
  });

  it('as a picture hold no markup out of names', () => {
    const svg = sequencePicture(result([]), '<script>');
    expect(svg).not.toContain('<b>');
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&#60;b&#62;');
  });
});
