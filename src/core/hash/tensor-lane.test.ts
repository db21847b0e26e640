import { createHash, randomFillSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAF_BYTES_WAITING, TENSOR_LEAF } from '../limits.ts';
import { ExtraLane } from './extra-lane.ts';
import type { HashProvider } from './hasher.ts';
import { ChunkLease } from './lease.ts';
import { TensorLane, type LaneTensor } from './tensor-lane.ts';
import { wasmHashes } from './wasm.ts';

/** The definition, word for word, over a file in memory. */
function naive(file: Uint8Array, t: LaneTensor): string {
  const payload = file.subarray(t.start, t.start + t.byteLength);
  const tree = createHash('sha256').update(
    `assay-tensor-v1\n${t.dtype}\n[${t.shape.join(',')}]\n4194304\n${t.byteLength}\n`,
  );
  for (let at = 0; at < payload.length; at += TENSOR_LEAF) {
    tree.update(
      createHash('sha256')
        .update(payload.subarray(at, at + TENSOR_LEAF))
        .digest(),
    );
  }
  return tree.digest('hex');
}

function bytes(start: number, byteLength: number): LaneTensor {
  return { dtype: 'U8', shape: [byteLength], start, byteLength };
}

interface Fed {
  readonly digests: readonly string[];
  readonly recycled: number;
  readonly chunks: number;
}

/** Streams `file` in chunks of the given lengths, over and over, wiping each chunk when it is given back. */
async function feed(
  file: Uint8Array,
  tensors: readonly LaneTensor[],
  cuts: readonly number[],
  hashes: HashProvider,
): Promise<Fed> {
  const lane = await TensorLane.create(tensors, file.length, hashes);
  let recycled = 0;
  let chunks = 0;
  for (let at = 0; at < file.length; chunks++) {
    const chunk = file.slice(at, at + cuts[chunks % cuts.length]!);
    const lease = new ChunkLease(chunk, (c) => {
      recycled++;
      c.fill(0xee);
    });
    await lane.feed(lease, at);
    lease.drop();
    at += chunk.length;
  }
  return { digests: await lane.finish(), recycled, chunks };
}

/** Native digests that finish late and out of order, and read the bytes only then: a lease given back early shows. */
function lateHashes(shortMax: number): HashProvider {
  let turn = 0;
  return {
    ...wasmHashes(),
    shortMax,
    async sha256(input) {
      await new Promise((resolve) => setTimeout(resolve, (turn++ * 7) % 5));
      return createHash('sha256').update(input).digest();
    },
  };
}

