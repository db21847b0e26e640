import { expect, it } from 'vitest';
import type { Attestation } from '../claims/attestations/attestation.ts';
import { attestedChecks } from './attested.ts';
import { file, report } from './situation.suite.ts';

const bill: Attestation = {
  kind: 'cyclonedx',
  path: 'bom.json',
  outcome: 'contradicts',
  steps: [
    { id: 'bundle', outcome: 'matches' },
    { id: 'files', outcome: 'contradicts', reason: { code: 'ATTEST_BILL_FILES', detail: { changed: 'model.gguf' } } },
  ],
  files: [
    { path: 'model.gguf', state: 'changed', algorithm: 'sha256', expected: 'a'.repeat(64), actual: 'b'.repeat(64) },
  ],
  warnings: [],
  facts: {},
};

it('a record whose file differs is not counted as a file that differs', () => {
  const extra = attestedChecks(bill, ['model.gguf', 'bom.json']);
  const { axes, verdict } = report([file('model.gguf', 'weights')], { attestations: [bill], extra });
  expect(axes.bytes.line).toBe('1 file differs from what bom.json states');
  expect(verdict.sentence).toContain('model.gguf');
  expect(verdict.note ?? '').not.toContain('other file');
});
