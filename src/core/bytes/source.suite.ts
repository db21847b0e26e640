/** The contract of ByteSource (source.ts), run against every implementation. */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { READ_CHUNK } from '../limits.ts';
import type { ByteSource } from './source.ts';

export type Change = 'grow' | 'shrink' | 'rewrite';

export interface Opened {
  readonly source: ByteSource;
  /** Changes what is behind the source, where the kind of source can notice. */
  readonly change?: (how: Change) => Promise<void> | void;
  readonly close?: () => Promise<void> | void;
}

export interface SourceHarness {
  readonly title: string;
  /** A source over exactly these bytes. */
  open(bytes: Uint8Array): Promise<Opened>;
  /** A source of `size` zero bytes with `mark` at `at`; absent where such sizes make no sense. */
  openSparse?(size: number, at: number, mark: Uint8Array): Promise<Opened>;
  /** Bytes of a large file. Default: a little more than two chunks. */
  readonly big?: number;
  /** Changes that this kind of source is able to notice. */
  readonly notices: readonly Change[];
}

/** Bytes that differ at every offset below 2^32 in a way that a wrong offset cannot hide. */
export function pattern(size: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let i = 0; i < words.length; i += 1) words[i] = Math.imul(i + 1, 2654435761);
  return new Uint8Array(words.buffer).slice(0, size);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function code(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return error instanceof AppError ? error.code : `not coded: ${String(error)}`;
  }
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export function sourceSuite(harness: SourceHarness): void {
  const BIG = harness.big ?? 2 * READ_CHUNK + 12_345;
  const middle = Math.min(READ_CHUNK, Math.floor(BIG / 2));
  describe(`${harness.title} keeps the contract of a byte source`, () => {
    const opened: Opened[] = [];
    const open = async (bytes: Uint8Array): Promise<Opened> => {
      const one = await harness.open(bytes);
      opened.push(one);
      return one;
    };
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close?.();
    });

    it('states the size', async () => {
      expect((await open(pattern(1234))).source.size).toBe(1234);
      expect((await open(pattern(0))).source.size).toBe(0);
    });

    it('reads exactly the bytes of any range', async () => {
      const bytes = pattern(70_001);
      const { source } = await open(bytes);
      const range = fc
        .tuple(fc.nat(bytes.length), fc.nat(bytes.length))
        .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
      const same = async ([start, end]: number[]): Promise<void> => {
        expect(sha256(await source.read(start!, end!))).toBe(sha256(bytes.subarray(start, end)));
      };
      await fc.assert(fc.asyncProperty(range, same), { numRuns: 40 });
    });

    it('streams exactly the bytes of any range, in chunks that are never empty', async () => {
      const bytes = pattern(BIG);
      const { source } = await open(bytes);
      for (const [start, end] of [
        [0, BIG],
        [1, BIG - 1],
        [middle - 1, middle + 1],
        [BIG - 1, BIG],
      ] as const) {
        const lengths: number[] = [];
        const hash = createHash('sha256');
        for await (const chunk of source.stream(start, end)) {
          lengths.push(chunk.length);
          hash.update(chunk);
        }
        expect(lengths).not.toContain(0);
        expect(hash.digest('hex')).toBe(sha256(bytes.subarray(start, end)));
      }
      await source.settle();
    });

    it('reads more than one chunk in one call', async () => {
      const bytes = pattern(BIG);
      const { source } = await open(bytes);
      expect(sha256(await source.read(3, BIG))).toBe(sha256(bytes.subarray(3)));
    });

    it('hands out chunks in buffers of their own', async () => {
      const { source } = await open(pattern(100_000));
      const read = await source.read(10, 20);
      expect(read.buffer.byteLength).toBe(10);
      read.fill(0);
      structuredClone(read.buffer, { transfer: [read.buffer as ArrayBuffer] });
      expect([...(await source.read(10, 20))]).toEqual([...pattern(20).subarray(10)]);
      for await (const chunk of source.stream(0, 100_000)) expect(chunk.buffer.byteLength).toBe(chunk.length);
    });

    it('gives nothing for an empty range and an empty file', async () => {
      const { source } = await open(pattern(10));
      for (const at of [0, 5, 10]) {
        expect(await source.read(at, at)).toHaveLength(0);
        expect(await collect(source.stream(at, at))).toHaveLength(0);
      }
      const empty = (await open(pattern(0))).source;
      expect(await empty.read(0, 0)).toHaveLength(0);
      expect(await collect(empty.stream(0, 0))).toHaveLength(0);
      await empty.settle();
    });

    it('refuses ranges that are not inside the file', async () => {
      const { source } = await open(pattern(100));
      const outside: [number, number][] = [
        [0, 101],
        [100, 101],
        [-1, 5],
        [7, 6],
        [0.5, 3],
        [0, Number.NaN],
        [0, 2 ** 60],
      ];
      for (const [start, end] of outside) {
        expect(await code(source.read(start, end))).toBe('SOURCE_LENGTH');
        expect(await code(collect(source.stream(start, end)))).toBe('SOURCE_LENGTH');
      }
    });

    it('stops at once when the signal has fired', async () => {
      const { source } = await open(pattern(100_000));
      const signal = AbortSignal.abort();
      expect(await code(source.read(0, 100_000, signal))).toBe('SOURCE_ABORTED');
      expect(await code(collect(source.stream(0, 100_000, signal)))).toBe('SOURCE_ABORTED');
      expect(await code(source.settle(signal))).toBe('SOURCE_ABORTED');
    });

    it('stops in the middle of a stream when the signal fires', async () => {
      const { source } = await open(pattern(BIG));
      const abort = new AbortController();
      let got = 0;
      const run = async (): Promise<void> => {
        for await (const chunk of source.stream(0, BIG, abort.signal)) {
          got += chunk.length;
          abort.abort();
        }
      };
      expect(await code(run())).toBe('SOURCE_ABORTED');
      expect(got).toBeLessThan(BIG);
      expect(await source.read(0, 10)).toHaveLength(10);
    });

    it('lets a consumer leave a stream early and use the source again', async () => {
      const bytes = pattern(BIG);
      const { source } = await open(bytes);
      for await (const chunk of source.stream(0, BIG)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(sha256(await collect(source.stream(0, BIG)))).toBe(sha256(bytes));
    });

    for (const how of harness.notices) {
      it(`says SOURCE_CHANGED, and never gives other bytes as the file, after: ${how}`, async () => {
        const bytes = pattern(BIG);
        const { source, change } = await open(bytes);
        await source.read(0, 100);
        await change!(how);
        const whole = async (): Promise<void> => {
          await collect(source.stream(0, source.size));
          await source.settle();
        };
        expect(await code(whole())).toBe('SOURCE_CHANGED');
      });

      it(`says SOURCE_CHANGED or gives the bytes as they were when this happens mid-way: ${how}`, async () => {
        const bytes = pattern(BIG);
        const { source, change } = await open(bytes);
        const hash = createHash('sha256');
        let changed = false;
        const whole = async (): Promise<void> => {
          for await (const chunk of source.stream(0, source.size)) {
            hash.update(chunk);
            if (!changed) await change!(how);
            changed = true;
          }
          await source.settle();
        };
        expect(await code(whole())).toBe('SOURCE_CHANGED');
      });
    }

    const { openSparse } = harness;
    if (openSparse !== undefined) {
      it('reads beyond 4 GiB where it was asked to', async () => {
        const GiB = 2 ** 30;
        const at = 5 * GiB + 7;
        const mark = pattern(1000);
        const one = await openSparse(6 * GiB, at, mark);
        opened.push(one);
        expect(one.source.size).toBe(6 * GiB);
        expect([...(await one.source.read(at, at + 1000))]).toEqual([...mark]);
        expect([...(await one.source.read(at - 2, at + 2))]).toEqual([0, 0, mark[0], mark[1]]);
        expect(sha256(await collect(one.source.stream(at, at + READ_CHUNK + 5)))).toBe(
          sha256(Buffer.concat([mark, Buffer.alloc(READ_CHUNK + 5 - 1000)])),
        );
        // What 32-bit arithmetic would have read instead.
        expect((await one.source.read(at - 4 * GiB, at - 4 * GiB + 1000)).every((byte) => byte === 0)).toBe(true);
        expect(await code(one.source.read(0, 2 * GiB))).toBe('SOURCE_TOO_LARGE');
      });
    }
  });
}
