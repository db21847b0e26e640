import { expect, it } from 'vitest';
import type { Attestation } from '../claims/attestations/attestation.ts';
import { attestedChecks } from './attested.ts';
import { file, report } from './situation.suite.ts';
import { statement } from './words/statement.ts';

const detail = { what: 'type of numbers', stated: 'float16', actual: 'BF16', where: 'model.gguf' };
const bill: Attestation = {
  kind: 'spdx',
  path: 'bill.spdx3.json',
  outcome: 'contradicts',
  steps: [
    { id: 'files', outcome: 'matches' },
    { id: 'consistency', outcome: 'contradicts', reason: { code: 'ATTEST_CONSISTENCY', detail } },
  ],
  files: [{ path: 'model.gguf', state: 'same', algorithm: 'sha256', expected: 'a'.repeat(64), actual: 'a'.repeat(64) }],
  warnings: [],
  facts: {},
};

it('a bill that describes another model says with which words, and that no file differs for it', () => {
  const extra = attestedChecks(bill, ['model.gguf', 'bill.spdx3.json']);
  const made = report([file('model.gguf', 'weights')], { attestations: [bill], extra });
  expect(made.axes.bytes).toEqual({ outcome: 'contradicts', line: 'bill.spdx3.json does not fit what lies here' });
  const row = made.checks.find(({ kind }) => kind === 'record')!;
  expect(statement(row).text).toBe(
    'bill.spdx3.json does not fit these files: it states float16 as type of numbers, and model.gguf says BF16.',
  );
});
