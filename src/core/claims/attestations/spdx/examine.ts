/** Takes an SPDX document apart: its form, the rules of its model, its hashes, what it says of the model. */
import { AppError } from '../../../errors.ts';
import { checkBill } from '../bom/check-bill.ts';
import type { Bill } from '../bom/bill.ts';
import { concluded, type Attestation, type Warning } from '../attestation.ts';
import { strictJson } from '../json.ts';
import type { AttestationInput } from '../kind.ts';
import { Steps } from '../steps.ts';
import { documentOf } from './document.ts';
import { readSpdx } from './read.ts';
import { checkRules, type Problem } from './rules.ts';
import { checkSecond, isSecond, readSecond } from './second.ts';

/** A document that was read, and what it breaks of the rules of its version. */
export interface ReadBill {
  readonly bill: Bill;
  readonly elements: number;
  problems(): readonly Problem[];
}

/** @throws AppError SOURCE_ABORTED */
export async function examineSpdx(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const warnings: Warning[] = [];
  const read = await steps.run(
    'bundle',
    () => readBill(strictJson(input.bytes)),
    ({ bill }) => ({ detail: { form: `SPDX ${bill.version}` } }),
  );
  const found = read === null ? { files: [], facts: {} } : await checkRead(read, input, steps, warnings);
  const list = steps.list();
  return { kind: 'spdx', path: input.path, outcome: concluded(list), steps: list, warnings, ...found };
}

/** @throws AppError ATTEST_BUNDLE {why}, ATTEST_NO_READER {form, instead} */
export function readBill(value: unknown): ReadBill {
  if (isSecond(value)) {
    const bill = readSecond(value);
    return { bill, elements: bill.files.length + bill.others.length, problems: () => checkSecond(value) };
  }
  const document = documentOf(value);
  return { bill: readSpdx(document), elements: document.all.length, problems: () => checkRules(document.all) };
}

/**
 * Adds the steps `schema`, `files`, `consistency`. Also for a document inside a signed statement.
 *
 * @throws AppError SOURCE_ABORTED
 */
export async function checkRead(
  { bill, elements, problems }: ReadBill,
  input: AttestationInput,
  steps: Steps,
  warnings: Warning[],
): Promise<Pick<Attestation, 'files' | 'facts' | 'completeness'>> {
  const hashes = [...bill.files, ...bill.others].reduce((sum, one) => sum + one.hashes.length, 0);
  const models = bill.models.map(({ name }) => name).join(', ');
  const facts = {
    specVersion: bill.version,
    elements,
    models: models.slice(0, 500),
    files: bill.files.length,
    hashes,
  };
  await steps.run(
    'schema',
    () => {
      const [first, ...more] = problems();
      if (first !== undefined)
        throw new AppError('ATTEST_SCHEMA', { ...first, ...(more.length > 0 ? { more: more.length } : {}) });
    },
    () => ({ detail: { elements } }),
  );
  return { facts, ...(await checkBill(bill, input, steps, warnings)) };
}
