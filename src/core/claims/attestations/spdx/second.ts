/**
 * SPDX 2.2 and 2.3 as JSON: the files with their checksums. It has no words for models; of its rules those are asked that
 * the parts read here have to keep (spdx-spec support/2.3, `schemas/spdx-schema.json`, chapters 6 to 8).
 */
import { algorithmNamed } from '../../algorithm-names.ts';
import type { Bill, BillField, BillHash } from '../bom/bill.ts';
import { field, isObject, listField, textField, type JsonObject } from '../json.ts';
import { SPDX_OBJECTS_MAX, SPDX_PROBLEMS_MAX } from '../../../limits.ts';
import type { Problem } from './rules.ts';

const VERSIONS: ReadonlySet<string> = new Set(['SPDX-2.2', 'SPDX-2.3']);
const ALGORITHMS: ReadonlySet<string> = new Set(
  `SHA1 SHA224 SHA256 SHA384 SHA512 SHA3-256 SHA3-384 SHA3-512 BLAKE2b-256 BLAKE2b-384 BLAKE2b-512 BLAKE3 MD2 MD4 MD5 MD6
    ADLER32`.split(/\s+/),
);
const ID = /^SPDXRef-[A-Za-z0-9.-]{1,1000}$/;
const TIME = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\dZ$/;

export function isSecond(value: unknown): value is JsonObject {
  return isObject(value) && VERSIONS.has(textField(value, 'spdxVersion') ?? '');
}

export function readSecond(document: JsonObject): Bill {
  const packages = listField(document, 'packages');
  return {
    form: 'spdx',
    version: (textField(document, 'spdxVersion') ?? '').replace('SPDX-', ''),
    models: [],
    files: listField(document, 'files').map((file) => ({
      name: textField(file, 'fileName') ?? '',
      hashes: hashes(file),
    })),
    others: packages.flatMap((one) => {
      const own = hashes(one);
      return own.length === 0 ? [] : [{ name: textField(one, 'name') ?? '', what: 'package', hashes: own }];
    }),
    fields: fieldsOf(document, packages),
    signed: false,
  };
}

function hashes(owner: unknown): readonly BillHash[] {
  return listField(owner, 'checksums').flatMap((one) => {
    const written = textField(one, 'algorithm');
    const value = textField(one, 'checksumValue');
    if (written === undefined || value === undefined) return [];
    const algorithm = algorithmNamed(written);
    return [{ written, ...(algorithm === null ? {} : { algorithm }), value: value.toLowerCase() }];
  });
}

/** Of the package it describes; the form itself has no place for the rest. */
function fieldsOf(document: JsonObject, packages: readonly unknown[]): ReadonlyMap<BillField, string> {
  const described = listField(document, 'documentDescribes');
  const about = packages.find((one) => described.includes(field(one, 'SPDXID'))) ?? packages[0];
  const purl = listField(about, 'externalRefs').find((one) => textField(one, 'referenceType') === 'purl');
  const said: readonly (readonly [BillField, string | undefined])[] = [
    ['bomFormat', 'SPDX'],
    ['specVersion', textField(document, 'spdxVersion')],
    ['serialNumber', textField(document, 'documentNamespace')],
    ['version', textField(field(document, 'creationInfo'), 'created')],
    ['primaryPurpose', textField(about, 'primaryPackagePurpose')],
    ['suppliedBy', textField(about, 'supplier')],
    ['name', textField(about, 'name')],
    ['type', about === undefined ? undefined : 'package'],
    ['componentVersion', textField(about, 'versionInfo')],
    ['purl', textField(purl, 'referenceLocator')],
    ['description', textField(about, 'description') ?? textField(about, 'summary')],
    ['licenses', [textField(about, 'licenseConcluded'), textField(about, 'licenseDeclared')].find(says)],
    ['downloadLocation', textField(about, 'downloadLocation')],
  ];
  return new Map(said.flatMap(([id, text]) => (says(text) ? [[id, text] as const] : [])));
}

function says(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '' && text !== 'NOASSERTION' && text !== 'NONE';
}

/** The first places that break a rule of the parts read here. */
export function checkSecond(document: JsonObject): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (where: string, why: string): void => {
    if (problems.length < SPDX_PROBLEMS_MAX) problems.push({ where, why });
  };
  const texts = (owner: unknown, keys: readonly string[], where: string): void => {
    for (const key of keys) if (textField(owner, key) === undefined) report(where, `${key} is missing`);
    if (!ID.test(textField(owner, 'SPDXID') ?? '')) report(where, 'its identifier is none of SPDX');
  };
  texts(document, ['name', 'dataLicense', 'documentNamespace'], 'document');
  const made = field(document, 'creationInfo');
  if (!TIME.test(textField(made, 'created') ?? ''))
    report('creationInfo.created', 'it is not a time like 2026-01-31T12:00:00Z');
  if (listField(made, 'creators').length === 0) report('creationInfo.creators', 'there is none');
  for (const [key, required] of [
    ['files', ['fileName']],
    ['packages', ['name', 'downloadLocation']],
  ] as const) {
    const list = field(document, key);
    if (list === undefined) continue;
    if (!Array.isArray(list) || list.length > SPDX_OBJECTS_MAX) report(key, 'it is no list that can be read');
    else {
      list.forEach((one, i) => {
        texts(one, required, `${key}[${i}]`);
        checksums(one, `${key}[${i}].checksums`, key === 'files', report);
      });
    }
  }
  return problems;
}

function checksums(owner: unknown, where: string, needed: boolean, report: (where: string, why: string) => void): void {
  const list = field(owner, 'checksums');
  if (list === undefined && !needed) return;
  if (!Array.isArray(list) || (needed && list.length === 0)) return report(where, 'there is none');
  list.forEach((one, i) => {
    if (!ALGORITHMS.has(textField(one, 'algorithm') ?? '')) report(`${where}[${i}]`, 'its algorithm is none it may be');
    if (!/^[\da-f]{1,1024}$/.test(textField(one, 'checksumValue') ?? ''))
      report(`${where}[${i}]`, 'its value is no hex in lower case');
  });
}
