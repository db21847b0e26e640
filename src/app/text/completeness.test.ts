import { describe, expect, it } from 'vitest';
import { BILL_FIELDS } from '../../core/claims/attestations/bom/bill.ts';
import type { CompletenessRow } from '../../core/claims/attestations/attestation.ts';
import { completenessCount, completenessSentence, completenessTitle } from './completeness.ts';

const hashes = (there: number, of: number): CompletenessRow => ({
  id: 'weightsHashes',
  tier: 'critical',
  present: of > 0 && there === of,
  counted: [there, of],
});
const name: CompletenessRow = { id: 'name', tier: 'critical', present: true, says: 'm' };
const licences: CompletenessRow = { id: 'licenses', tier: 'important', present: false };

describe('words for what a bill says', () => {
  it('every field has a title of its own that is no code', () => {
    const ids = ['weightsHashes', ...BILL_FIELDS.critical, ...BILL_FIELDS.important] as const;
    const titles = ids.map((id) => completenessTitle({ id }));
    expect(new Set(titles).size).toBe(ids.length);
    for (const title of titles) expect(title).toMatch(/^[A-Z][a-z ].*[^.]$/);
  });
  it('counts, and never rates', () => {
    expect(completenessSentence([hashes(1, 2), name, licences])).toBe(
      'It says 1 of the 2 things that people expect of a model’s bill. 1 of 2 weights files has a strong hash in it, which is the one part that can be held against bytes.',
    );
    expect(completenessSentence([hashes(0, 1), name])).toContain('0 of 1 weights file has a strong hash');
    expect(completenessSentence([hashes(0, 0), name])).toMatch(/No weights file is here\.$/);
  });
  it('says of how many weights files', () => {
    expect(completenessCount(hashes(2, 3))).toBe('2 of 3 files');
    expect(completenessCount(hashes(0, 0))).toBe('no weights file is here');
    expect(completenessCount(name)).toBe(null);
  });
});
