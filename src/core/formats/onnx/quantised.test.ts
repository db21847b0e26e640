/**
 * Weights that ONNX graphs make of codes, against what onnx's reference evaluator and ONNX Runtime compute from the same
 * file (`fixtures/onnx-quantised/make.py`).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MemorySource } from '../../bytes/memory.ts';
import { AppError } from '../../errors.ts';
import { dequantise } from '../../tensors/schemes/dequantise.ts';
import type { VirtualTensor } from '../../tensors/schemes/scheme.ts';
import type { OpenArtifact } from '../format.ts';
import { onnx } from '../onnx.ts';

interface Expected {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly by: string;
  /** Little-endian float32, base64. */
  readonly f32: string;
}

const folder = join(import.meta.dirname, '../../../../fixtures/onnx-quantised');
const bytes = new Uint8Array(readFileSync(join(folder, 'good-quantised.onnx')));
const expected = JSON.parse(readFileSync(join(folder, 'values.json'), 'utf8')) as Record<string, Expected>;

let source: MemorySource;
let artifact: OpenArtifact;
let made: ReadonlyMap<string, VirtualTensor>;
beforeAll(async () => {
  source = new MemorySource('good-quantised.onnx', bytes);
  artifact = await onnx.open(source);
  made = new Map(artifact.made?.map((tensor) => [tensor.name, tensor]));
});

async function valuesOf(tensor: VirtualTensor): Promise<Uint32Array> {
  const entries = new Map(artifact.tensors.map((entry) => [entry.name, entry]));
  const all: number[] = [];
  await dequantise(
    tensor,
    entries,
    {
      stream(entry) {
        if (entry.storage.kind !== 'range') return artifact.payload!(entry);
        return source.stream(entry.storage.start, entry.storage.start + entry.byteLength);
      },
    },
    (tile) => all.push(...new Uint32Array(tile.buffer, tile.byteOffset, tile.length)),
  );
  return Uint32Array.from(all);
}

/** Bits of float32 values with one form of NaN. */
function bitsOf({ f32 }: Expected): Uint32Array {
  const raw = Buffer.from(f32, 'base64');
  const bits = new Uint32Array(raw.length / 4);
  for (let i = 0; i < bits.length; i++) {
    bits[i] = Number.isNaN(raw.readFloatLE(4 * i)) ? 0x7fc00000 : raw.readUInt32LE(4 * i);
  }
  return bits;
}

describe('weights that a graph makes', () => {
  it.each(Object.keys(expected))('%s has every bit of the reference', async (name) => {
    const row = expected[name]!;
    const tensor = made.get(name);
    expect(tensor).toMatchObject({ shape: row.shape });
    if (row.by.startsWith('onnx reference')) expect(tensor!.dtype).toBe(row.dtype);
    expect([...(await valuesOf(tensor!))]).toEqual([...bitsOf(row)]);
  });

  it('nothing else is made, and codes, scales and zero points are parts', () => {
    expect([...made.keys()].sort()).toEqual(Object.keys(expected).sort());
    const parts = new Set([...made.values()].flatMap((tensor) => tensor.parts));
    expect(artifact.tensors.map(({ name }) => name).filter((name) => !parts.has(name))).toEqual([]);
  });

  it('a changed byte in the graph makes other tensors, fewer, or a coded error: never a crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
        const changed = bytes.slice();
        changed[at] = value;
        const altered = new MemorySource('x.onnx', changed);
        try {
          const opened = await onnx.open(altered);
          const entries = new Map(opened.tensors.map((entry) => [entry.name, entry]));
          for (const tensor of opened.made ?? []) {
            const stream = (entry: (typeof opened.tensors)[number]) =>
              entry.storage.kind === 'range'
                ? altered.stream(entry.storage.start, entry.storage.start + entry.byteLength)
                : opened.payload!(entry);
            let count = 0;
            const source = { stream };
            await dequantise(tensor, entries, source, (tile) => (count += tile.length));
            expect(count).toBe(tensor.shape.reduce((n, d) => n * d, 1));
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.code).toMatch(/^(FORMAT|SOURCE)_/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
