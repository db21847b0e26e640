/** Takes a CycloneDX bill apart: its form, the rules of its schema, its hashes, what it says of the model. */
import { AppError } from '../../../errors.ts';
import { BILL_MAX } from '../../../limits.ts';
import { concluded, type Attestation, type Warning } from '../attestation.ts';
import type { Bill } from '../bom/bill.ts';
import { checkBill } from '../bom/check-bill.ts';
import { isObject, strictJson, textField, type JsonObject } from '../json.ts';
import type { AttestationInput } from '../kind.ts';
import { Steps } from '../steps.ts';
import { readCyclonedx } from './read.ts';
import { checkSchema, isKnownVersion } from './schema.ts';
import { isXml } from './xml.ts';

type Read = Pick<Attestation, 'files' | 'facts' | 'completeness'>;

/** @throws AppError SOURCE_ABORTED */
export async function examineCyclonedx(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const warnings: Warning[] = [];
  const read = (await examineForm(input, steps, warnings)) ?? { files: [], facts: {} };
  const list = steps.list();
  return { kind: 'cyclonedx', path: input.path, outcome: concluded(list), steps: list, warnings, ...read };
}

async function examineForm(input: AttestationInput, steps: Steps, warnings: Warning[]): Promise<Read | null> {
  const { bytes, path } = input;
  if (isXml(bytes)) {
    const detail = { form: 'CycloneDX as XML', instead: 'the same bill as JSON' };
    steps.unchecked('bundle', { code: 'ATTEST_NO_READER', detail });
    return null;
  }
  if (bytes.length > BILL_MAX) {
    const detail = { path, size: bytes.length, limit: BILL_MAX };
    steps.unchecked('bundle', { code: 'SOURCE_TOO_LARGE', detail });
    return null;
  }
  const document = await steps.run(
    'bundle',
    () => documentOf(bytes),
    (bill) => ({ detail: { form: `CycloneDX ${(textField(bill, 'specVersion') ?? '').slice(0, 20)}` } }),
  );
  return document === null ? null : readAndCheck(document, input, steps, warnings);
}

/** @throws AppError ATTEST_JSON, ATTEST_BUNDLE */
function documentOf(bytes: Uint8Array): JsonObject {
  const document = strictJson(bytes);
  if (!isObject(document)) throw new AppError('ATTEST_BUNDLE', { why: 'it is no JSON object' });
  return document;
}

/**
 * Adds the steps `schema`, `signature` (only when there is one), `files`, `consistency`. Also for a document inside a
 * signed statement.
 *
 * @throws AppError SOURCE_ABORTED
 */
export async function readAndCheck(
  document: JsonObject,
  input: AttestationInput,
  steps: Steps,
  warnings: Warning[],
): Promise<Read> {
  const bill = readCyclonedx(document);
  const { version } = bill;
  if (!isKnownVersion(version)) {
    const detail = { form: `CycloneDX ${version.slice(0, 20)}`.trim(), instead: 'a bill of version 1.5 to 1.7' };
    steps.unchecked('schema', { code: 'ATTEST_NO_READER', detail });
    return { files: [], facts: factsOf(bill, document) };
  }
  await steps.run('schema', () => checkSchema(document, version));
  if (bill.signed) {
    steps.unchecked('signature', { code: 'ATTEST_SIGNED_INSIDE', detail: {} });
  }
  return { facts: factsOf(bill, document), ...(await checkBill(bill, input, steps, warnings)) };
}

const FACT_SHOWN = 500;

function factsOf(bill: Bill, document: JsonObject): Attestation['facts'] {
  const serialNumber = textField(document, 'serialNumber')?.slice(0, FACT_SHOWN);
  return {
    specVersion: bill.version.slice(0, 20),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    models: bill.models
      .map(({ name }) => name)
      .join(', ')
      .slice(0, FACT_SHOWN),
    files: bill.files.length,
    hashes: [...bill.files, ...bill.others].reduce((sum, { hashes }) => sum + hashes.length, 0),
  };
}
