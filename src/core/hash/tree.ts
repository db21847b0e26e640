/**
 * `assay-tensor-v1`: the digest of one tensor's stored bytes.
 *
 * SHA-256 over, in this order:
 *
 *     assay-tensor-v1\n        ASCII, as every line here; \n is the byte 0x0A
 *     BF16\n                   canonical dtype name
 *     [4096,11008]\n           shape, outermost dimension first, decimal, commas, no spaces; a scalar is []
 *     4194304\n                leaf size in bytes
 *     90177536\n               length of the payload in bytes
 *     32 bytes per leaf        SHA-256 of each 4 MiB of the row-major payload, in order; the last leaf may be shorter;
 *                              an empty payload has no leaves
 *
 * Leaves tell which 4 MiB differ between two tensors, and let native one-shot SHA-256 run beside the file's own digest.
 * The lines before them tie dtype and shape to the bytes and keep a tensor's digest apart from any file's.
 */
import { toHex } from '../bytes/hex.ts';
import { TENSOR_LEAF } from '../limits.ts';
import type { ShortSha256 } from './hasher.ts';

export const LEAF_DIGEST_BYTES = 32;

/** What of a tensor, besides its bytes, goes into its digest. */
export interface TreeSubject {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byteLength: number;
}

export function leafCount(byteLength: number): number {
  return Math.ceil(byteLength / TENSOR_LEAF);
}

/** The lines before the leaf digests. A dtype that is not printable ASCII is escaped, so that it stays one line. */
export function treeHeader(subject: TreeSubject): Uint8Array {
  const dtype = subject.dtype.replace(
    /[^\x21-\x5b\x5d-\x7e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const lines = ['assay-tensor-v1', dtype, `[${subject.shape.join(',')}]`, TENSOR_LEAF, subject.byteLength];
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

/** The digest itself, lower-case hex, from the leaves' digests one after another. */
export function treeRoot(subject: TreeSubject, leaves: Uint8Array, sha256: ShortSha256): string {
  const header = treeHeader(subject);
  const bytes = new Uint8Array(header.length + leaves.length);
  bytes.set(header);
  bytes.set(leaves, header.length);
  return toHex(sha256(bytes));
}
