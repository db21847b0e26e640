import type { Finding } from '../../content/finding.ts';
import type { Attribute } from '../hdf5/attributes.ts';

/** Facts and findings of the attributes that Keras writes at the root of an HDF5 file. */
export async function inspectKerasAttributes(
  _attributes: readonly Attribute[],
  _read: (attribute: Attribute) => Promise<string | null>,
): Promise<{
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}> {
  return { findings: [], facts: {} };
}
