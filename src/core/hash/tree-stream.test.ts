import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { TENSOR_LEAF } from '../limits.ts';
import type { HashProvider } from './hasher.ts';
import { treeRoot } from './tree.ts';
import { TreeStream } from './tree-stream.ts';
import { wasmHashes } from './wasm.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

/** The digest as its definition says, from the whole payload at once. */
function byDefinition(payload: Uint8Array, shape: readonly number[]): string {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += TENSOR_LEAF) leaves.push(sha256(payload.subarray(at, at + TENSOR_LEAF)));
  return treeRoot({ dtype: 'F32', shape, byteLength: payload.length }, Buffer.concat(leaves), sha256);
}

async function streamed(
  payload: Uint8Array,
  shape: readonly number[],
  piece: number,
  hashes: HashProvider,
): Promise<string> {
  const stream = new TreeStream({ dtype: 'F32', shape, byteLength: payload.length }, hashes, await hashes.short());
  // One buffer, written over for every piece: what a decoder does.
  const buffer = new Uint8Array(piece);
  for (let at = 0; at < payload.length; at += piece) {
    const part = payload.subarray(at, at + piece);
    buffer.set(part);
    stream.update(buffer.subarray(0, part.length));
    if (at % (1 << 20) === 0) await stream.room();
  }
  return stream.digest();
}

test.each([0, 4, TENSOR_LEAF - 4, TENSOR_LEAF, TENSOR_LEAF + 4, 3 * TENSOR_LEAF + 1000])(
  'a payload of %i bytes has the digest of its definition, however it was cut',
  async (length) => {
    const payload = new Uint8Array(length).map((_, i) => (i * 31) >> 3);
    const expected = byDefinition(payload, [length / 4]);
    for (const piece of [65_536, 1_000_003]) {
      expect(await streamed(payload, [length / 4], piece, wasmHashes())).toBe(expected);
    }
  },
);

test('bytes too many or too few are FORMAT_SIZE_MISMATCH', async () => {
  const hashes = wasmHashes();
  const stream = new TreeStream({ dtype: 'F32', shape: [2], byteLength: 8 }, hashes, await hashes.short());
  stream.update(new Uint8Array(4));
  await expect(stream.digest()).rejects.toThrow(/FORMAT_SIZE_MISMATCH/);
  expect(() => stream.update(new Uint8Array(5))).toThrow(/FORMAT_SIZE_MISMATCH/);
});

test('a hasher that fails fails the digest', async () => {
  const hashes: HashProvider = { ...wasmHashes(), sha256: () => Promise.reject(new Error('no')) };
  const stream = new TreeStream({ dtype: 'F32', shape: [], byteLength: TENSOR_LEAF }, hashes, await hashes.short());
  stream.update(new Uint8Array(TENSOR_LEAF));
  await expect(stream.digest()).rejects.toThrow('no');
});
