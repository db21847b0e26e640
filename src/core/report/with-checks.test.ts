import { describe, expect, it } from 'vitest';
import type { Check } from '../claims/check.ts';
import { file, report } from './situation.suite.ts';
import { withChecks } from './with-checks.ts';

const weights = (outcome: Check['outcome'], detail: Check['detail'] = {}): Omit<Check, 'id'> => ({
  axis: 'lineage',
  kind: 'same-weights',
  outcome,
  source: { kind: 'model', name: 'other.gguf', independent: true },
  detail: { tensors: 339, same: 339, ...detail },
});
const plain = report([file('model.safetensors', 'w')]);

describe('a report with the numbers of another model compared', () => {
  it('says what was compared, and that the bytes were not', () => {
    const { verdict, axes } = withChecks(plain, [weights('matches', { relaid: 64 })]);
    expect(verdict).toEqual({
      outcome: 'matches',
      sentence:
        'All 339 tensors hold the same numbers as other.gguf (64 of them with rows or dimensions in another order).',
      note: 'The bytes of the files were compared with nothing: nobody’s digests are at hand.',
    });
    expect(axes.lineage).toEqual({ outcome: 'matches', line: 'The same numbers as other.gguf' });
    expect(axes.bytes.outcome).toBe('no-claim');
  });

  it('names the first tensor that differs', () => {
    const { verdict, axes } = withChecks(plain, [
      weights('contradicts', { same: 336, differ: 3, first: 'blk.7.attn_q.weight' }),
    ]);
    expect([verdict.outcome, verdict.sentence]).toEqual([
      'contradicts',
      '336 of 339 tensors hold the same numbers as other.gguf; 3 tensors hold others (the first is blk.7.attn_q.weight).',
    ]);
    expect(axes.lineage.outcome).toBe('contradicts');
  });

  it('is no match where tensors could not be decoded, or only constants agree', () => {
    const reason = { code: 'FORMAT_NOT_DECODED', detail: { tensor: 'x', dtype: 'IQ9' } } as const;
    const open = withChecks(plain, [{ ...weights('could-not-check', { same: 330, unknown: 9 }), reason }]);
    expect(open.verdict.outcome).toBe('could-not-check');
    expect(open.verdict.sentence).toMatch(/^330 of 339 tensors .* 9 tensors could not be compared: /);
    expect(withChecks(plain, [weights('no-claim')]).verdict.outcome).toBe('no-claim');
  });

  it('gives every check an id of its own', () => {
    const ids = withChecks(plain, [weights('matches'), weights('matches')]).checks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
