import { BLIND } from './changes-blind.ts';
import { BINARY } from './changes-fields.ts';
import { TEXT } from './changes-text.ts';
import type { Random } from './random.ts';
import { structureOf, type Seed } from './seed.ts';

/** Longer mutants are cut: what matters breaks early, and a run is about many inputs. */
export const MUTANT_MAX = 512 * 1024;

/** One to eight changes, more of the kind that fits the seed. */
export function mutate(random: Random, seed: Seed, others: readonly Seed[], words: readonly Uint8Array[]): Uint8Array {
  const { text } = structureOf(seed);
  const fitting = text ? TEXT : BINARY;
  let bytes = seed.bytes.slice();
  let changes = 1 + (random.chance(0.5) ? random.below(3) : 0) + (random.chance(0.1) ? random.below(6) : 0);
  for (; changes > 0; changes -= 1) {
    const change = random.chance(0.6) ? random.pick(fitting) : random.pick(BLIND);
    bytes = change(random, bytes, seed, others, words) as typeof bytes;
    if (bytes.length > MUTANT_MAX) bytes = bytes.subarray(0, MUTANT_MAX);
  }
  return bytes;
}
