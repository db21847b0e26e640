/** How fast bytes were read before, for the time estimates on the Plan screen. */

/** Bytes per second of earlier checks, by where the bytes came from. Nothing measured yet: careful guesses. */
export interface KnownRates {
  readonly local: number;
  readonly hub: number;
}

/** Measured in Chromium on two cores: 350 MB/s from a cached file. Networks: 100 Mbit/s. */
export const GUESSED_RATES: KnownRates = { local: 300e6, hub: 12e6 };

export function isKnownRates(value: unknown): value is KnownRates {
  if (typeof value !== 'object' || value === null) return false;
  const { local, hub } = value as Record<string, unknown>;
  return [local, hub].every((rate) => typeof rate === 'number' && rate > 0 && rate < 1e12);
}

/** Shorter runs measure starting up, not reading. */
const TELLING_BYTES = 64e6;

/** What is remembered after a run of `bytes` in `seconds`. */
export function learnRate(known: KnownRates, from: keyof KnownRates, bytes: number, seconds: number): KnownRates {
  if (bytes < TELLING_BYTES || seconds <= 0) return known;
  return { ...known, [from]: bytes / seconds };
}
