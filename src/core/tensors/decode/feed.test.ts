import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { TreeStream } from '../../hash/tree-stream.ts';
import { wasmHashes } from '../../hash/wasm.ts';
import { loadKernels } from '../../kernels/wasm.ts';
import { canonicalForm } from '../canonical.ts';
import { summarise } from '../summary.ts';
import { feed } from './feed.ts';

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function canonicalDigest(
  dtype: string,
  shape: readonly number[],
  bytes: Uint8Array,
  size: number,
): Promise<string> {
  const hashes = wasmHashes();
  const tree = new TreeStream(canonicalForm(dtype, shape), hashes, await hashes.short());
  const elements = shape.reduce((n, d) => n * d, 1);
  const made = summarise({ dtype, elements }, { canonical: tree }, await loadKernels());
  if ('notDecoded' in made) throw new Error(made.notDecoded);
  await feed(made.decoder, chunksOf(bytes, size), { room: () => tree.room() });
  return tree.digest();
}

test('the same numbers stored as F32 and as BF16 have one canonical digest, over more than one leaf', async () => {
  const shape = [3, 500_000];
  const bits = Uint16Array.from({ length: 1_500_000 }, (_, i) => 0x3f00 + (i % 199));
  const wide = Uint32Array.from(bits, (b) => b * 65_536);
  const digest = await canonicalDigest('BF16', shape, new Uint8Array(bits.buffer), 1_000_001);
  expect(await canonicalDigest('F32', shape, new Uint8Array(wide.buffer), 333_333)).toBe(digest);
  const leaf = (from: number, to: number): Buffer =>
    createHash('sha256').update(new Uint8Array(wide.buffer).subarray(from, to)).digest();
  const byHand = createHash('sha256')
    .update('assay-tensor-v1\nF32\n[3,500000]\n4194304\n6000000\n')
    .update(leaf(0, 4_194_304))
    .update(leaf(4_194_304, 6_000_000))
    .digest('hex');
  expect(digest).toBe(byHand);
});

test('a pass that was aborted stops at the next piece with SOURCE_ABORTED', async () => {
  const made = summarise({ dtype: 'U8', elements: 10 }, {});
  if ('notDecoded' in made) throw new Error(made.notDecoded);
  const signal = AbortSignal.abort();
  await expect(feed(made.decoder, chunksOf(new Uint8Array(10), 5), { signal })).rejects.toThrow(/SOURCE_ABORTED/);
});
