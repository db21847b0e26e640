import { describe, expect, it } from 'vitest';
import type { ComparedModel, ComparedTensor, ModelComparison, TensorRelation } from '../comparison.ts';
import { comparisonWords } from './comparison.ts';

const side: ComparedModel = {
  name: 'm',
  origin: 'local',
  formats: ['safetensors'],
  files: 1,
  bytes: 1,
  tensors: 2,
  parameters: 2,
  missing: [],
};

function row(relation: TensorRelation, more: Partial<ComparedTensor> = {}): ComparedTensor {
  const one = { name: 'w', path: 'model.safetensors', dtype: 'F32', shape: [2, 2] };
  return {
    a: relation === 'only-b' ? null : one,
    b: relation === 'only-a' ? null : one,
    role: 'mlp.up',
    component: 'text',
    layer: 0,
    expert: null,
    parameter: 'weight',
    relation,
    ...more,
  };
}

function comparison(tensors: readonly ComparedTensor[], more: Partial<ModelComparison> = {}): ModelComparison {
  return {
    format: 'assay-comparison',
    version: 1,
    tool: { name: 'assay', version: '0' },
    created: '2026-11-21T00:00:00Z',
    sides: [side, side],
    depth: 'tensors',
    stopped: false,
    seconds: 1,
    tensors,
    mpk: { mpk: null, overlap: null, layers: [] },
    ...more,
  };
}

const mpk: ModelComparison['mpk'] = {
  mpk: {
    family_a: 'llama',
    family_b: 'llama',
    signals: { eas: 0.7, nlf: 0.9, lep: 0.9, end: 0.9, wvc: 0.01, tfv: 1, voa: 1 },
    scores: {
      mfi_score: 1,
      mfi_tier: 1,
      mfi_match: 'exact',
      identity_score: 0.6,
      tokenizer_score: 1,
      pipeline_score: 1,
      provenance_decision: 'Confirmed Match',
    },
    interpretation: { label: 'High-Confidence Match', colour: '#2ecc71' },
  },
  overlap: null,
  layers: [],
};

const times = (n: number, make: (i: number) => ComparedTensor): ComparedTensor[] =>
  Array.from({ length: n }, (_, i) => make(i));

describe('the sentence of a comparison', () => {
  it('counts what is identical and says where all of the rest lies', () => {
    const rows = [
      ...times(212, () => row('identical-bytes', { role: 'attention.q' })),
      ...times(79, (layer) => row('differs', { layer })),
    ];
    expect(comparisonWords(comparison(rows)).sentence).toBe('212 of 291 tensors are identical, 79 differ, all in mlp.');
  });

  it('names no place when what differs lies in several', () => {
    const rows = [
      row('identical-bytes'),
      ...times(4, (layer) => row('differs', { layer, role: layer < 2 ? 'mlp.up' : 'attention.q' })),
    ];
    expect(comparisonWords(comparison(rows)).sentence).toBe('1 of 5 tensors is identical, 4 differ.');
  });

  it('names the layer when all of it lies in one', () => {
    const rows = times(4, (i) => row('differs', { layer: 5, role: i < 2 ? 'mlp.up' : 'attention.q' }));
    expect(comparisonWords(comparison(rows)).sentence).toBe('4 of 4 tensors differ, all in layer 5.');
  });

  it('names up to three tensors', () => {
    const rows = [row('identical-bytes'), row('differs')];
    expect(comparisonWords(comparison(rows)).sentence).toBe('1 of 2 tensors is identical, 1 differs: w.');
  });

  it('keeps equal bytes, equal numbers, other shapes, lone and unread tensors apart', () => {
    const rows = (
      ['identical-bytes', 'same-numbers', 'differs', 'other-shape', 'only-a', 'only-b', 'not-compared'] as const
    ).map((relation) => row(relation));
    expect(comparisonWords(comparison(rows)).sentence).toBe(
      '1 of 7 tensors is identical, 1 holds the same numbers in another form, 1 differs: w, 1 has another shape, 2 are in one model only, 1 was not compared.',
    );
  });

  it('says identical of all only where all bytes are', () => {
    expect(comparisonWords(comparison(times(3, () => row('identical-bytes')))).sentence).toBe(
      'All 3 tensors are identical, byte for byte.',
    );
    expect(comparisonWords(comparison(times(3, () => row('same-numbers')))).sentence).toMatch(/stored in another way/);
  });

  it('says when nothing has a counterpart, when nothing was there, and when no tensor was looked at', () => {
    expect(comparisonWords(comparison([row('only-a'), row('only-b')])).sentence).toMatch(
      /^Nothing in A has a counterpart/,
    );
    expect(comparisonWords(comparison([])).sentence).toBe('There were no tensors to compare.');
    expect(comparisonWords(comparison([], { stopped: true })).sentence).toMatch(/^Stopped before/);
    expect(comparisonWords(comparison([], { depth: 'signals' })).sentence).toMatch(/no tensor was looked at/);
  });

  it('shows names of a file as one visible line', () => {
    const hostile = { name: 'a\u202eb\nc', path: 'f', dtype: 'F32', shape: [1] };
    expect(comparisonWords(comparison([row('differs', { a: hostile, b: hostile })])).sentence).toMatch(/a·b·c/);
  });
});

describe('the note beside it', () => {
  it('is empty when nothing was left out', () => {
    expect(comparisonWords(comparison([row('identical-bytes')])).note).toBe('');
  });

  it('counts what a stopped run did not reach', () => {
    const reason = { code: 'SOURCE_ABORTED', detail: {} } as const;
    const rows = [row('identical-bytes'), row('not-compared', { reason })];
    expect(comparisonWords(comparison(rows, { stopped: true })).note).toBe('You stopped it: 1 tensor not reached.');
  });

  it('holds “Confirmed Match” of equal configurations against tensors of which none is equal', () => {
    const rows = times(5, () => row('differs', { cosine: 0.0012 }));
    const { note } = comparisonWords(comparison(rows, { mpk }));
    expect(note).toContain(
      '“Confirmed Match” for equal configurations; of 5 tensors compared number by number none is equal',
    );
    expect(note).toContain('median cosine of their matrices is 0.0012');
  });

  it('explains a low WVC beside equal numbers by the order that it depends on', () => {
    expect(comparisonWords(comparison([row('same-numbers')], { mpk })).note).toContain(
      'WVC is 0.0100: it depends on the order',
    );
  });

  it('tells files that could not be opened', () => {
    const unread = [{ path: 'model-2.safetensors', reason: { code: 'SOURCE_NOT_FOUND', detail: {} } as const }];
    const { note } = comparisonWords(comparison([row('differs')], { sides: [side, { ...side, unread }] }));
    expect(note).toContain('Of B, model-2.safetensors could not be opened');
  });
});
