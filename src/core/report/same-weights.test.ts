import { describe, expect, it } from 'vitest';
import { isConstant, layoutCandidates, sameWeights, sameWeightsCheck, type CanonicalTensor } from './same-weights.ts';

const stats = { count: 6, nan: 0, infinite: 0, zeros: 0, sum: 1, squares: 2, least: -1, most: 1, first: [] };
const tensor = (name: string, digest: string | null, more: Partial<CanonicalTensor> = {}): CanonicalTensor => ({
  name,
  dtype: 'F32',
  shape: [2, 3],
  digest,
  stats: digest === null ? null : stats,
  ...(digest === null ? { error: { code: 'FORMAT_NOT_DECODED', detail: { tensor: name } } } : {}),
  ...more,
});
const check = (a: readonly CanonicalTensor[], b: readonly CanonicalTensor[]) =>
  sameWeightsCheck(a, b, sameWeights(a, b), { name: 'other', independent: true });

describe('the same weights', () => {
  it('one tensor with other numbers contradicts and is named', () => {
    const { outcome, detail } = check([tensor('a', 'x'), tensor('b', 'y')], [tensor('a', 'x'), tensor('b', 'z')]);
    expect([outcome, detail]).toEqual(['contradicts', expect.objectContaining({ same: 1, differ: 1, first: 'b' })]);
  });

  it('a tensor that one side lacks contradicts, on either side', () => {
    const [two, one] = [[tensor('a', 'x'), tensor('b', 'y')], [tensor('a', 'x')]];
    expect(check(two, one)).toMatchObject({ outcome: 'contradicts', detail: { extra: 1, first: 'b' } });
    expect(check(one, two)).toMatchObject({ outcome: 'contradicts', detail: { lacking: 1, missing: 'b' } });
  });

  it('a tied head that one side stores again is no further tensor', () => {
    expect(check([tensor('embed', 'x'), tensor('head', 'x')], [tensor('embed', 'x')]).outcome).toBe('matches');
    expect(check([tensor('embed', 'x')], [tensor('embed', 'x'), tensor('head', 'x')]).outcome).toBe('matches');
  });

  it('what could not be decoded is never a match', () => {
    expect(check([tensor('a', 'x'), tensor('b', null)], [tensor('a', 'x'), tensor('b', 'y')])).toMatchObject({
      outcome: 'could-not-check',
      reason: { code: 'FORMAT_NOT_DECODED' },
      detail: { unknown: 1 },
    });
    expect(check([tensor('b', null)], [tensor('b', null)]).outcome).toBe('could-not-check');
  });

  it('constants alone prove nothing', () => {
    const ones = { stats: { ...stats, least: 1, most: 1 } };
    expect(isConstant(tensor('g', 'x', ones))).toBe(true);
    expect(check([tensor('g', 'x', ones)], [tensor('g', 'x', ones)]).outcome).toBe('no-claim');
    expect(check([tensor('g', 'x', ones), tensor('w', 'y')], [tensor('g', 'x', ones), tensor('w', 'y')]).outcome).toBe(
      'matches',
    );
  });

  it('tables and masks of one side are left out and counted; under a name of weights they are not', () => {
    const a = [tensor('w', 'x'), tensor('inv_freq', 'y', { bookkeeping: true })];
    expect(check(a, [tensor('w', 'x')])).toMatchObject({ outcome: 'matches', detail: { leftOut: 1 } });
    expect(check([tensor('w', 'x'), tensor('inv_freq', 'y')], [tensor('w', 'x')]).outcome).toBe('contradicts');
  });

  it('equal digests pair under equal names first, each tensor once', () => {
    const { same } = sameWeights(
      [tensor('a', 'x'), tensor('b', 'x'), tensor('c', 'x')],
      [tensor('c', 'x'), tensor('q', 'x'), tensor('a', 'x')],
    );
    expect(same).toEqual([
      [0, 2],
      [1, 1],
      [2, 0],
    ]);
  });

  it('counterparts by role are compared where names of containers differ', () => {
    const [a, b] = [tensor('blk.0.attn_q.weight', 'x', { role: '0/0.q' }), tensor('q_proj', 'y', { role: '0/0.q' })];
    expect(sameWeights([a], [b])).toMatchObject({ differ: [[0, 0]], onlyA: [], onlyB: [] });
  });

  it('layouts are tried only where extents and statistics agree', () => {
    const [a, b] = [tensor('a', 'x', { shape: [2, 3] }), tensor('b', 'y', { shape: [3, 1, 2] })];
    expect(layoutCandidates([a], [b])).toEqual([{ match: [0, 0], axes: [1, 0] }]);
    expect(layoutCandidates([a], [{ ...b, shape: [6] }])).toEqual([]);
    expect(layoutCandidates([a], [{ ...b, stats: { ...stats, most: 2 } }])).toEqual([]);
    expect(layoutCandidates([a], [{ ...b, stats: { ...stats, squares: 2.1 } }])).toEqual([]);
  });
});
