import { toHex } from '../bytes/hex.ts';
import type { ShortSha256 } from './hasher.ts';

/** What of one tensor goes into the digest of its model. */
export interface ModelDigestTensor {
  /** Canonical digest, lower-case hex. */
  readonly digest: string;
  /** What it stands for (`0.attention.q`); empty where unknown. Never the name as stored, which containers change. */
  readonly role: string;
}

/**
 * The digest of a model's numbers: SHA-256 over `assay-model-v1\n` and one line `digest role\n` per tensor, sorted as text.
 * Renaming, resharding and another container leave it as it is; a tensor more or less does not.
 *
 * @returns lower-case hex
 */
export function modelDigest(tensors: readonly ModelDigestTensor[], sha256: ShortSha256): string {
  const lines = tensors.map(({ digest, role }) => `${digest} ${role.replace(/\s/g, ' ')}\n`).sort();
  return toHex(sha256(new TextEncoder().encode(`assay-model-v1\n${lines.join('')}`)));
}
