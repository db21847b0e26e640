import { describe, expect, it } from 'vitest';
import { STEP_IDS, WARNING_CODES } from '../../core/claims/attestations/attestation.ts';
import { attestationSentence, STEP_WORDS, stepFound, trustWords, warningWords } from './attestations.ts';

describe('words of attestations', () => {
  it.each(STEP_IDS)('%s has a title and asks a question', (id) => {
    expect(STEP_WORDS[id].title).not.toMatch(/[.?]$/);
    expect(STEP_WORDS[id].asks).toMatch(/\?$/);
  });
  it.each(WARNING_CODES)('%s is a full sentence', (code) => {
    expect(warningWords(code)).toMatch(/\.$/);
  });
  it('a name from a bundle cannot bring control characters into a sentence', () => {
    const signer = { method: 'sigstore', name: 'a\u202eb\u0000c' } as const;
    const one = {
      kind: 'oms',
      path: 'm\u001b.sig',
      outcome: 'matches',
      steps: [],
      signer,
      files: [],
      warnings: [],
      facts: {},
    };
    expect(attestationSentence(one as never)).toBe('Signed by a·b·c.');
    expect(stepFound({ id: 'identity', outcome: 'matches', detail: { actual: 'x\u202e' } })).toBe('signer: x·.');
    expect(trustWords({ from: 'given', name: 'k\u0007' })).toBe('you gave k·');
  });
});
