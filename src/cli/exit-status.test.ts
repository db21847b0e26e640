import { describe, expect, it } from 'vitest';
import type { Check, Outcome } from '../core/claims/check.ts';
import { exitStatus } from './exit-status.ts';

const check = (outcome: Outcome, kind = 'file-digest'): Check => ({
  id: `bytes/${kind}/${outcome}`,
  axis: 'bytes',
  outcome,
  kind,
  source: { kind: 'sums', name: 'SHA256SUMS', independent: false },
});
const status = (checks: Check[], stopped = false) => exitStatus({ checks, stopped });

describe('exit status of assay verify', () => {
  it('is 0 when a statement was compared and everything matches', () => {
    expect(status([check('matches'), check('matches', 'container-bounds'), check('no-claim', 'signature')])).toBe(0);
  });
  it('is 1 when one thing contradicts, whatever else matches or could not be checked', () => {
    expect(status([check('matches'), check('contradicts'), check('could-not-check')])).toBe(1);
    expect(status([check('contradicts')], true)).toBe(1);
  });
  it('is 2 when something could not be checked', () => {
    expect(status([check('matches'), check('could-not-check')])).toBe(2);
  });
  it('is 2 when nothing was compared, so that a forgotten --against does not pass', () => {
    expect(status([])).toBe(2);
    expect(status([check('matches', 'container-bounds'), check('matches', 'set'), check('no-claim')])).toBe(2);
  });
  it('is 2 when the run was stopped', () => {
    expect(status([check('matches')], true)).toBe(2);
  });
});
