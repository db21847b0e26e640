import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { counted } from './counted.ts';

describe('bytes that were read of a file', () => {
  it('count once each, in whatever order and however often they were asked for', async () => {
    const ranges = fc.array(fc.tuple(fc.nat(200), fc.nat(200)), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(ranges, async (asked) => {
        const { source, read } = counted(new MemorySource('x', new Uint8Array(200)));
        const seen = new Set<number>();
        for (const [a, b] of asked) {
          const [start, end] = a < b ? [a, b] : [b, a];
          await source.read(start, end);
          for (let at = start; at < end; at++) seen.add(at);
        }
        expect(read()).toBe(seen.size);
      }),
    );
  });

  it('are the whole file after its body, headers read before included', async () => {
    const { source, read } = counted(new MemorySource('x', new Uint8Array(1000)));
    await source.read(0, 100);
    await source.read(900, 1000);
    expect(read()).toBe(200);
    for await (const chunk of source.stream(0, 1000)) void chunk;
    expect(read()).toBe(1000);
  });

  it('never come to more than the file when there are too many pieces to tell apart', async () => {
    const size = 40_000;
    const { source, read } = counted(new MemorySource('x', new Uint8Array(size)));
    for (let at = size - 4; at >= 0; at -= 4) await source.read(at, at + 1);
    for (let at = 2; at < size; at += 4) await source.read(at, at + 1);
    expect(read()).toBeGreaterThanOrEqual(4096);
    expect(read()).toBeLessThanOrEqual(size);
    for await (const chunk of source.stream(0, size)) void chunk;
    expect(read()).toBe(size);
  });
});
