import { describe, expect, it } from 'vitest';
import { STEP_IDS, WARNING_CODES } from '../../core/claims/attestations/attestation.ts';
import { attestationSentence, STEP_WORDS, stepFound, trustWords, warningWords } from './attestations.ts';

describe('words of attestations', () => {
  it.each(STEP_IDS)('%s says something in full sentences when it holds, whatever its details', (id) => {
    for (const detail of [{}, { same: 2, changed: 1, method: 'key', somethingNew: 'x' }]) {
      const said = stepFound({ id, outcome: 'matches', detail });
      expect(said).toMatch(/^[A-Z0-9].*\.$/);
      expect(said).not.toMatch(/undefined|NaN/);
    }
  });
  it('what a step found is told with its details, and each detail once', () => {
    const found = (id: 'time' | 'log' | 'files' | 'bundle', detail: Record<string, string | number>) =>
      stepFound({ id, outcome: 'matches', detail });
    expect(found('time', { signedAt: '2026-03-01T10:01:00.000Z' })).toBe('It was signed on 1 March 2026, 10:01 UTC.');
    expect(found('log', { logIndex: '123456789' })).toBe('It stands in the log, at place 123456789.');
    expect(found('files', { same: 3, ignored: 1, changed: 0 })).toBe('3 files as stated, 1 left out.');
    expect(found('bundle', { method: 'key', keyId: 'A1' })).toBe(
      'It is in a published form, signed with a key. Key: A1.',
    );
  });
  it.each(STEP_IDS)('%s has a title and asks a question', (id) => {
    expect(STEP_WORDS[id].title).not.toMatch(/[.?]$/);
    expect(STEP_WORDS[id].asks).toMatch(/\?$/);
  });
  it.each(WARNING_CODES)('%s is a full sentence', (code) => {
    expect(warningWords(code)).toMatch(/\.$/);
  });
  it('what MD5 alone says is not more than it can', () => {
    const files = { id: 'files', outcome: 'matches' } as const;
    expect(stepFound({ ...files, detail: { same: 1, weak: 'MD5' } })).toMatch(
      /1 file as stated\. MD5 finds damage, not forgery/,
    );
    expect(stepFound({ ...files, detail: { same: 1 } })).not.toContain('MD5');
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
    expect(stepFound({ id: 'identity', outcome: 'matches', detail: { actual: 'x\u202e' } })).toBe(
      'x· is the signer that is expected.',
    );
    expect(trustWords({ from: 'given', name: 'k\u0007' })).toBe('you gave k·');
  });
});
