/** What every bill of materials is asked once it is read, whatever its form. */
import type { Attestation, CoveredFile, Warning } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import type { Steps } from '../steps.ts';
import type { Bill } from './bill.ts';
import { completenessOf } from './completeness.ts';
import { checkConsistency } from './consistency.ts';
import { checkFiles } from './files.ts';

/**
 * Adds the steps `files` and `consistency`. A bill that broke a rule before is not compared: it may mean something else
 * to another reader.
 *
 * @throws AppError SOURCE_ABORTED
 */
export async function checkBill(
  bill: Bill,
  input: AttestationInput,
  steps: Steps,
  warnings: Warning[],
): Promise<Pick<Attestation, 'files' | 'completeness'>> {
  let files: readonly CoveredFile[] = [];
  if (steps.failed === null) {
    files = await checkFiles(bill, input, steps, warnings);
    await checkConsistency(bill, input, steps);
  } else {
    const reason = { code: 'ATTEST_NOT_REACHED', detail: { step: steps.failed } } as const;
    for (const id of ['files', 'consistency'] as const) steps.unchecked(id, reason);
  }
  return { files, completeness: completenessOf(bill, input, files) };
}
