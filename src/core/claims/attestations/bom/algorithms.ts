/** Which hashes of a bill are worth computing, so that the one read of each file makes them. */
import type { Algorithm } from '../../../hash/hasher.ts';
import { WEAK_ALGORITHMS } from '../../algorithm-names.ts';
import type { Bill, BillHash, BillOther } from './bill.ts';

/**
 * Hashes of a model that may be those of its one weights file. What generators write there as SHA-1 is the commit of the
 * repository (aibomgen-cli, `fields_component.go`), which no file has.
 */
export function modelHashes({ what, hashes }: BillOther): readonly BillHash[] {
  return what === 'model' ? hashes.filter(({ algorithm }) => !WEAK_ALGORITHMS.has(algorithm ?? '')) : [];
}

export function algorithmsOf({ files, others }: Bill): readonly Algorithm[] {
  const hashes = [...files.flatMap((file) => file.hashes), ...others.flatMap(modelHashes)];
  return [...new Set(hashes.flatMap(({ algorithm }) => algorithm ?? []))];
}
