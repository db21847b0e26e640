import { describe, expect, it } from 'vitest';
import type { LineageMatch, LineageResult } from '../../core/report/lineage.ts';
import { countsSentence, lineageGaps, lineageSentence, matchSignals } from './compare-lineage.ts';

const scores = {
  pipeline_score: 1,
  identity_score: null,
  mfi_score: 1,
  mfi_tier: 1 as const,
  mfi_match_type: 'exact',
  tokenizer_score: 0.1,
  eas: null,
  nlf: null,
  lep: null,
  end: null,
  wvc: null,
  tfv: 0.4,
};

const match = (more: Partial<LineageMatch> = {}): LineageMatch => ({
  id: 'yi',
  model: 'Yi-1.5-6B',
  family: { id: 'yi', name: 'Yi' },
  bucket: '1-10B',
  uri: 'https://huggingface.co/01-ai/Yi-1.5-6B',
  score: 1,
  signals: [
    { signal: 'mfi', value: 1 },
    { signal: 'tfv', value: 0.4 },
    { signal: 'voa', value: null, gap: 'not-kept' },
    { signal: 'eas', value: null, gap: 'not-at-hand' },
    { signal: 'wvc', value: null, gap: 'not-at-hand' },
  ],
  weightsCompared: false,
  configurationOnly: true,
  mpk: {
    asset_id: 'yi',
    model_id: 'Yi-1.5-6B',
    family_id: 'yi',
    family_name: 'Yi',
    param_bucket: '1-10B',
    match_type: 'exact_arch',
    scores,
    provenance_decision: 'Confirmed Match',
  },
  ...more,
});

const result = (more: Partial<LineageResult> = {}): LineageResult => ({
  format: 'assay-lineage',
  version: 1,
  tool: { name: 'assay', version: '0.1.0' },
  created: '2026-11-20T00:00:00.000Z',
  model: { name: 'm', origin: 'local', formats: [], files: 1, bytes: 1, tensors: 1, parameters: 1, missing: [] },
  info: { param_bucket: '1-10B' } as LineageResult['info'],
  database: { kind: 'assay-db', id: 'f'.repeat(64), created: '2026-11-20', deep: 'none' },
  threshold: 0.5,
  top: 10,
  counts: { entries: 152, scored: 149, leftOut: 3, withWeights: 0, notReached: 0, below: 149 },
  matches: [],
  stopped: false,
  seconds: 1,
  missing: [],
  ...more,
});

describe('the sentence of the Lineage screen', () => {
  it('names the size and date of the database when nothing resembles', () => {
    expect(lineageSentence(result())).toBe('Nothing in the database (152 models, 20 November 2026) resembles this.');
  });
  it('says configuration when the configuration decided, even where weights were compared', () => {
    expect(lineageSentence(result({ matches: [match()] }))).toBe(
      'The configuration is like that of Yi-1.5-6B. No weights were compared.',
    );
    const compared = lineageSentence(result({ matches: [match({ weightsCompared: true })] }));
    expect(compared).toMatch(/^The configuration is like/);
    expect(compared).not.toMatch(/match|descend/i);
  });
  it('speaks of resemblance, not of descent, where weights were compared', () => {
    const matches = [match({ weightsCompared: true, configurationOnly: false })];
    expect(lineageSentence(result({ matches }))).toBe('Of 149 models scored, Yi-1.5-6B resembles this most.');
  });
  it('says that nothing was compared when the database or the configuration could not be read', () => {
    expect(lineageSentence(result({ database: null }))).toContain('nothing was compared');
    expect(lineageSentence(result({ info: null }))).toContain('could not be compared');
  });
});

describe('what was looked at', () => {
  it('counts what was scored, left out, below the threshold and not reached', () => {
    expect(countsSentence(result())).toBe(
      '149 of 152 entries scored, those of a similar size (1-10B); 3 of other sizes left out, as the Kit does; 149 below the threshold of 0.50; none by its weights.',
    );
    const counts = { entries: 152, scored: 9, leftOut: 3, withWeights: 4, notReached: 140, below: 0 };
    expect(countsSentence(result({ counts, stopped: true }))).toContain('140 not reached: you stopped');
  });
  it('every signal has a value or a reason, and reasons that all share are told once', () => {
    for (const { value, gap } of matchSignals(match())) expect(value === null).toBe(gap !== '');
    const other = match({ signals: match().signals.slice(0, 4) });
    expect(lineageGaps(result({ matches: [match(), match()] }))).toHaveLength(2);
    expect(lineageGaps(result({ matches: [match(), other] }))).toEqual([
      'Not compared: VOA; the catalogue does not keep whole vocabularies.',
    ]);
  });
});
