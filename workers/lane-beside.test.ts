import { createHash, randomFillSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { ChunkLease } from '../src/core/hash/lease.ts';
import type { LaneTensor } from '../src/core/hash/tensor-lane.ts';
import { LaneBeside, type LaneWorker } from './lane-beside.ts';
import { serveLane } from './serve-lane.ts';

const MiB = 1024 * 1024;

interface FakeLane extends LaneWorker {
  crash(): void;
  readonly ended: () => boolean;
}

/** The helper over a MessageChannel in this thread. */
function fakeLane(serve = true): FakeLane {
  const { port1, port2 } = new MessageChannel();
  const died: (() => void)[] = [];
  let ended = false;
  port1.start();
  port2.start();
  if (serve) {
    serveLane({
      postMessage: (event, transfer) => port2.postMessage(event, transfer),
      addEventListener: (type, listener) => port2.addEventListener(type, listener as EventListener),
    });
  }
  return {
    postMessage: (command, transfer) => port1.postMessage(command, transfer),
    addEventListener: (type, listener) => {
      if (type === 'message') port1.addEventListener('message', listener as EventListener);
      else died.push(() => listener(new MessageEvent(type)));
    },
    terminate() {
      ended = true;
      port1.close();
    },
    crash: () => died[0]!(),
    ended: () => ended,
  };
}

let workers: FakeLane[] = [];
afterEach(() => {
  for (const worker of workers) worker.terminate();
  workers = [];
});
function besides(serve = true): LaneBeside {
  return new LaneBeside(() => {
    const worker = fakeLane(serve);
    workers.push(worker);
    return worker;
  });
}

function tensor(start: number, byteLength: number): LaneTensor {
  return { dtype: 'U8', shape: [byteLength], start, byteLength };
}

function naive(file: Uint8Array, { start, byteLength }: LaneTensor): string {
  const tree = createHash('sha256').update(`assay-tensor-v1\nU8\n[${byteLength}]\n4194304\n${byteLength}\n`);
  for (let at = 0; at < byteLength; at += 4 * MiB) {
    const leaf = file.subarray(start + at, start + Math.min(at + 4 * MiB, byteLength));
    tree.update(createHash('sha256').update(leaf).digest());
  }
  return tree.digest('hex');
}

async function digest(
  beside: LaneBeside,
  file: Uint8Array,
  tensors: readonly LaneTensor[],
): Promise<readonly string[]> {
  const lane = await beside.lane(tensors, file.length);
  for (let at = 0; at < file.length; at += MiB) {
    const lease = new ChunkLease(file.slice(at, at + MiB));
    await lane.feed(lease, at);
    lease.drop();
  }
  return lane.finish();
}

describe('a lane in another worker', () => {
  const file = randomFillSync(new Uint8Array(29 * MiB + 321));
  const tensors = [tensor(7, 25 * MiB), tensor(25 * MiB + 7, 4 * MiB), tensor(100, 0)];

  it('gives the same digests, file after file, from one worker', async () => {
    const beside = besides();
    const expected = tensors.map((t) => naive(file, t));
    expect(await digest(beside, file, tensors)).toEqual(expected);
    expect(await digest(beside, file, [tensors[1]!])).toEqual([expected[1]]);
    expect(workers).toHaveLength(1);
  });

  it('forgets a file that was given up, whose chunks may still be on their way', async () => {
    const beside = besides();
    const given = await beside.lane(tensors, file.length);
    const lease = new ChunkLease(file.slice(0, MiB));
    await given.feed(lease, 0);
    lease.drop();
    given.close!();
    expect(await digest(beside, file, [tensors[0]!])).toEqual([naive(file, tensors[0]!)]);
  });

  it('makes the reader wait when three buffers are on their way', async () => {
    const lane = await besides(false).lane(tensors, file.length);
    const offer = (): Promise<void> => lane.feed(new ChunkLease(new Uint8Array(8 * MiB)), 0);
    for (let i = 0; i < 3; i++) await offer();
    const fourth = offer().then(() => 'taken');
    const pause = new Promise((resolve) => setTimeout(() => resolve('waiting'), 50));
    expect(await Promise.race([fourth, pause])).toBe('waiting');
  });

  it('takes small pieces as well as large ones', async () => {
    const lane = await besides().lane([tensors[0]!], file.length);
    const cuts = [1, 70_000, 3 * MiB + 5, 9 * MiB];
    for (let at = 0, turn = 0; at < file.length; turn++) {
      const chunk = file.slice(at, at + cuts[turn % cuts.length]!);
      await lane.feed(new ChunkLease(chunk), at);
      at += chunk.length;
    }
    expect(await lane.finish()).toEqual([naive(file, tensors[0]!)]);
  });

  it('fails the file when it dies, also while chunks wait, and the next file gets a new one', async () => {
    const beside = besides(false);
    const lane = await beside.lane(tensors, file.length);
    const finishing = lane.finish();
    workers[0]!.crash();
    await expect(finishing).rejects.toMatchObject({ code: 'ENGINE_WORKER_DIED' });
    expect(workers[0]!.ended()).toBe(true);
    await beside.lane(tensors, file.length);
    expect(workers).toHaveLength(2);
  });

  it('tells why there are no digests', async () => {
    const lane = await besides().lane([tensor(0, 10)], 10);
    await expect(lane.finish()).rejects.toMatchObject({ code: 'SOURCE_LENGTH' });
  });
});
