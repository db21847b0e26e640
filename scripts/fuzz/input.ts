/** The n-th input of a parser: the same for the same words and the same seeds. */
import { makeZip } from '../../src/core/formats/zip/write.suite.ts';
import { hdf5Sums, npyLength, type Repair } from './repair.ts';
import { MUTANT_MAX, mutate } from './mutate.ts';
import { Random } from './random.ts';
import type { Seed } from './seed.ts';
import type { Target } from './target.ts';

export interface Feed {
  readonly target: Target;
  readonly seeds: readonly Seed[];
  readonly words: readonly Uint8Array[];
}

const encoder = new TextEncoder();

export function feedOf(target: Target, seeds: readonly Seed[]): Feed {
  const words = (target.words ?? []).map((word) => (typeof word === 'string' ? encoder.encode(word) : word));
  return { target, seeds, words };
}

/** @param index 0, 1, 2 … are the seeds as they are; everything after is changed */
export function inputAt({ target, seeds, words }: Feed, session: string, index: number): Uint8Array {
  if (index < seeds.length) return wrapped(target, seeds[index]!.bytes);
  const random = new Random(`${session}/${target.id}/${index}`);
  const seed = random.pick(seeds);
  const bytes = changed(random, seed, seeds, words, target.repair);
  // A changed wrapping is an input as well.
  if (target.wrap !== undefined && random.chance(0.15)) {
    const outer = { name: 'wrapped', bytes: target.wrap(seed.bytes) };
    return mutate(random, outer, [outer], words);
  }
  return wrapped(target, bytes);
}

function changed(
  random: Random,
  seed: Seed,
  others: readonly Seed[],
  words: readonly Uint8Array[],
  repair: Repair | undefined,
): Uint8Array {
  if (seed.parts !== undefined && random.chance(0.7)) return rewritten(random, seed, words);
  const bytes = mutate(random, seed, others, words);
  if (repair !== undefined && random.chance(0.75)) repair(bytes, seed);
  return bytes;
}

/** An archive written again around one or two changed entries, with right sums and lengths. */
function rewritten(random: Random, seed: Seed, words: readonly Uint8Array[]): Uint8Array {
  const parts = seed.parts!;
  const others = parts.map((part) => part.seed);
  const chosen = new Set([random.below(parts.length), ...(random.chance(0.3) ? [random.below(parts.length)] : [])]);
  const entries = parts.map((part, i) => {
    const data = chosen.has(i) ? changed(random, part.seed, others, words, repairOf(part.name)) : part.seed.bytes;
    return { name: part.name, data, deflate: part.deflate };
  });
  if (random.chance(0.03) && entries.length > 1) entries.splice(random.below(entries.length), 1);
  if (random.chance(0.03)) entries.push({ ...random.pick(entries), name: random.pick(entries).name });
  return makeZip(entries).subarray(0, MUTANT_MAX);
}

function repairOf(name: string): Repair | undefined {
  if (name.endsWith('.npy')) return npyLength;
  return name.endsWith('.h5') ? hdf5Sums : undefined;
}

function wrapped(target: Target, bytes: Uint8Array): Uint8Array {
  return target.wrap === undefined ? bytes : target.wrap(bytes);
}
