/** Bills of materials in the form of CycloneDX (JSON), also of models: AIBOM, ML-BOM. */
import { BILL_MAX } from '../../../limits.ts';
import type { Algorithm } from '../../../hash/hasher.ts';
import { algorithmsOf } from '../bom/algorithms.ts';
import { field, strictJson } from '../json.ts';
import type { AttestationKind } from '../kind.ts';
import { readCyclonedx } from './read.ts';
import { isXml } from './xml.ts';

/** The names CycloneDX recommends (`bom.json`, `*.cdx.json`), and what generators for models write. */
const NAMES = /\.cdx\.(?:json|xml)$|(?:^|[._-])bom\.(?:json|xml)$|(?:ai|ml|s)bom[^/]{0,100}\.(?:json|xml)$/i;

export const CYCLONEDX: AttestationKind = {
  id: 'cyclonedx',
  title: 'CycloneDX bills of materials',
  names: NAMES,
  recognises: (path, bytes) => isXml(bytes) || isJson(path, bytes),
  comparesHeaders: true,
  wants: wanted,
  examine: async (input) => [await (await import('./examine.ts')).examineCyclonedx(input)],
};

/** By what it says it is; a file that is called so and cannot be read is told as a broken one. */
function isJson(path: string, bytes: Uint8Array): boolean {
  const named = /\.cdx\.json$/i.test(path);
  if (bytes.length > BILL_MAX) return named;
  try {
    return field(strictJson(bytes), 'bomFormat') !== undefined;
  } catch {
    return named;
  }
}

/** Before anything of it is believed: one digest too many does no harm. */
function wanted(bytes: Uint8Array): readonly Algorithm[] {
  if (bytes.length > BILL_MAX) return [];
  try {
    return algorithmsOf(readCyclonedx(strictJson(bytes)));
  } catch {
    return [];
  }
}
