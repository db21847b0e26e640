import { expect, test } from 'vitest';
import type { Attestation, Step, TrustOrigin } from '../core/claims/attestations/attestation.ts';
import { reliedOnLines } from './relied-on.ts';

const root: TrustOrigin = { from: 'updated', name: 'Sigstore’s root', date: '2026-11-21', sha256: 'a'.repeat(64) };
const key: TrustOrigin = { from: 'given', name: 'The publisher', date: '2026-11-01', sha256: 'b'.repeat(64) };

function attestation(...steps: readonly Step[]): Attestation {
  return { kind: 'sigstore', path: 'x', outcome: 'matches', steps, files: [], warnings: [], facts: {} };
}

test('what signatures were checked with is named once, with its day and digest', () => {
  const step = (trust: TrustOrigin, id: Step['id']): Step => ({ id, outcome: 'matches', trust });
  const attestations = [attestation(step(root, 'log'), step(root, 'sct')), attestation(step(key, 'signature'))];
  expect(reliedOnLines({ attestations })).toEqual([
    'Signatures were checked with',
    '  updated on this device: Sigstore’s root, 2026-11-21',
    `    sha256:${'a'.repeat(64)}`,
    '  you gave The publisher, 2026-11-01',
    `    sha256:${'b'.repeat(64)}`,
  ]);
});

test('nothing is said where nothing was relied on', () => {
  const none: Step = { id: 'sct', outcome: 'no-claim', trust: root };
  expect(reliedOnLines({ attestations: [attestation({ id: 'files', outcome: 'matches' }, none)] })).toEqual([]);
});
