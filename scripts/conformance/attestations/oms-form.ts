/** The form of a model signature alone: its bundle, then the statement inside, with no signature and no files looked at. */
import { concluded, type Attestation } from '../../../src/core/claims/attestations/attestation.ts';
import { readMaterial } from '../../../src/core/claims/attestations/oms/material.ts';
import { parseOmsStatement } from '../../../src/core/claims/attestations/oms/statement.ts';
import { Steps } from '../../../src/core/claims/attestations/steps.ts';

export async function omsForm(path: string, bytes: Uint8Array): Promise<Attestation> {
  const steps = new Steps();
  const material = await steps.run('bundle', () => readMaterial(bytes));
  await steps.run('statement', () => parseOmsStatement(material!.envelope));
  const list = steps.list();
  return { kind: 'oms', path, outcome: concluded(list), steps: list, files: [], warnings: [], facts: {} };
}
