import type { Random } from './random.ts';
import type { Seed } from './seed.ts';

/** A change of bytes, which may write into them. `words`: pieces that mean something to the parser. */
export type Change = (
  random: Random,
  bytes: Uint8Array,
  seed: Seed,
  others: readonly Seed[],
  words: readonly Uint8Array[],
) => Uint8Array;
