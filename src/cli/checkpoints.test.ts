import { describe, expect, it } from 'vitest';
import type { SequenceCheck } from '../core/checkpoints/check.ts';
import type { ErrorData } from '../core/errors.ts';
import { parseOptions } from './args.ts';
import { exitStatusOf } from './checkpoints.ts';

const held: SequenceCheck = { id: 'straight', outcome: 'matches', flags: [], detail: { ratio: 0.5 } };
const flagged: SequenceCheck = { ...held, flags: [{ code: 'straight-line', detail: { ratio: 1 } }] };
const broken: SequenceCheck = { id: 'frozen', outcome: 'contradicts', flags: [], detail: { tensor: 'w' } };
const open: SequenceCheck = { id: 'seed', outcome: 'could-not-check', flags: [], reason: 'needs-seed', detail: {} };
const unread: { readonly name: string; readonly reason: ErrorData } = {
  name: 'a',
  reason: { code: 'FORMAT_JSON', detail: {} },
};

describe('assay checkpoints', () => {
  it('ends with 1 for a contradiction, 2 for a flag or something unread, 130 when stopped, 0 otherwise', () => {
    expect(exitStatusOf({ checks: [held, open], stopped: false, unread: [] })).toBe(0);
    expect(exitStatusOf({ checks: [flagged], stopped: false, unread: [] })).toBe(2);
    expect(exitStatusOf({ checks: [held], stopped: false, unread: [unread] })).toBe(2);
    expect(exitStatusOf({ checks: [flagged, broken], stopped: true, unread: [] })).toBe(1);
    expect(exitStatusOf({ checks: [held], stopped: true, unread: [] })).toBe(130);
  });

  it('takes several targets, an order and a recipe', () => {
    const options = parseOptions(['checkpoints', 'a', 'b', 'c', '--order', 'b, a,c', '--recipe', 'r.json', '--json']);
    expect(options).toMatchObject({
      command: 'checkpoints',
      target: 'a',
      others: ['b', 'c'],
      order: ['b', 'a', 'c'],
      recipe: 'r.json',
      json: true,
    });
  });
});
