/** Damage to files, for properties of the kind: any bytes give a model or a coded error, soon and within memory. */
import * as fc from 'fast-check';
import { MemorySource } from '../bytes/memory.ts';
import { AppError } from '../errors.ts';
import type { Format } from './format.ts';

/** Processor time any file may take, milliseconds: the clock says little on a busy machine. A hang takes minutes. */
const TIME_MAX = 2_000;
/** Payloads longer than this are not assembled: a small file that states a large tensor is legal. */
const PAYLOAD_MAX = 4 * 1024 * 1024;

type Damage = (bytes: Uint8Array) => Uint8Array;

const NUMBERS = [
  [0],
  [0xff],
  [0x7f],
  [0x80],
  [0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff],
  [0, 0, 0, 0x80],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0, 0, 0, 0, 0, 0, 0x10, 0],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
];

const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (share: number, length: number): number => Math.min(length, Math.floor(share * (length + 1)));

/** One to six of: flipped bytes, extreme numbers, cuts, repeats, moves, noise. */
export const damage: fc.Arbitrary<readonly Damage[]> = fc.array(
  fc.oneof(
    fc.tuple(place, fc.integer({ min: 0, max: 255 })).map(([share, value]): Damage => (bytes) => {
      const out = bytes.slice();
      if (out.length > 0) out[Math.min(at(share, out.length), out.length - 1)] = value;
      return out;
    }),
    fc.tuple(place, fc.constantFrom(...NUMBERS)).map(([share, number]): Damage => (bytes) => {
      const out = bytes.slice();
      const start = at(share, Math.max(0, out.length - number.length));
      number.forEach((byte, i) => {
        if (start + i < out.length) out[start + i] = byte;
      });
      return out;
    }),
    place.map(
      (share): Damage =>
        (bytes) =>
          bytes.slice(0, at(share, bytes.length)),
    ),
    fc.tuple(place, place).map(([from, to]): Damage => (bytes) => {
      const [a, b] = [at(Math.min(from, to), bytes.length), at(Math.max(from, to), bytes.length)];
      return concat(bytes.slice(0, a), bytes.slice(b));
    }),
    fc.tuple(place, place, place).map(([from, to, into]): Damage => (bytes) => {
      const [a, b] = [at(Math.min(from, to), bytes.length), at(Math.max(from, to), bytes.length)];
      const c = at(into, bytes.length);
      return concat(bytes.slice(0, c), bytes.slice(a, Math.min(b, a + 4096)), bytes.slice(c));
    }),
    fc.tuple(place, fc.uint8Array({ maxLength: 16 })).map(([share, noise]): Damage => (bytes) => {
      const c = at(share, bytes.length);
      return concat(bytes.slice(0, c), noise, bytes.slice(c));
    }),
  ),
  { minLength: 1, maxLength: 6 },
);

/** Opens damaged copies of `seeds` and reads what they offer. Fails on anything but a coded error, and on slowness. */
export async function expectSurvives(
  format: Format,
  seeds: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  runs: number,
): Promise<{ opened: number; refused: number }> {
  let opened = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...seeds), damage, async (seed, steps) => {
      const bytes = steps.reduce((now, step) => step(now), seed.bytes);
      const before = process.cpuUsage();
      try {
        const source = new MemorySource(seed.name, bytes);
        const artifact = await format.open(source);
        for (const tensor of artifact.tensors) {
          if (tensor.storage.kind === 'range' && tensor.storage.strides === undefined) {
            if (tensor.storage.start + tensor.byteLength > bytes.length)
              throw new Error(`${tensor.name} lies outside the file`);
          }
          if (tensor.storage.kind !== 'assembled' || tensor.byteLength > PAYLOAD_MAX) continue;
          let got = 0;
          for await (const chunk of artifact.payload!(tensor)) got += chunk.length;
          if (got !== tensor.byteLength)
            throw new Error(`${tensor.name}: ${got} bytes instead of ${tensor.byteLength}`);
        }
        opened += 1;
      } catch (error) {
        if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
        refused += 1;
      }
      const { user, system } = process.cpuUsage(before);
      const took = (user + system) / 1000;
      if (took > TIME_MAX) throw new Error(`took ${took} ms`);
    }),
    { numRuns: runs },
  );
  return { opened, refused };
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    out.set(part, filled);
    filled += part.length;
  }
  return out;
}