describe('TensorLane', () => {
  it('agrees with the definition for any tensors and any chunking', async () => {
    const file = randomFillSync(new Uint8Array(6000));
    const tensor = fc
      .record({ start: fc.nat(6000), byteLength: fc.nat(2000) })
      .map((p) => bytes(p.start, p.byteLength));
    const disjoint = fc.uniqueArray(fc.nat(6000), { minLength: 2, maxLength: 12 }).map((edges) => {
      edges.sort((a, b) => a - b);
      return edges.slice(1).map((end, i) => bytes(edges[i]!, end - edges[i]!));
    });
    const tensors = fc.oneof(disjoint, fc.array(tensor, { maxLength: 6 }));
    await fc.assert(
      fc.asyncProperty(
        tensors,
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }),
        async (ts, cuts) => {
          const { digests, recycled, chunks } = await feed(file, ts, cuts, lateHashes(64));
          expect(digests).toEqual(ts.map((t) => (t.start + t.byteLength <= file.length ? naive(file, t) : '')));
          expect(recycled).toBe(chunks);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('agrees over several leaves that start and end anywhere, in chunks smaller and larger than a leaf', async () => {
    const file = randomFillSync(new Uint8Array(3 * TENSOR_LEAF + 1234));
    const tensors = [
      bytes(17, 2 * TENSOR_LEAF),
      bytes(2 * TENSOR_LEAF + 17, TENSOR_LEAF + 1000),
      { ...bytes(17, 2 * TENSOR_LEAF), dtype: 'F32', shape: [512, 4096] },
      bytes(5, file.length - 5),
      bytes(9, 0),
    ];
    const expected = tensors.map((t) => naive(file, t));
    for (const cuts of [[1_000_003], [file.length], [TENSOR_LEAF], [100, 7_000_000]]) {
      for (const hashes of [wasmHashes(), lateHashes(16_384)]) {
        expect((await feed(file, tensors, cuts, hashes)).digests).toEqual(expected);
      }
    }
    expect(expected[0]).not.toBe(expected[2]);
  });

  it('never has more than the allowed bytes waiting', async () => {
    let waiting = 0;
    let most = 0;
    const hashes: HashProvider = {
      ...wasmHashes(),
      async sha256(input) {
        waiting += input.length;
        most = Math.max(most, waiting);
        await new Promise((resolve) => setTimeout(resolve, 1));
        waiting -= input.length;
        return new Uint8Array(32);
      },
    };
    const file = new Uint8Array(16 * TENSOR_LEAF);
    await feed(
      file,
      [bytes(0, file.length), bytes(1, file.length - 1), bytes(2, file.length - 2)],
      [4 * TENSOR_LEAF],
      hashes,
    );
    expect(most).toBeGreaterThan(TENSOR_LEAF);
    expect(most).toBeLessThanOrEqual(LEAF_BYTES_WAITING + TENSOR_LEAF);
  });

  it('fails with what a hasher failed with, and with SOURCE_LENGTH when the file ends inside a tensor', async () => {
    const broken: HashProvider = { ...wasmHashes(), sha256: () => Promise.reject(new Error('thread died')) };
    const file = new Uint8Array(100_000);
    await expect(feed(file, [bytes(0, file.length)], [50_000], broken)).rejects.toThrow('thread died');
    const lane = await TensorLane.create([bytes(0, 10)], 10, wasmHashes());
    await lane.feed(new ChunkLease(new Uint8Array(9)), 0);
    await expect(lane.finish()).rejects.toMatchObject({ code: 'SOURCE_LENGTH' });
  });

  it('hashes 100,000 tiny tensors in place: a call to another thread for each would take minutes', async () => {
    const file = randomFillSync(new Uint8Array(100_000 * 32));
    const tensors = Array.from({ length: 100_000 }, (_, i) => bytes(i * 32, 32));
    const hashes: HashProvider = { ...wasmHashes(), sha256: () => Promise.reject(new Error('asked another thread')) };
    const { digests } = await feed(file, tensors, [1 << 20], hashes);
    expect(digests[77_777]).toBe(naive(file, tensors[77_777]!));
    expect(new Set(digests).size).toBe(100_000);
  });
});

describe('ExtraLane', () => {
  async function extra(file: Uint8Array, tensors: readonly LaneTensor[], cut: number) {
    const lane = await ExtraLane.create(tensors, file.length, ['sha1', 'xxh64'], wasmHashes());
    for (let at = 0; at < file.length; at += cut) await lane.feed(file.subarray(at, at + cut), at);
    return lane.finish();
  }
  const sha1 = (b: Uint8Array): string => createHash('sha1').update(b).digest('hex');

  it('hashes each tensor, and all of them in the order of the table, without the padding between', async () => {
    const file = randomFillSync(new Uint8Array(1000));
    const tensors = [bytes(64, 100), bytes(192, 0), bytes(192, 500)];
    for (const cut of [1, 33, 1000]) {
      const { tensors: each, data } = await extra(file, tensors, cut);
      expect(each.sha1).toEqual([sha1(file.subarray(64, 164)), sha1(new Uint8Array(0)), sha1(file.subarray(192, 692))]);
      expect(data.sha1).toBe(sha1(Buffer.concat([file.subarray(64, 164), file.subarray(192, 692)])));
      expect(each.xxh64?.[1]).toBe('ef46db3751d8e999');
    }
  });

  it('states no digest over all tensors when the table is not in the order of the bytes', async () => {
    const file = randomFillSync(new Uint8Array(300));
    const { tensors, data } = await extra(file, [bytes(200, 100), bytes(0, 100)], 64);
    expect(data).toEqual({});
    expect(tensors.sha1).toEqual([sha1(file.subarray(200)), sha1(file.subarray(0, 100))]);
  });

  it('hashes overlapping tensors separately', async () => {
    const file = randomFillSync(new Uint8Array(300));
    const { tensors } = await extra(file, [bytes(0, 200), bytes(100, 200)], 70);
    expect(tensors.sha1).toEqual([sha1(file.subarray(0, 200)), sha1(file.subarray(100))]);
  });
});
