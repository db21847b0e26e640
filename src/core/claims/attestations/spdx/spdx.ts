/** Bills of materials in the form of SPDX 3.0 (JSON-LD), with the profiles for models and data sets. */
import { CLAIM_BUNDLE_MAX } from '../../../limits.ts';
import type { Algorithm } from '../../../hash/hasher.ts';
import { algorithmNamed } from '../../algorithm-names.ts';
import { listField, strictJson, textField } from '../json.ts';
import type { AttestationKind } from '../kind.ts';
import { isSpdx } from './document.ts';

export const SPDX: AttestationKind = {
  id: 'spdx',
  title: 'SPDX bills of materials',
  names: /\.spdx3?\.json(?:ld)?$|(?:^|[._-])(?:ai|ml)?s?bom(?:[._-][^/]{0,100})?\.json(?:ld)?$/i,
  recognises: (path, bytes) => bytes.length <= CLAIM_BUNDLE_MAX && recognised(path, bytes),
  comparesHeaders: true,
  wants: hashesOf,
  examine: async (input) => [await (await import('./examine.ts')).examineSpdx(input)],
};

/** By what it says it is; a file that is called so and cannot be read is told as a broken one. */
function recognised(path: string, bytes: Uint8Array): boolean {
  try {
    return isSpdx(strictJson(bytes));
  } catch {
    return /\.spdx3?\.json(?:ld)?$/i.test(path);
  }
}

/** Hashes that its files state, before anything of it is believed: computing one digest too many does no harm. */
function hashesOf(bytes: Uint8Array): readonly Algorithm[] {
  try {
    const wanted = new Set<Algorithm>();
    const value = strictJson(bytes);
    // Of either version: 2 has its hashes under other names.
    for (const element of [...listField(value, '@graph'), ...listField(value, 'files'), value]) {
      for (const method of [element, ...listField(element, 'verifiedUsing'), ...listField(element, 'checksums')]) {
        const algorithm = algorithmNamed(textField(method, 'algorithm') ?? '');
        if (algorithm !== null && algorithm !== 'sha256') wanted.add(algorithm);
      }
    }
    return [...wanted];
  } catch {
    return [];
  }
}
