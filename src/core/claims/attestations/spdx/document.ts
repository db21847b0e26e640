/** The outside of an SPDX document: which version it is of, and the elements it holds. */
import { AppError } from '../../../errors.ts';
import { field, isObject, listField, textField, type JsonObject } from '../json.ts';

export interface SpdxDocument {
  /** `3.0.1`, by the context it names. */
  readonly version: string;
  /** Objects of `@graph`; anything else in it is left to the rules. */
  readonly elements: readonly JsonObject[];
  readonly all: readonly unknown[];
}

/** The published contexts. Others may give the same words another meaning. */
const CONTEXTS: ReadonlyMap<string, string> = new Map([
  ['https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '3.0.1'],
  ['https://spdx.org/rdf/3.0.0/spdx-context.jsonld', '3.0.0'],
]);
const OTHER_VERSION = /^https:\/\/spdx\.org\/rdf\/v?(\d{1,3}(?:\.\d{1,3}){1,2}(?:-[\w.]{1,20})?)\//;

/** True for documents of SPDX, of any version and however broken their inside. */
export function isSpdx(value: unknown): boolean {
  const context = field(value, '@context');
  const contexts = Array.isArray(context) ? context : [context];
  return contexts.some(isSpdxContext) || /^SPDX-\d/.test(textField(value, 'spdxVersion') ?? '');
}

function isSpdxContext(context: unknown): boolean {
  return typeof context === 'string' && /^https?:\/\/spdx\.org\/rdf\//.test(context);
}

/**
 * @throws AppError ATTEST_BUNDLE {why} for another context or shape; ATTEST_NO_READER {form, instead} for versions that
 *   are not read
 */
export function documentOf(value: unknown): SpdxDocument {
  if (!isObject(value)) throw new AppError('ATTEST_BUNDLE', { why: 'it is no object' });
  const old = textField(value, 'spdxVersion');
  if (old !== undefined) throw new AppError('ATTEST_NO_READER', { form: old, instead: 'SPDX 3.0.1' });
  const context = textField(value, '@context') ?? '';
  const version = CONTEXTS.get(context);
  if (version === undefined) {
    const [, other] = OTHER_VERSION.exec(context) ?? [];
    if (other !== undefined) throw new AppError('ATTEST_NO_READER', { form: `SPDX ${other}`, instead: 'SPDX 3.0.1' });
    throw new AppError('ATTEST_BUNDLE', { why: 'it does not name the published context of SPDX 3.0' });
  }
  if (!Object.hasOwn(value, '@graph')) {
    const { '@context': _, ...element } = value;
    return { version, elements: [element], all: [element] };
  }
  if (!Array.isArray(value['@graph']) || Object.keys(value).length !== 2) {
    throw new AppError('ATTEST_BUNDLE', { why: 'there is something beside its elements' });
  }
  const all = listField(value, '@graph');
  return { version, elements: all.filter(isObject), all };
}
