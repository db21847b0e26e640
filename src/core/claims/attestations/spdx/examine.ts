/** Takes an SPDX document apart: its form, the rules of its model, its hashes, what it says of the model. */
import { AppError } from '../../../errors.ts';
import { checkBill } from '../bom/check-bill.ts';
import { concluded, type Attestation, type Warning } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import { Steps } from '../steps.ts';
import { readDocument, type SpdxDocument } from './document.ts';
import { readSpdx } from './read.ts';
import { checkRules } from './rules.ts';

/** @throws AppError SOURCE_ABORTED */
export async function examineSpdx(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const warnings: Warning[] = [];
  const document = await steps.run(
    'bundle',
    () => readDocument(input.bytes),
    ({ version }) => ({ detail: { form: `SPDX ${version}` } }),
  );
  const common = { kind: 'spdx', path: input.path, warnings } as const;
  if (document === null) {
    const list = steps.list();
    return { ...common, outcome: concluded(list), steps: list, files: [], facts: {} };
  }
  const read = await readAndCheck(document, input, steps, warnings);
  const list = steps.list();
  return { ...common, outcome: concluded(list), steps: list, ...read };
}

/**
 * Adds the steps `schema`, `files`, `consistency`. Also for a document inside a signed statement.
 *
 * @throws AppError SOURCE_ABORTED
 */
export async function readAndCheck(
  document: SpdxDocument,
  input: AttestationInput,
  steps: Steps,
  warnings: Warning[],
): Promise<Pick<Attestation, 'files' | 'facts' | 'completeness'>> {
  const bill = readSpdx(document);
  const hashes = [...bill.files, ...bill.others].reduce((sum, one) => sum + one.hashes.length, 0);
  const facts: Record<string, string | number> = {
    specVersion: bill.version,
    elements: document.all.length,
    models: bill.models
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 500),
    files: bill.files.length,
    hashes,
  };
  await steps.run(
    'schema',
    () => {
      const [first, ...more] = checkRules(document.all);
      if (first !== undefined)
        throw new AppError('ATTEST_SCHEMA', { ...first, ...(more.length > 0 ? { more: more.length } : {}) });
    },
    () => ({ detail: { elements: document.all.length } }),
  );
  return { facts, ...(await checkBill(bill, input, steps, warnings)) };
}
