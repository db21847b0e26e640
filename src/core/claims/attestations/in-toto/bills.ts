/** Bills of materials inside signed statements: what they say is held against the files like that of a bare one. */
import type { Attestation, CompletenessRow, CoveredFile, Step, Warning } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import { Steps } from '../steps.ts';
import type { Statement } from './statement.ts';

/** in-toto/attestation, spec/predicates/cyclonedx.md and spdx.md. */
const CYCLONEDX = /^https:\/\/cyclonedx\.org\/bom(?:\/v\d{1,2}(?:\.\d{1,2})?)?$/;
const SPDX = /^https:\/\/spdx\.dev\/Document(?:\/v\d{1,2}(?:\.\d{1,2}){0,2})?$/;

export interface SignedBill {
  readonly files: readonly CoveredFile[];
  readonly warnings: readonly Warning[];
  readonly completeness?: readonly CompletenessRow[];
}

/**
 * Adds the steps `schema`, `files` (about the bill's own hashes) and `consistency` when the predicate is a bill. A bill
 * that states no hash takes nothing from a statement whose subjects fit, and neither does one in a form that is not read.
 *
 * @throws AppError SOURCE_ABORTED
 */
export async function examineBill(
  { predicateType, predicate }: Statement,
  input: AttestationInput,
  steps: Steps,
): Promise<SignedBill> {
  const warnings: Warning[] = [];
  const own = new Steps();
  let read: Pick<Attestation, 'files' | 'completeness'> | null = null;
  if (CYCLONEDX.test(predicateType)) {
    const { readAndCheck } = await import('../cyclonedx/examine.ts');
    read = await readAndCheck(predicate, input, own, warnings);
  } else if (SPDX.test(predicateType)) {
    const { readBill, checkRead } = await import('../spdx/examine.ts');
    const bill = await own.run('schema', () => readBill(predicate));
    read = bill === null ? null : await checkRead(bill, input, own, warnings);
  }
  for (const step of withinStatement(own.list())) steps.add(step);
  return { files: read?.files ?? [], warnings, ...(read?.completeness ? { completeness: read.completeness } : {}) };
}

function withinStatement(list: readonly Step[]): readonly Step[] {
  const schemas = list.filter(({ id }) => id === 'schema');
  return list.flatMap((step): readonly Step[] => {
    // Of the two questions about the form the answer that says more counts.
    if (step.id === 'schema' && step !== schemas.at(-1)) return [];
    if (step.reason?.code === 'ATTEST_NO_READER') return step.id === 'schema' ? [{ ...step, outcome: 'no-claim' }] : [];
    return step.reason?.code === 'ATTEST_NO_HASHES' ? [] : [step];
  });
}
