import { describe, expect, it } from 'vitest';
import type { Attestation, CoveredFile, Step } from '../../core/claims/attestations/attestation.ts';
import { axisLine, countStates, coversWords, factTitle, ignoredWords, stateWords } from './attestation-screen.ts';

const step = (id: Step['id'], outcome: Step['outcome'] = 'matches', more: Partial<Step> = {}): Step => ({
  id,
  outcome,
  ...more,
});
const row = (path: string, state: CoveredFile['state']): CoveredFile => ({ path, state });
const make = (steps: readonly Step[], more: Partial<Attestation> = {}): Attestation => ({
  kind: 'oms',
  path: 'model.sig',
  outcome: 'matches',
  steps,
  files: [],
  warnings: [],
  facts: {},
  ...more,
});
const trust = { from: 'given', name: 'release.pem' } as const;
const SIGNED = [step('bundle'), step('material', 'matches', { trust }), step('signature', 'matches', { trust })];

describe('words of the Attestation screen', () => {
  it('a fact without words is its own name', () => {
    expect(factTitle('someNew_fact')).toBe('Some new fact');
    expect(factTitle('constructor')).toBe('Constructor');
  });
  it('a record that nobody signed is never told as signed', () => {
    const record = make([step('bundle'), step('files')], { kind: 'dvc', files: [row('a', 'same')] });
    expect(stateWords('same', record)).toBe('as recorded');
    expect(coversWords(record)).toBe('1 of 1 file as recorded');
    expect(axisLine('integrity', record)).toBe('The file is as recorded.');
    expect(axisLine('authenticity', record)).toMatch(/^Nobody signed it/);
    expect(axisLine('policy', record)).toMatch(/no signer/);
  });
  it('files that differ and a signature that holds are told apart', () => {
    const files = [row('a', 'same'), row('b', 'changed'), row('c', 'missing')];
    const signer = { method: 'key', name: 'release.pem' } as const;
    const one = make([...SIGNED, step('files', 'contradicts')], { files, signer });
    expect(axisLine('integrity', one)).toBe('Not the files it lists: 1 changed, 1 missing, 1 as signed.');
    expect(axisLine('authenticity', one)).toBe('Signed with release.pem, which you gave.');
  });
  it('without a key it says that who signed is not established, whatever the files', () => {
    const open = step('material', 'could-not-check', { reason: { code: 'ATTEST_NO_KEY', detail: {} } });
    const one = make([step('bundle'), open, step('files')], { files: [row('a', 'same')] });
    expect(axisLine('authenticity', one)).toMatch(/^Who signed is not established\. /);
    expect(axisLine('integrity', one)).toBe('The file is as signed.');
  });
  it('a signer nobody expected is no fault and no match', () => {
    const open = step('identity', 'could-not-check', { reason: { code: 'ATTEST_NO_IDENTITY', detail: {} } });
    expect(axisLine('policy', make([...SIGNED, open]))).toBe('You have not said whom you expect.');
  });
  it('a file of many shards counts once, by its worst', () => {
    expect([...countStates([row('a', 'same'), row('a', 'changed'), row('b', 'same')])]).toEqual([
      ['changed', 1],
      ['same', 1],
    ]);
  });
  it('a file that was left out says on whose word', () => {
    const said = (['person', 'signer', 'everybody'] as const).map((ignoredBy) =>
      ignoredWords({ path: 'x', state: 'ignored', ignoredBy }, 'm/model.sig'),
    );
    expect(new Set(said).size).toBe(3);
    expect(ignoredWords({ path: 'model.sig', state: 'ignored', ignoredBy: 'person' }, 'm/model.sig')).toBe(
      'It is the statement itself.',
    );
  });
});
