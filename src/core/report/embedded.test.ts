import { describe, expect, it } from 'vitest';
import type { Attestation } from '../claims/attestations/attestation.ts';
import type { Check } from '../claims/check.ts';
import { attestedChecks } from './attested.ts';
import { statement } from './words/statement.ts';

const holds = (id: Attestation['steps'][number]['id']) => ({ id, outcome: 'matches' as const });
const found: Attestation = {
  kind: 'c2pa',
  path: 'sub/m.safetensors',
  outcome: 'could-not-check',
  steps: [
    holds('bundle'),
    holds('signature'),
    { id: 'certificate', outcome: 'could-not-check', reason: { code: 'ATTEST_NO_AUTHORITY', detail: {} } },
    holds('binding'),
  ],
  files: [{ path: 'm.safetensors', state: 'same' }],
  warnings: [],
  facts: { embedded: true },
};
const said = (one: Attestation) =>
  attestedChecks(one, ['sub/m.safetensors']).map((draft) => statement({ id: 'x', ...draft } as Check).text);

describe('a manifest inside the file it is about', () => {
  it('is called so, and never by the name of the file it vouches for', () => {
    expect(said(found)).toEqual([
      'sub/m.safetensors: who signed is not established: its signature holds with the certificate inside it, and no root certificate was given to say whose that is.',
      'sub/m.safetensors has the digest in its own manifest.',
    ]);
    expect(attestedChecks(found, ['sub/m.safetensors'])[1]?.source.independent).toBe(false);
  });
  it('names its signer once that is established', () => {
    const signer = { method: 'certificate', name: 'CN=Release' } as const;
    const steps = [holds('signature'), holds('certificate'), holds('binding')];
    expect(said({ ...found, outcome: 'matches', steps, signer })).toEqual([
      'sub/m.safetensors: signed by CN=Release. 1 file here is as signed.',
      'sub/m.safetensors has the digest in the manifest of CN=Release inside it.',
    ]);
  });
  it('that is bound to other bytes says so of the file', () => {
    const reason = { code: 'ATTEST_BINDING', detail: { path: 'm.safetensors' } } as const;
    const steps = [holds('signature'), { id: 'binding', outcome: 'contradicts', reason } as const];
    const changed = { path: 'm.safetensors', state: 'changed' } as const;
    expect(said({ ...found, outcome: 'contradicts', steps, files: [changed] })).toEqual([
      'The manifest inside sub/m.safetensors does not hold: the file is not the one that was signed.',
      'sub/m.safetensors does not have the digest in its own manifest.',
    ]);
  });
  it('whose claim does not hold says nothing about the file', () => {
    const reason = { code: 'ATTEST_ASSERTION', detail: {} } as const;
    const steps = [holds('signature'), { id: 'assertions', outcome: 'contradicts', reason } as const];
    expect(said({ ...found, outcome: 'contradicts', steps })).toHaveLength(1);
  });
});
